# SPDX-License-Identifier: GPL-3.0-or-later
"""Blobs on their way out: the files that clients are reading from stay open between two chunks."""

from __future__ import annotations

from collections import OrderedDict
from typing import BinaryIO

from second_unit_protocol.disk import disk_errors
from second_unit_protocol.errors import ErrorCode, SecondUnitError

from ..blobs.store import BlobStore

MAX_OPEN = 16


class OpenFiles:
    """A small cache of open blobs, the least recently read closed first. Belongs to one thread."""

    def __init__(self, store: BlobStore):
        self._store = store
        self._open: OrderedDict[str, tuple[BinaryIO, int]] = OrderedDict()

    def read(self, digest: str, offset: int, length: int) -> tuple[bytes, int]:
        """Up to ``length`` bytes, and the size of the whole blob. Raises SecondUnitError(NO_SUCH_BLOB)."""
        file, size = self._file(digest)
        if offset > size:
            raise SecondUnitError(ErrorCode.BAD_REQUEST, f"Blob {digest[:12]} ends at byte {size}, before {offset}")
        with disk_errors(self._store.root):
            file.seek(offset)
            return file.read(length), size

    def close(self) -> None:
        """Closes all; a blob that is read again is opened again."""
        while self._open:
            self._open.popitem()[1][0].close()

    def _file(self, digest: str) -> tuple[BinaryIO, int]:
        if digest in self._open:
            self._open.move_to_end(digest)
            return self._open[digest]
        path = self._store.find(digest)
        if path is None:
            raise SecondUnitError(ErrorCode.NO_SUCH_BLOB, f"The daemon does not have the blob {digest[:12]}")
        with disk_errors(path):
            self._open[digest] = (path.open("rb", buffering=0), path.stat().st_size)
        if len(self._open) > MAX_OPEN:
            self._open.popitem(last=False)[1][0].close()
        return self._open[digest]
