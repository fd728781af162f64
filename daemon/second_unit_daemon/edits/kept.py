# SPDX-License-Identifier: GPL-3.0-or-later
"""A take's own region and moving parts, for planes of other times and sizes: as they were at the nearest frame."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray
from second_unit_protocol.grid import FrameGrid

from ..conditioning.shot_data import ShotData, array_of
from .asking import Moving, Regions


class _Kept:
    """``plane_of(frame)`` (H, W) uint8 are planes whose middle is the delivered picture, at the frames of ``grid``."""

    def __init__(self, grid: FrameGrid, plane_of: Callable[[int], NDArray[np.uint8] | None]):
        self._grid, self._plane_of = grid, plane_of

    def plane(self, time: Fraction, width: int, height: int) -> NDArray[np.uint8]:
        """A margin that was not there is as the edge is: what may be changed all over may be changed there too."""
        plane = self._plane_of(self._grid.nearest(time))
        assert plane is not None
        rows, columns = (_middle(have, want) for have, want in zip(plane.shape, (height, width), strict=True))
        return np.ascontiguousarray(plane[np.ix_(rows, columns)])


def _middle(have: int, want: int) -> NDArray[np.intp]:
    """(want,) places of the middle, the outermost ones again where there are not as many."""
    return np.clip(np.arange(want) - (want - have) // 2, 0, have - 1)


def kept_region(shot: ShotData) -> Regions | None:
    return _Kept(shot.request.grid, shot.region) if shot.request.region else None


def kept_moving(shot: ShotData) -> tuple[Moving, ...]:
    grid = shot.request.grid

    def kept(number: int) -> Moving:
        part = shot.request.moving[number]
        path = array_of(part.path)

        def gone(time: Fraction) -> NDArray[np.float64]:
            at, frames = float(grid.clip_position(time)), np.arange(len(path))
            return np.array([np.interp(at, frames, axis) for axis in path.T])

        sway = part.sway_right_px, part.sway_down_px
        return Moving(part.name, _Kept(grid, lambda frame: shot.part(number, frame)), gone, sway, part.sway_s)

    return tuple(kept(number) for number in range(len(shot.request.moving)))
