# SPDX-License-Identifier: GPL-3.0-or-later
"""One upload transfer: many blobs, several of them open at a time, each within the daemon's credit."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import BinaryIO, cast

from .bulk import Asker, BulkLink
from .disk import disk_errors
from .errors import ErrorCode, SecondUnitError
from .late import define
from .messages import (
    CHUNK_BYTES,
    MAX_ITEMS,
    ErrorReply,
    HaveBlobs,
    MissingBlobs,
    PutBlob,
    PutChunk,
    PutCredit,
    PutDone,
)
from .shot import BlobRef

OPEN_BLOBS = 8

Blobs = Mapping[str, Path] | Iterable[tuple[BlobRef, Path]]


@define
class _Sending:
    ref: BlobRef
    file: BinaryIO
    read: int = 0
    upto: int = 0
    received: int = 0
    held: tuple[PutChunk, bytes] | None = None  # read, but the socket was busy


class Upload(Asker):
    """Sends the blobs that the daemon lacks. ``finished`` when all are there; failures raise SecondUnitError."""

    def __init__(self, blobs: Blobs):
        self._blobs = blobs
        self._paths: dict[BlobRef, Path] = {}
        self._open: dict[str, _Sending] = {}
        self._begin_again()

    def _begin_again(self) -> None:
        self._unasked: deque[BlobRef] = deque(self._paths)
        self._missing: deque[BlobRef] = deque()
        self._settled: set[BlobRef] = set()
        self._settled_bytes = 0

    @property
    def total_bytes(self) -> int:
        return sum(ref.size for ref in self._paths)

    @property
    def done_bytes(self) -> int:
        return self._settled_bytes + sum(sending.received for sending in self._open.values())

    @property
    def finished(self) -> bool:
        return len(self._settled) == len(self._paths)

    def start(self) -> None:
        """Starts, or starts again on a new connection; blobs that arrived before are not sent again."""
        self.abandon()
        if not self._paths:
            self._paths = _paths_of(self._blobs)
        self._begin_again()

    def abandon(self) -> None:
        """Closes the files."""
        while self._open:
            self._open.popitem()[1].file.close()

    def pump(self, link: BulkLink) -> bool:
        """Sends what may be sent now; True where the socket was busy and there is more."""
        while self._unasked:
            batch = tuple(self._unasked[i] for i in range(min(MAX_ITEMS, len(self._unasked))))
            if not link.ask(self, HaveBlobs(batch), lambda m, _, batch=batch: self._on_have(m, batch)):
                return True
            for _ in batch:
                self._unasked.popleft()
        while self._missing and len(self._open) < OPEN_BLOBS:
            ref = self._missing[0]
            if ref.digest not in self._open:
                self._open[ref.digest] = _Sending(ref, self._open_file(ref))
            if not link.ask(self, PutBlob(ref), lambda m, _, ref=ref: self._on_put(m, ref)):
                self._open.pop(ref.digest).file.close()
                return True
            self._missing.popleft()
        return any(self._send_chunks(link, sending) for sending in list(self._open.values()))

    def _send_chunks(self, link: BulkLink, sending: _Sending) -> bool:
        while sending.held or sending.read < sending.upto:
            sending.held = sending.held or self._read(sending)
            if not link.tell(*sending.held):
                return True
            sending.held = None
        return False

    def _read(self, sending: _Sending) -> tuple[PutChunk, bytes]:
        path, offset = self._paths[sending.ref], sending.read
        with disk_errors(path):
            piece = sending.file.read(min(CHUNK_BYTES, sending.upto - offset))
        if not piece:
            raise SecondUnitError(ErrorCode.BLOB_CORRUPT, f"{path} has become shorter while it was sent")
        sending.read += len(piece)
        return PutChunk(sending.ref.digest, offset), piece

    def _open_file(self, ref: BlobRef) -> BinaryIO:
        with disk_errors(self._paths[ref]):
            return self._paths[ref].open("rb", buffering=0)

    def _on_have(self, message: object, asked: tuple[BlobRef, ...]) -> None:
        _raise_error(message)
        assert isinstance(message, MissingBlobs)
        lacking = set(message.blobs)
        for ref in asked:
            if ref in lacking:
                self._missing.append(ref)
            else:
                self._settle(ref)

    def _on_put(self, message: object, ref: BlobRef) -> None:
        _raise_error(message)
        sending = self._open.get(ref.digest)
        if isinstance(message, PutCredit) and sending is not None:
            sending.received, sending.upto = message.received, min(message.upto, ref.size)
        elif isinstance(message, PutDone):
            if sending is not None:
                self._open.pop(ref.digest).file.close()
            self._settle(ref)

    def _settle(self, ref: BlobRef) -> None:
        if ref not in self._settled:
            self._settled.add(ref)
            self._settled_bytes += ref.size


def _paths_of(blobs: Blobs) -> dict[BlobRef, Path]:
    if not isinstance(blobs, Mapping):
        return {ref: Path(path) for ref, path in blobs}
    found: dict[BlobRef, Path] = {}
    for digest, path in cast("Mapping[str, Path]", blobs).items():
        with disk_errors(Path(path)):
            found[BlobRef(digest, Path(path).stat().st_size)] = Path(path)
    return found


def _raise_error(message: object) -> None:
    if isinstance(message, ErrorReply):
        raise SecondUnitError.from_info(message.error)
