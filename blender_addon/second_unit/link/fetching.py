# SPDX-License-Identifier: GPL-3.0-or-later
"""Fetching the files of a take, and what is kept of its result."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from ..protocol.errors import ErrorInfo
from ..protocol.results import JobInfo
from ..protocol.shot import BlobRef
from .daemon import DaemonLink


class Fetch:
    """The files of one take, one after another: the clip last, so that it is there only when all are."""

    def __init__(
        self,
        link: DaemonLink,
        files: Mapping[str, tuple[BlobRef, Path]],
        moved: Callable[[int, int], None],
        ended: Callable[[ErrorInfo | None], None],
    ):
        """``moved`` is told (bytes so far, bytes in all); ``ended`` the error, or None when all files are on disk."""
        order = sorted(files, key=lambda name: name == "clip")
        self._link, self._moved, self._ended = link, moved, ended
        self._queue = [files[name] for name in order]
        self._total = sum(blob.size for blob, _path in self._queue)
        self._before = 0
        self._transfer: str | None = None
        self._given_up = False

    def begin(self) -> None:
        """Starts with the next file that is missing."""
        if not self._queue:
            self._ended(None)
            return
        blob, path = self._queue[0]
        self._transfer = self._link.download(blob, path, self._done, self._progress)

    def give_up(self) -> None:
        """Stops; nobody is told."""
        self._given_up = True
        if self._transfer:
            self._link.cancel_transfer(self._transfer)

    def _progress(self, done: int, _total: int) -> None:
        if not self._given_up:
            self._moved(self._before + done, self._total)

    def _done(self, error: object) -> None:
        if self._given_up:
            return
        if isinstance(error, ErrorInfo):
            self._ended(error)
            return
        self._before += self._queue.pop(0)[0].size
        self.begin()


def summary(job: JobInfo) -> dict[str, object]:
    """What the takes list and the strip show of a result."""
    result = job.result
    assert result is not None
    kept = {
        "seed": result.seed,  # a retry's is another than the one that was asked for
        "frames": result.frames,
        "width": result.width,
        "height": result.height,
        "engine_version": result.engine_version,
        "figures": dict(result.figures),
        "seconds": dict(result.seconds),
        "warnings": list(result.warnings),
        "provenance": result.provenance,
    }
    if result.adherence:
        kept["adherence"] = {
            "rot_err_rad": result.adherence.rot_err_rad,
            "trans_err_m": result.adherence.trans_err_m,
            "verdict": result.adherence.verdict,
            "kept": result.adherence.kept.value,
            "shift_px": result.adherence.shift_px,
            "rank": list(result.adherence.rank),
        }
    return kept
