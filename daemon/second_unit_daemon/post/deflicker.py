# SPDX-License-Identifier: GPL-3.0-or-later
"""The step deflicker: light that jumps from frame to frame is made even; slow changes stay."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

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
        held: deque[tuple[Picture, NDArray[np.float64], int]] = (
            deque()
        )  # frame, log brightness (3,), number of its shot
        done = 0  # how many of ``held`` have been given out
        for entry in self._measured(frames):
            held.append(entry)
            if len(held) - done > self._reach:
                yield self._corrected(held, done)
                done += 1
            while done > self._reach:
                held.popleft()
                done -= 1
        while done < len(held):
            yield self._corrected(held, done)
            done += 1

    def _measured(self, frames: Iterator[Picture]) -> Iterator[tuple[Picture, NDArray[np.float64], int]]:
        cuts, number = CutFinder(), 0
        level, before = np.zeros(3), None
        for frame in frames:
            small = _small(frame)
            if cuts.is_cut(frame):
                number, level, before = number + 1, np.zeros(3), None
            if before is not None:
                level = level + _change(before, small)
            before = small
            yield frame, level, number

    def _corrected(self, held: deque[tuple[Picture, NDArray[np.float64], int]], place: int) -> Picture:
        frame, level, number = held[place]
        reach = min(self._reach, place, len(held) - 1 - place)
        around = [held[place + k] for k in range(-reach, reach + 1)]
        same = [value for _, value, of in around if of == number]
        gain = np.exp(np.mean(same, axis=0) - level)
        if np.allclose(gain, 1, atol=1e-3):
            return frame
        self._most = max(self._most, float(np.abs(gain - 1).max()))
        out = frame.copy()
        levels = np.arange(256)[:, None] * gain
        table = np.round(levels.clip(0, 255)).astype(np.uint8)[:, None, :]
        out[..., :3] = cv2.LUT(np.ascontiguousarray(frame[..., :3]), table)
        return out


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
