# SPDX-License-Identifier: GPL-3.0-or-later
"""The step deflicker: light that jumps from frame to frame is made even; slow changes stay."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray
from second_unit_protocol.shot import Scalar

from .cuts import CutFinder
from .motion import followed
from .stream import Stream

if TYPE_CHECKING:
    from ..conditioning.shot_data import ShotData
    from .stream import Picture

MEASURE_WIDTH = 160

Level: TypeAlias = tuple[NDArray[np.float64], int]  # logarithm of brightness (3,), number of the shot


class Deflicker:
    """How bright a frame is, is told from the same surfaces in the frame before (along motion), not from the picture's
    mean: something bright that walks in is no flicker. Holds ``window`` frames.
    """

    def __init__(self, settings: Mapping[str, Scalar], shot: ShotData | None):
        self._reach = int(settings["window"]) // 2
        self._most = 0.0

    def shape(self, stream: Stream) -> Stream:
        return stream

    def facts(self) -> dict[str, Scalar]:
        return {"largest_correction": round(self._most, 4)} if self._most else {}

    def run(self, frames: Iterator[Picture], stream: Stream) -> Iterator[Picture]:
        held: deque[Picture] = deque()
        levels: deque[Level] = deque()  # of those and of the ``span`` frames before them
        span, place = 2 * self._reach, 0  # place of the first frame held among the levels
        for frame, level in self._measured(frames):
            held.append(frame)
            levels.append(level)
            if len(held) > span:
                yield self._corrected(held.popleft(), levels, place)
                place += 1
            if place > span:
                levels.popleft()
                place -= 1
        while held:
            yield self._corrected(held.popleft(), levels, place)
            place += 1

    def _measured(self, frames: Iterator[Picture]) -> Iterator[tuple[Picture, Level]]:
        cuts, number = CutFinder(), 0
        level, before = np.zeros(3), None
        for frame in frames:
            small = _small(frame)
            if cuts.is_cut(frame):
                number, level, before = number + 1, np.zeros(3), None
            if before is not None:
                level = level + _change(before, small)
            before = small
            yield frame, (level, number)

    def _corrected(self, frame: Picture, levels: Sequence[Level], place: int) -> Picture:
        gain = np.exp(self._even(levels, place) - levels[place][0])
        if np.allclose(gain, 1, atol=1e-3):
            return frame
        self._most = max(self._most, float(np.abs(gain - 1).max()))
        out = frame.copy()
        tones = np.arange(256)[:, None] * gain
        table = np.round(tones.clip(0, 255)).astype(np.uint8)[:, None, :]
        out[..., :3] = cv2.LUT(np.ascontiguousarray(frame[..., :3]), table)
        return out

    def _even(self, levels: Sequence[Level], place: int) -> NDArray[np.float64]:
        """(3,) how bright the frame should be: on a line through the frames around it, its shot's alone. Where the shot
        begins or ends, the frames around are those on its one side, as many."""
        shot = [i for i, (_, number) in enumerate(levels) if number == levels[place][1]]
        begin = max(shot[0], min(place - self._reach, shot[-1] - 2 * self._reach))
        end = min(shot[-1], max(place + self._reach, shot[0] + 2 * self._reach))
        around = np.array([levels[i][0] for i in range(begin, end + 1)])
        if len(around) < 3:  # a line through two frames is no comparison
            return levels[place][0]
        at = np.arange(begin, end + 1) - place
        off = at - at.mean()
        slope = off @ around / (off @ off)
        return around.mean(axis=0) - slope * at.mean()


def _small(frame: Picture) -> NDArray[np.uint8]:
    height, width = frame.shape[:2]
    size = MEASURE_WIDTH, max(16, round(MEASURE_WIDTH * height / width))
    return np.asarray(cv2.resize(frame[..., :3], size, interpolation=cv2.INTER_AREA), np.uint8)


def _change(before: NDArray[np.uint8], now: NDArray[np.uint8]) -> NDArray[np.float64]:
    """(3,) logarithm of how much brighter the same surfaces are now: the median over pixels that are not clipped."""
    moved, trusted = followed(now, before)
    usable = (
        trusted
        & (now > 12).all(axis=2)
        & (now < 245).all(axis=2)
        & (moved > 12).all(axis=2)
        & (moved < 245).all(axis=2)
    )
    if usable.sum() < 50:
        return np.zeros(3)
    return np.median(np.log(now[usable].astype(float)) - np.log(moved[usable].astype(float)), axis=0)
