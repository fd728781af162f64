# SPDX-License-Identifier: GPL-3.0-or-later
"""Content addresses: a blob is named by the SHA-256 of its bytes, so a name can be checked and never goes stale."""

from __future__ import annotations

import hashlib
from pathlib import Path

from .disk import disk_errors
from .shot import BlobRef

READ_BYTES = 1 << 20


def blob_of_bytes(content: bytes | memoryview) -> BlobRef:
    """Content address of bytes in memory."""
    return BlobRef(hashlib.sha256(content).hexdigest(), len(content))


def blob_of_file(path: Path) -> BlobRef:
    """Content address of a file, read in pieces. Raises SecondUnitError (FILE_GONE, NOT_WRITABLE …)."""
    digest, size = hashlib.sha256(), 0
    with disk_errors(path), path.open("rb", buffering=0) as file:
        while piece := file.read(READ_BYTES):
            digest.update(piece)
            size += len(piece)
    return BlobRef(digest.hexdigest(), size)
