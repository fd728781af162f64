# SPDX-License-Identifier: GPL-3.0-or-later
"""Blobs on their way in: credit bounds what is in flight, a digest decides what is kept."""

from __future__ import annotations

import time
from collections.abc import Callable

from attrs import define
from second_unit_protocol.codec import Buffer
from second_unit_protocol.errors import ErrorCode, SecondUnitError
from second_unit_protocol.messages import (
    CHUNK_BYTES,
    CREDIT_CHUNKS,
    MAX_BLOB_BYTES,
    MAX_OPEN_UPLOADS,
    ErrorReply,
    Header,
    PutChunk,
    PutCredit,
    PutDone,
)
from second_unit_protocol.shot import BlobRef

from ..blobs.store import BlobStore, BlobWriter

IDLE_S = 60.0
WINDOW = CREDIT_CHUNKS * CHUNK_BYTES
RENEW = WINDOW // 4  # credit is renewed once this much of it is used

Send = Callable[[bytes, str, object], None]


@define
class _Upload:
    writer: BlobWriter
    request: str  # id of the PutBlob, parent of all that is said about this upload
    upto: int
    seen: float


class Uploads:
    """Open uploads of all sessions. Two sessions may send the same blob at once; either may finish first."""

    def __init__(self, store: BlobStore, send: Send, on_blob: Callable[[BlobRef], None]):
        self._store = store
        self._send = send
        self._on_blob = on_blob
        self._open: dict[tuple[bytes, str], _Upload] = {}

    def begin(self, peer: bytes, header: Header, ref: BlobRef) -> None:
        """Opens an upload, anew where it was open. Raises SecondUnitError (TOO_LARGE, DISK_FULL …)."""
        if ref.size > MAX_BLOB_BYTES:
            raise SecondUnitError(
                ErrorCode.TOO_LARGE, f"A blob of {ref.size} bytes, where {MAX_BLOB_BYTES} are allowed"
            )
        if (old := self._open.pop((peer, ref.digest), None)) is not None:
            old.writer.abort()
        if not self._store.missing((ref,)):
            self._send(peer, header.id, PutDone(ref.digest))
            return
        if sum(key[0] == peer for key in self._open) >= MAX_OPEN_UPLOADS:
            raise SecondUnitError(ErrorCode.BAD_REQUEST, f"More than {MAX_OPEN_UPLOADS} uploads are open at once")
        upload = _Upload(self._store.begin(ref), header.id, min(WINDOW, ref.size), time.monotonic())
        self._open[peer, ref.digest] = upload
        if ref.size == 0:
            self._finish(peer, upload)
        else:
            self._send(peer, header.id, PutCredit(ref.digest, 0, upload.upto))

    def take(self, peer: bytes, header: Header, chunk: PutChunk, payload: Buffer) -> None:
        """Adds a chunk. What goes wrong with an open upload is said to its PutBlob, and closes it."""
        upload = self._open.get((peer, chunk.digest))
        if upload is None:
            raise SecondUnitError(ErrorCode.NO_SUCH_BLOB, f"No upload of {chunk.digest[:12]} is open")
        try:
            self._add(peer, upload, chunk, payload)
        except SecondUnitError as error:
            self._close(peer, upload)
            self._send(peer, upload.request, ErrorReply(error.info))

    def forget(self, peer: bytes) -> None:
        """Gives up the uploads of a session that has gone."""
        for key in [key for key in self._open if key[0] == peer]:
            self._open.pop(key).writer.abort()

    def forget_idle(self, now: float) -> None:
        """Gives up uploads that nothing has come for, and says so: their clients may only have slept."""
        for (peer, _), upload in list(self._open.items()):
            if now - upload.seen > IDLE_S:
                self._close(peer, upload)
                cause = f"No data came for {IDLE_S:.0f} seconds, and the upload was given up"
                self._send(peer, upload.request, ErrorReply(SecondUnitError(ErrorCode.TIMEOUT, cause).info))

    def close(self) -> None:
        while self._open:
            self._open.popitem()[1].writer.abort()

    def _add(self, peer: bytes, upload: _Upload, chunk: PutChunk, payload: Buffer) -> None:
        writer = upload.writer
        if chunk.offset != writer.received or not len(payload) or writer.received + len(payload) > upload.upto:
            cause = (
                f"Blob {chunk.digest[:12]}: {len(payload)} bytes at {chunk.offset} are out of order or without credit"
            )
            raise SecondUnitError(ErrorCode.BAD_MESSAGE, cause)
        writer.write(payload)
        upload.seen = time.monotonic()
        if writer.received == writer.ref.size:
            self._finish(peer, upload)
        elif upload.upto < writer.ref.size and writer.received + WINDOW - upload.upto >= RENEW:
            upload.upto = min(writer.received + WINDOW, writer.ref.size)
            self._send(peer, upload.request, PutCredit(chunk.digest, writer.received, upload.upto))

    def _finish(self, peer: bytes, upload: _Upload) -> None:
        upload.writer.finish()
        del self._open[peer, upload.writer.ref.digest]
        self._send(peer, upload.request, PutDone(upload.writer.ref.digest))
        self._on_blob(upload.writer.ref)

    def _close(self, peer: bytes, upload: _Upload) -> None:
        upload.writer.abort()
        self._open.pop((peer, upload.writer.ref.digest), None)
