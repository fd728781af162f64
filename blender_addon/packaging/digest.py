# SPDX-License-Identifier: GPL-3.0-or-later
"""One digest for a folder's names and bytes, to tell whether anything changed."""

from __future__ import annotations

import hashlib
from pathlib import Path


def tree_digest(folder: Path, *extra: str) -> str:
    """SHA-256 (first 16 hex digits) over every file's relative name and bytes, and over ``extra``."""
    total = hashlib.sha256("\0".join(extra).encode())
    for path in sorted(p for p in folder.rglob("*") if p.is_file()):
        total.update(path.relative_to(folder).as_posix().encode() + b"\0")
        total.update(hashlib.sha256(path.read_bytes()).digest())
    return total.hexdigest()[:16]
