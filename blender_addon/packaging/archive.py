# SPDX-License-Identifier: GPL-3.0-or-later
"""Zips with the same bytes for the same files: sorted names, one fixed time, no permissions of the build machine."""

from __future__ import annotations

import zipfile
from pathlib import Path

FIXED_TIME = (1980, 1, 1, 0, 0, 0)  # the first moment that a zip can name


def write_zip(folder: Path, target: Path) -> None:
    """Packs every file under ``folder`` (names relative to it) into ``target``."""
    files = sorted(
        (path for path in folder.rglob("*") if path.is_file()), key=lambda p: p.relative_to(folder).as_posix()
    )
    target.parent.mkdir(parents=True, exist_ok=True)
    partial = target.with_name(target.name + ".part")
    with zipfile.ZipFile(partial, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for path in files:
            entry = zipfile.ZipInfo(path.relative_to(folder).as_posix(), FIXED_TIME)
            entry.create_system = 3
            entry.external_attr = 0o644 << 16
            # A wheel is a zip already.
            entry.compress_type = zipfile.ZIP_STORED if path.suffix == ".whl" else zipfile.ZIP_DEFLATED
            archive.writestr(entry, path.read_bytes(), entry.compress_type, 9)
    partial.replace(target)
