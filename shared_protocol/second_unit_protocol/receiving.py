# SPDX-License-Identifier: GPL-3.0-or-later
"""One download transfer: a blob fetched in chunks to a temporary file, verified, then put in place whole."""

from __future__ import annotations

import hashlib
import os
import uuid
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

from .bulk import Asker, BulkLink
from .codec import Buffer
from .disk import disk_errors
from .errors import ErrorCode, SecondUnitError
from .messages import CHUNK_BYTES, CREDIT_CHUNKS, Chunk, ErrorReply, GetChunk
from .shot import BlobRef

WINDOW = CREDIT_CHUNKS * CHUNK_BYTES


class Download(Asker):
    """Fetches one blob to ``path``. ``finished`` once it lies there; failures raise SecondUnitError."""

    def __init__(self, ref: BlobRef, path: Path):
        self._ref = ref
        self._path = path
        self._temporary: Path | None = None
        self._file: BinaryIO | None = None
        self._asked = self._received = 0
        self._asked_once = False
        self.finished = False

    @property
    def total_bytes(self) -> int:
        return self._ref.size

    @property
    def done_bytes(self) -> int:
        return self._received

    def start(self) -> None:
        """Starts, or starts again on a new connection. Raises SecondUnitError (DISK_FULL, NOT_WRITABLE …)."""
        self.abandon()
        self._asked = self._received = 0
        self._asked_once = False
        self._digest = hashlib.sha256()
        with disk_errors(self._path):
            self._path.parent.mkdir(parents=True, exist_ok=True)
            # Not mkstemp, whose files only their owner may read: a take may lie on a disk that a studio shares.
            temporary = self._path.with_name(f".{self._path.name}.{uuid.uuid4().hex[:8]}.part")
            self._file = temporary.open("xb", buffering=0)
            self._temporary = temporary

    def abandon(self) -> None:
        """Removes the temporary file."""
        if self._file is not None:
            with suppress(OSError):
                self._file.close()
        if self._temporary is not None:
            with suppress(OSError):
                self._temporary.unlink()
        self._file = self._temporary = None

    def pump(self, link: BulkLink) -> bool:
        """Asks for the next chunks; True where the socket was busy and there is more."""
        while not self._asked_once or (self._asked < self._ref.size and self._asked - self._received < WINDOW):
            length = min(CHUNK_BYTES, self._ref.size - self._asked)
            request = GetChunk(self._ref.digest, self._asked, length)
            if not link.ask(self, request, self._on_chunk):
                return True
            self._asked += length
            self._asked_once = True
        return False

    def _on_chunk(self, message: object, payload: Buffer | None) -> None:
        if self._file is None:
            return
        if isinstance(message, ErrorReply):
            raise SecondUnitError.from_info(message.error)
        if not isinstance(message, Chunk) or payload is None:
            raise SecondUnitError(ErrorCode.BAD_MESSAGE, "The daemon did not answer with a chunk")
        if message.offset != self._received or message.size != self._ref.size:
            raise self._corrupt()
        with disk_errors(self._path):
            view = memoryview(payload)
            while view:
                view = view[self._file.write(view) :]
        self._digest.update(payload)
        self._received += len(payload)
        if self._received == self._ref.size:
            self._finish()
        elif not len(payload):
            raise self._corrupt()

    def _finish(self) -> None:
        if self._digest.hexdigest() != self._ref.digest:
            raise self._corrupt()
        assert self._file is not None and self._temporary is not None
        with disk_errors(self._path):
            os.fsync(self._file.fileno())
            self._file.close()
            os.replace(self._temporary, self._path)
        self._file = self._temporary = None
        self.finished = True

    def _corrupt(self) -> SecondUnitError:
        return SecondUnitError(ErrorCode.BLOB_CORRUPT, f"{self._path.name} did not arrive as the daemon keeps it")
