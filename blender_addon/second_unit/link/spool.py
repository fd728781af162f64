# SPDX-License-Identifier: GPL-3.0-or-later
"""A captured shot on disk until the daemon has all of it: the request, and where each blob's file is."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from pathlib import Path

from ..protocol.disk import disk_errors
from ..protocol.errors import ErrorCode, SecondUnitError
from ..protocol.shot import BlobRef, ShotRequest

_REQUEST = "request.msgpack"
_FILES = "files.json"
_VARIATION = "variation_"


def save(folder: Path, request: ShotRequest, files: Mapping[str, Path]) -> None:
    """Writes the request and the table of its files (digest -> path). Raises SecondUnitError (DISK_FULL …)."""
    from ..protocol import codec

    with disk_errors(folder / _REQUEST):
        folder.mkdir(parents=True, exist_ok=True)
        (folder / _FILES).write_text(json.dumps({digest: str(path) for digest, path in files.items()}))
        (folder / _REQUEST).write_bytes(codec.pack(request))


def load(folder: Path) -> tuple[ShotRequest, dict[str, Path]]:
    """What :func:`save` wrote. Raises SecondUnitError(FILE_GONE) where it is not whole."""
    from ..protocol import codec

    try:
        request = codec.unpack(ShotRequest, (folder / _REQUEST).read_bytes())
        files = {digest: Path(path) for digest, path in json.loads((folder / _FILES).read_text()).items()}
    except (OSError, ValueError) as error:
        raise SecondUnitError(
            ErrorCode.FILE_GONE, f"The capture in {folder} is gone", remedy="Press Shoot again"
        ) from error
    return request, files


def paths_of(blobs: tuple[BlobRef, ...], files: Mapping[str, Path]) -> list[tuple[BlobRef, Path]]:
    """The files of these blobs. Raises SecondUnitError(FILE_GONE) if one is not among them or not on disk."""
    found = []
    for blob in blobs:
        path = files.get(blob.digest)
        if path is None or not path.is_file():
            raise SecondUnitError(
                ErrorCode.FILE_GONE, f"A captured file is gone ({path or blob.digest[:12]})", remedy="Press Shoot again"
            )
        found.append((blob, path))
    return found


def variation(folder: Path, number: int) -> Path:
    """Where the request of a variation is saved whose planes, like those of all the others, lie in ``folder``."""
    return folder / f"{_VARIATION}{number}"


def remove(folder: Path) -> None:
    """Deletes a capture; files that are in use stay. Planes that variations share go with the last of them."""
    shutil.rmtree(folder, ignore_errors=True)
    if folder.name.startswith(_VARIATION) and not any(folder.parent.glob(f"{_VARIATION}*")):
        shutil.rmtree(folder.parent, ignore_errors=True)
