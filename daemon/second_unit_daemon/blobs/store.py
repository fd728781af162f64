# SPDX-License-Identifier: GPL-3.0-or-later
"""The daemon's blobs on disk, one file each, named by content. A blob is there whole or not at all.

What is adopted (results, of which there is no other copy) is fsynced first. What is uploaded is not, because that would
halve the speed: what a power cut spoils of it is found when a worker reads it, discarded, and sent again by its client.
"""

from __future__ import annotations

import errno
import hashlib
import os
import re
import shutil
import tempfile
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

from attrs import frozen
from second_unit_protocol.blobs import blob_of_file
from second_unit_protocol.disk import disk_error, disk_errors
from second_unit_protocol.errors import ErrorCode, SecondUnitError
from second_unit_protocol.shot import DIGEST, BlobRef

HASHER = ThreadPoolExecutor(1, "blob-hash")  # a piece is hashed while it is written and the next one received
SPARE_BYTES = 64 << 20  # never fill the user's disk to the last byte


@frozen
class StoredBlob:
    """A blob on disk; ``used`` is when it was last asked for, in Unix seconds."""

    digest: str
    size: int
    used: float


class BlobStore:
    """Safe to use from several threads and processes: files appear by rename and are never changed after that."""

    def __init__(self, root: Path):
        """Makes ``root`` where it is missing. Raises SecondUnitError."""
        self.root = root
        self._partial = root / "partial"
        with disk_errors(root):
            self._partial.mkdir(parents=True, exist_ok=True)

    def path(self, ref: BlobRef) -> Path:
        """Where the blob lies. Raises SecondUnitError(NO_SUCH_BLOB)."""
        if not self.has(ref):
            raise SecondUnitError(ErrorCode.NO_SUCH_BLOB, f"The daemon does not have the blob {ref.digest[:12]}")
        return self._place(ref.digest)

    def has(self, ref: BlobRef) -> bool:
        """Whether the whole blob is here; a file that a power cut left short does not count."""
        try:
            return self._place(ref.digest).stat().st_size == ref.size
        except OSError:
            return False

    def find(self, digest: str) -> Path | None:
        """Where a blob of unknown size lies, or None."""
        if not re.fullmatch(DIGEST, digest):
            return None
        place = self._place(digest)
        return place if place.is_file() else None

    def missing(self, refs: Iterable[BlobRef]) -> tuple[BlobRef, ...]:
        """Those that are not here. The others count as used now, so that no collection takes them from their asker."""
        lacking = []
        for ref in refs:
            if self.has(ref):
                with suppress(OSError):
                    os.utime(self._place(ref.digest))
            else:
                lacking.append(ref)
        return tuple(lacking)

    def begin(self, ref: BlobRef) -> BlobWriter:
        """Starts taking in a blob. Raises SecondUnitError(DISK_FULL) where it has no room."""
        with disk_errors(self._partial / ref.digest):
            if shutil.disk_usage(self._partial).free < ref.size + SPARE_BYTES:
                cause = f"The disk that holds {self.root} has no room for {ref.size} bytes"
                raise SecondUnitError(ErrorCode.DISK_FULL, cause)
            return BlobWriter(ref, self._partial, self._place(ref.digest))

    def adopt(self, path: Path) -> BlobRef:
        """Moves a file into the store. Raises SecondUnitError."""
        ref = blob_of_file(path)
        place = self._place(ref.digest)
        with disk_errors(place):
            place.parent.mkdir(exist_ok=True)
            with path.open("rb+") as file:
                os.fsync(file.fileno())
            try:
                _replace(path, place)
            except OSError as error:
                if error.errno != errno.EXDEV:
                    raise
                self._copy_in(path, place)
                path.unlink()
            os.utime(place)
            return ref

    def discard_corrupt(self, refs: Iterable[BlobRef]) -> tuple[BlobRef, ...]:
        """Deletes those whose bytes are not what their name says, and returns them; they can then be sent again.

        Reads every blob whole: not for a thread that others wait for.
        """
        corrupt = []
        for ref in refs:
            place = self._place(ref.digest)
            try:
                if blob_of_file(place) == ref:
                    continue
                place.unlink()
            except (SecondUnitError, OSError):
                continue  # it is not there, or cannot be read or deleted; who needs it is told that
            corrupt.append(ref)
        return tuple(corrupt)

    def clear_partial(self) -> None:
        """Removes what interrupted uploads left. Call it while no upload is open."""
        for leftover in self._partial.iterdir():
            with suppress(OSError):
                leftover.unlink()

    def stored(self) -> Iterator[StoredBlob]:
        """Every blob on disk, in no order."""
        for folder in self.root.iterdir():
            if len(folder.name) != 2:
                continue
            for place in folder.iterdir():
                with suppress(OSError):
                    facts = place.stat()
                    yield StoredBlob(place.name, facts.st_size, facts.st_mtime)

    def collect(self, keep: set[str], older_than_s: float, quota_bytes: int | None = None) -> int:
        """Deletes blobs that no digest in ``keep`` names, and returns the bytes freed.

        Deletes those that nobody has asked for in ``older_than_s`` seconds; where the rest is still more than
        ``quota_bytes``, also the longest unused of those that nobody asked for in the last minute.
        """
        now, blobs = time.time(), sorted(self.stored(), key=lambda b: b.used)
        total, freed = sum(b.size for b in blobs), 0
        for blob in blobs:
            over = quota_bytes is not None and total - freed > quota_bytes
            age = min(older_than_s, 60.0) if over else older_than_s
            if blob.digest not in keep and now - blob.used > age:
                with suppress(OSError):
                    place = self._place(blob.digest)
                    if place.stat().st_mtime == blob.used:  # else somebody has asked for it meanwhile
                        place.unlink()
                        freed += blob.size
        return freed

    def _place(self, digest: str) -> Path:
        return self.root / digest[:2] / digest

    def _copy_in(self, path: Path, place: Path) -> None:
        handle, name = tempfile.mkstemp(dir=self._partial)
        try:
            with os.fdopen(handle, "wb") as target, path.open("rb") as source:
                shutil.copyfileobj(source, target, 1 << 20)
                target.flush()
                os.fsync(target.fileno())
            _replace(Path(name), place)
        except OSError:
            with suppress(OSError):
                os.unlink(name)
            raise


