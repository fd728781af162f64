# SPDX-License-Identifier: GPL-3.0-or-later
"""Bulk messages, on a socket and a thread of their own: hashing and disk never hold up the control loop."""

from __future__ import annotations

import itertools
import logging
import threading
import time
from collections.abc import Callable, Sequence

import zmq
from second_unit_protocol.codec import Buffer, DecodeError, decode, encode, header_of
from second_unit_protocol.errors import ErrorCode, SecondUnitError
from second_unit_protocol.mailbox import Mailbox
from second_unit_protocol.messages import (
    CREDIT_CHUNKS,
    MIN_PROTOCOL_VERSION,
    PROTOCOL_VERSION,
    Chunk,
    ErrorReply,
    GetChunk,
    HaveBlobs,
    Header,
    MissingBlobs,
    PutBlob,
    PutChunk,
)
from second_unit_protocol.shot import BlobRef

from ..blobs.store import BlobStore
from .auth import make_router, owner_of
from .downloads import OpenFiles
from .keys import Keys
from .outbox import RETRY_MS, Outbox
from .uploads import Uploads

log = logging.getLogger(__name__)

BATCH = 32
HIGH_WATER = 4 * CREDIT_CHUNKS  # messages a client; TCP then holds it back
TIDY_MS = 5000


class BulkServer:
    """Takes blobs in and gives them out. ``on_blob`` is called on the bulk thread when one is whole."""

    def __init__(self, context: zmq.Context, keys: Keys, store: BlobStore, on_blob: Callable[[BlobRef], None]):
        self.socket = make_router(context, keys, HIGH_WATER)
        self._store = store
        self._files = OpenFiles(store)
        self._uploads = Uploads(store, self._send, on_blob)
        self._outbox = Outbox(self.socket, self._uploads.forget)
        self._ids = itertools.count(1)
        self._stop: Mailbox[None] = Mailbox()
        self._thread = threading.Thread(target=self._run, name="bulk", daemon=True)

    def start(self) -> None:
        self._store.clear_partial()
        self._thread.start()

    def stop(self) -> None:
        """Closes the socket, from the loop's thread; open uploads are given up."""
        if self._thread.is_alive():
            self._stop.put(None)
            self._thread.join()
        else:
            self.socket.close(0)
        self._stop.close()

    def _run(self) -> None:
        poller = zmq.Poller()
        poller.register(self.socket, zmq.POLLIN)
        poller.register(self._stop.fileno(), zmq.POLLIN)
        tidied = time.monotonic()
        while self._stop.fileno() not in (ready := dict(poller.poll(RETRY_MS if self._outbox.busy else TIDY_MS))):
            if self.socket in ready:
                self._handle_batch()
            self._outbox.flush()
            if (now := time.monotonic()) - tidied > TIDY_MS / 1000:
                tidied = now
                self._uploads.forget_idle(now)
                self._files.close()
        self._uploads.close()
        self._files.close()
        self.socket.close(0)

    def _handle_batch(self) -> None:
        for _ in range(BATCH):
            try:
                frames = self.socket.recv_multipart(zmq.NOBLOCK, copy=False)
            except zmq.Again:
                return
            self._handle(frames)

    def _handle(self, frames: Sequence[zmq.Frame]) -> None:
        peer, owner = frames[0].bytes, owner_of(frames[-1])
        parent = ""
        try:
            header, message, payload = decode([frame.buffer for frame in frames[1:]])
            parent = header.id
            self._dispatch(peer, header, message, payload)
        except DecodeError as error:
            log.warning("A bulk message of client %s was refused: %s", owner[:8], error.info.cause)
            self._send(peer, error.header.id if error.header else "", ErrorReply(error.info))
        except SecondUnitError as error:
            self._send(peer, parent, ErrorReply(error.info))
        except Exception as error:
            log.exception("A bulk message failed")
            cause = f"The daemon could not move data ({type(error).__name__}: {error})"
            self._send(peer, parent, ErrorReply(SecondUnitError(ErrorCode.INTERNAL, cause[:500]).info))

    def _dispatch(self, peer: bytes, header: Header, message: object, payload: Buffer | None) -> None:
        if not MIN_PROTOCOL_VERSION <= header.version <= PROTOCOL_VERSION:
            raise SecondUnitError(ErrorCode.VERSION_MISMATCH, f"This daemon does not speak protocol {header.version}")
        match message:
            case PutChunk() if payload is not None:
                self._uploads.take(peer, header, message, payload)
            case GetChunk(digest, offset, length):
                piece, size = self._files.read(digest, offset, length)
                self._send(peer, header.id, Chunk(digest, offset, size), piece)
            case PutBlob(blob):
                self._uploads.begin(peer, header, blob)
            case HaveBlobs(blobs):
                self._send(peer, header.id, MissingBlobs(self._store.missing(blobs)))
            case _:
                raise SecondUnitError(ErrorCode.BAD_MESSAGE, f"The bulk socket does not take {header.kind}")

    def _send(self, peer: bytes, parent: str, message: object, payload: Buffer | None = None) -> None:
        self._outbox.reply(peer, encode(header_of(message, f"b{next(self._ids)}", parent), message, payload))
