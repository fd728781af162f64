# SPDX-License-Identifier: GPL-3.0-or-later
"""How far a running job is, and how long it still takes."""

from __future__ import annotations

import time
from collections.abc import Callable

Send = Callable[[str, float, float | None], None]  # stage, fraction of the job, seconds left

PREPARED = 0.02  # share of the bar that is full when the engine begins
ENGINE_DONE = 0.80  # … when an engine that makes all frames at once hands out the first
FRAMES_DONE = 0.97
INTERVAL_S = 0.25


class Progress:
    """The fraction never goes back. Sends at most four times a second, and at every new stage."""

    def __init__(self, send: Send, frames: int, expected_s: float, clock: Callable[[], float] = time.monotonic):
        """``expected_s``: the plan's guess, believed until frames come."""
        self._send = send
        self._frames = frames
        self._expected_s = expected_s
        self._clock = clock
        self._began = clock()
        self._fraction = 0.0
        self._stage = ""
        self._sent = -INTERVAL_S
        self._first: tuple[float, float] | None = None  # time and fraction when the first frame came

    def engine(self, stage: str, fraction: float) -> None:
        """What the engine says of itself; once frames come, they are the better measure."""
        if self._first is None:
            self._report(stage, PREPARED + (ENGINE_DONE - PREPARED) * min(max(fraction, 0.0), 1.0))

    def frame(self, done: int) -> None:
        """``done`` clip frames are finished."""
        if self._first is None:
            self._first = (self._clock(), self._fraction)
        base = self._first[1]
        self._report("rendering", base + (FRAMES_DONE - base) * done / self._frames)

    def stage(self, stage: str, fraction: float) -> None:
        """A stage of the pipeline's own."""
        self._report(stage, fraction)

    def seconds_left(self) -> float | None:
        """None where nothing is known yet."""
        now = self._clock()
        if self._first and self._fraction > self._first[1]:
            elapsed, gained = now - self._first[0], self._fraction - self._first[1]
            if elapsed > 0:
                return elapsed / gained * (1.0 - self._fraction)
        if self._expected_s <= 0:
            return None
        return max(self._expected_s - (now - self._began), 0.0)

    def _report(self, stage: str, fraction: float) -> None:
        self._fraction = max(self._fraction, fraction)
        now = self._clock()
        if stage != self._stage or now - self._sent >= INTERVAL_S:
            self._stage, self._sent = stage, now
            self._send(stage, self._fraction, self.seconds_left())