class BlobWriter:
    """A blob on its way in: hashed while it is written, put in place only when size and digest are right."""

    def __init__(self, ref: BlobRef, folder: Path, place: Path):
        self.ref = ref
        self.received = 0
        self._place = place
        self._digest = hashlib.sha256()
        self._hashing: Future[None] | None = None
        handle, name = tempfile.mkstemp(prefix=ref.digest[:12] + "-", dir=folder)
        self._path = Path(name)
        self._file = os.fdopen(handle, "wb", buffering=0)

    def write(self, piece: bytes | memoryview) -> None:
        """Adds the next bytes. Raises SecondUnitError and gives the upload up where they are too many or do not fit."""
        if self.received + len(piece) > self.ref.size:
            self.abort()
            raise SecondUnitError(ErrorCode.BLOB_CORRUPT, f"Blob {self.ref.digest[:12]} is larger than announced")
        self._hashed()
        self._hashing = HASHER.submit(self._digest.update, piece)
        try:
            view = memoryview(piece)
            while view:
                view = view[self._file.write(view) :]
        except OSError as error:
            self.abort()
            raise disk_error(error, self._path) from error
        self.received += len(piece)

    def finish(self) -> None:
        """Puts the blob in place. Raises SecondUnitError(BLOB_CORRUPT) where the bytes are not the announced ones."""
        self._hashed()
        if self.received != self.ref.size or self._digest.hexdigest() != self.ref.digest:
            self.abort()
            raise SecondUnitError(ErrorCode.BLOB_CORRUPT, f"Blob {self.ref.digest[:12]} did not arrive as it was sent")
        try:
            self._file.close()
            self._place.parent.mkdir(exist_ok=True)
            _replace(self._path, self._place)
        except OSError as error:
            self.abort()
            raise disk_error(error, self._place) from error

    def abort(self) -> None:
        """Gives the upload up and removes what arrived. May be called twice."""
        with suppress(OSError):
            self._file.close()
        with suppress(OSError):
            self._path.unlink()

    def _hashed(self) -> None:
        """Waits until all that was written is in the digest; so one piece at most is ahead of it."""
        if self._hashing is not None:
            self._hashing.result()
            self._hashing = None


def _replace(path: Path, place: Path) -> None:
    try:
        os.replace(path, place)
    except PermissionError:
        if not place.is_file():
            raise
        path.unlink()  # Windows replaces no file that somebody reads; it has the same bytes by its name
