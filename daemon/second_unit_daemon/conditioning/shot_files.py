# SPDX-License-Identifier: GPL-3.0-or-later
"""A shot as a folder: the request, and each blob that it names as a file called by its digest.

``shot.msgpack`` is the request as it travels (protocol.md, ``shot-request``), ``blobs/DIGEST`` the bytes.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

from second_unit_protocol.codec import pack, unpack
from second_unit_protocol.disk import disk_error, disk_errors, write_private
from second_unit_protocol.errors import ErrorCode, SecondUnitError
from second_unit_protocol.shot import BlobRef, ShotRequest

from .shot_data import BlobPath, ShotData

REQUEST = "shot.msgpack"
BLOBS = "blobs"


def save_shot(request: ShotRequest, blob_path: BlobPath, folder: Path) -> Path:
    """Writes a shot into ``folder``, the request last, so that a folder with one is whole. Returns ``folder``.

    Blobs that are there already are kept. Raises SecondUnitError (NO_SUCH_BLOB, DISK_FULL, NOT_WRITABLE).
    """
    with disk_errors(folder):
        (folder / BLOBS).mkdir(parents=True, exist_ok=True)
    for ref in request.blobs():
        place = folder / BLOBS / ref.digest
        if not _whole(place, ref):
            _copy(blob_path(ref), place)
    write_private(folder / REQUEST, pack(request))
    return folder


def is_shot(folder: Path) -> bool:
    """Whether a folder (or the request's file in it) is a saved shot."""
    return (_folder(folder) / REQUEST).is_file()


def load_shot(folder: Path) -> ShotData:
    """A saved shot. Raises SecondUnitError where it is none, or where a blob is missing."""
    folder = _folder(folder)
    if not is_shot(folder):
        cause = f"{folder} holds no {REQUEST}"
        raise SecondUnitError(ErrorCode.FILE_GONE, cause, remedy="Name a folder that second-unit export wrote")
    with disk_errors(folder / REQUEST):
        packed = (folder / REQUEST).read_bytes()
    request = unpack(ShotRequest, packed)

    def blob_path(ref: BlobRef) -> Path:
        place = folder / BLOBS / ref.digest
        if not _whole(place, ref):
            remedy = "Export the shot again"
            cause = f"{place.name[:12]} is missing from {place.parent}, or cut short"
            raise SecondUnitError(ErrorCode.NO_SUCH_BLOB, cause, shot=request.shot_name, remedy=remedy)
        return place

    for ref in request.blobs():
        blob_path(ref)
    return ShotData(request, blob_path)


def _folder(path: Path) -> Path:
    return path.parent if path.name == REQUEST else path


def _whole(place: Path, ref: BlobRef) -> bool:
    try:
        return place.stat().st_size == ref.size
    except OSError:
        return False


def _copy(source: Path, place: Path) -> None:
    handle, name = tempfile.mkstemp(dir=place.parent)
    try:
        with os.fdopen(handle, "wb") as target, source.open("rb") as origin:
            shutil.copyfileobj(origin, target, 1 << 20)
        os.replace(name, place)
    except OSError as error:
        Path(name).unlink(missing_ok=True)
        raise disk_error(error, place) from error
