# SPDX-License-Identifier: GPL-3.0-or-later
"""Packs, hashes and writes captured planes in a thread of its own, beside the capture; it touches no bpy."""

from __future__ import annotations

import hashlib
import queue
import shutil
import threading
from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ..protocol.disk import disk_error, disk_errors
from ..protocol.errors import ErrorCode, SecondUnitError
from ..protocol.planes import lane_count, pack_lanes
from ..protocol.shot import BlobRef
from .base import Drawing

WAITING = 3  # drawings that may wait to be written: each is held in memory
_MARGIN_BYTES = 64 << 20
_Make = Callable[[], Iterable[tuple[tuple, bytes]]]  # gives (label, content) of what is to be written


class SpoolWriter:
    """Writes blobs into a folder, named by digest; ``refs`` has what each label became."""

    def __init__(self, folder: Path):
        self.folder = folder
        self.refs: dict[tuple, BlobRef] = {}
        self.files: dict[str, Path] = {}
        self._linked: set[str] = set()  # files of the artist's own
        self._error: SecondUnitError | None = None
        self._queue: queue.Queue[_Make | None] = queue.Queue(WAITING)
        self._thread = threading.Thread(target=self._run, name="second-unit-spool", daemon=True)

    def start(self, expected_bytes: int) -> None:
        """Raises SecondUnitError NOT_WRITABLE, or DISK_FULL where that much will not fit."""
        with disk_errors(self.folder):
            self.folder.mkdir(parents=True, exist_ok=True)
            free = shutil.disk_usage(self.folder).free
        if free < expected_bytes + _MARGIN_BYTES:
            raise SecondUnitError(
                ErrorCode.DISK_FULL,
                f"The capture needs up to {_megabytes(expected_bytes + _MARGIN_BYTES)} and the disk that holds "
                f"{self.folder} has {_megabytes(free)} left",
            )
        self._thread.start()

    @property
    def busy(self) -> bool:
        """Whether another drawing would have to wait. Raises what went wrong in the thread."""
        self.check()
        return self._queue.full()

    @property
    def idle(self) -> bool:
        """Whether all is written. Raises what went wrong in the thread."""
        self.check()
        return self._queue.unfinished_tasks == 0

    def check(self) -> None:
        """Raises what went wrong in the thread."""
        if self._error is not None:
            raise self._error

    def planes(self, label: tuple, drawing: Drawing) -> None:
        """Hands over what was drawn; each plane is labelled (kind, *label)."""
        self._put(lambda: [((kind, *label), _pack(samples)) for kind, samples in drawing().items()])

    def file(self, label: tuple, content: Callable[[], bytes]) -> None:
        """Hands over what gives a file's bytes; it is called in the thread and may raise SecondUnitError."""
        self._put(lambda: [(label, content())])

    def link(self, label: tuple, path: Path) -> None:
        """Names a file by its digest, which is found in the thread, and leaves it where it is."""
        self._put(lambda: self._name(label, path))

    def _name(self, label: tuple, path: Path) -> Iterable[tuple[tuple, bytes]]:
        try:
            with path.open("rb") as file:
                digest = hashlib.file_digest(file, "sha256").hexdigest()
                size = file.tell()
        except OSError as error:
            raise SecondUnitError(ErrorCode.FILE_GONE, f"The source clip {path} cannot be read ({error})") from error
        self._linked.add(digest)
        self.files[digest] = path
        self.refs[label] = BlobRef(digest, size)
        return ()

    def _put(self, make: _Make) -> None:
        self.check()
        self._queue.put(make)

    def close(self) -> None:
        """Waits until all is written and ends the thread. Raises what went wrong in it."""
        self._stop()
        self.check()

    def discard(self) -> None:
        """Ends the thread and deletes what was written."""
        self._stop()
        for digest, path in self.files.items():
            if digest not in self._linked:
                path.unlink(missing_ok=True)

    def _stop(self) -> None:
        if self._thread.is_alive():
            self._queue.put(None)
            self._thread.join()

    def _run(self) -> None:
        while (make := self._queue.get()) is not None:
            if self._error is None:
                try:
                    for label, content in make():
                        self._write(label, content)
                except SecondUnitError as error:
                    self._error = error
                except OSError as error:
                    self._error = disk_error(error, self.folder)
                except Exception as error:  # noqa: BLE001 - a thread has nobody else to tell
                    self._error = SecondUnitError(ErrorCode.CAPTURE_FAILED, f"A plane could not be written ({error})")
            self._queue.task_done()

    def _write(self, label: tuple, content: bytes) -> None:
        digest = hashlib.sha256(content).hexdigest()
        path = self.folder / digest
        if digest not in self.files:
            self.files[digest] = path
            path.write_bytes(content)
        self.refs[label] = BlobRef(digest, len(content))


def _pack(samples: NDArray) -> bytes:
    """Parted by numpy, which lets Blender's thread go on meanwhile; copied as bytes, a large plane would hold it up."""
    plain = np.ascontiguousarray(samples).astype(samples.dtype.newbyteorder("<"), copy=False)
    kind = plain.dtype.str if plain.dtype.itemsize > 1 else "|u1"
    lanes = plain.reshape(-1).view(np.uint8).reshape(-1, lane_count(kind, plain.shape))
    return pack_lanes([np.ascontiguousarray(lane).data for lane in lanes.T], kind, plain.shape)


def _megabytes(count: int) -> str:
    return f"{count / 1e6:,.0f} MB"
