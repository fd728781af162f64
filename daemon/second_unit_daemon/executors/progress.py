# SPDX-License-Identifier: GPL-3.0-or-later
"""How far a running job is, and how long it still takes."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Mapping

Send = Callable[[str, float, float | None], None]  # stage, fraction of the job, seconds left

PREPARED = 0.02  # share of the bar that is full when the engine begins
FRAMES_DONE = 0.97
INTERVAL_S = 0.25
WINDOW = 12  # frames that the speed is taken from: the first ones may wait for a compiler


class Progress:
    """The fraction is of the whole job and never goes back. Sends at most four times a second, and at new stages."""

    def __init__(
        self,
        send: Send,
        frames: int,
        expected_s: float,
        stages: Mapping[str, float],
        clock: Callable[[], float] = time.monotonic,
    ):
        """``expected_s``: the plan's guess, believed until frames come. ``stages``: the share of the job (summing to
        less than 1) of each stage that the engine goes through before its first frame; others have none.
        """
        self._send = send
        self._frames = frames
        self._expected_s = expected_s
        self._stages = stages
        self._clock = clock
        self._began = clock()
        self._fraction = 0.0
        self._stage = ""
        self._sent = -INTERVAL_S
        self._times: deque[tuple[int, float]] = deque(maxlen=WINDOW)  # frames done, when

    def engine(self, stage: str, fraction: float) -> None:
        """What the engine says of itself; once frames come, they are the better measure."""
        if self._times:
            return
        before = sum(share for name, share in self._earlier(stage))
        share = self._stages.get(stage, 0.0)
        self._report(stage, PREPARED + (FRAMES_DONE - PREPARED) * (before + share * min(max(fraction, 0.0), 1.0)))

    def frame(self, done: int) -> None:
        """``done`` clip frames are finished."""
        self._times.append((done, self._clock()))
        base = PREPARED + (FRAMES_DONE - PREPARED) * sum(self._stages.values())
        self._report("rendering", base + (FRAMES_DONE - base) * done / self._frames)

    def stage(self, stage: str, fraction: float) -> None:
        """A stage of the pipeline's own."""
        self._report(stage, fraction)

    def seconds_left(self) -> float | None:
        """None where nothing is known yet."""
        if len(self._times) > 1:
            (first, since), (last, until) = self._times[0], self._times[-1]
            return (until - since) / (last - first) * (self._frames - last)
        if self._expected_s <= 0:
            return None
        return max(self._expected_s - (self._clock() - self._began), 0.0)

    def _earlier(self, stage: str) -> list[tuple[str, float]]:
        names = list(self._stages)
        return list(self._stages.items())[: names.index(stage)] if stage in names else []

    def _report(self, stage: str, fraction: float) -> None:
        self._fraction = max(self._fraction, fraction)
        now = self._clock()
        if stage != self._stage or now - self._sent >= INTERVAL_S:
            self._stage, self._sent = stage, now
            self._send(stage, self._fraction, self.seconds_left())
