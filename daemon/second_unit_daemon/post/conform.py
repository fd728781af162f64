# SPDX-License-Identifier: GPL-3.0-or-later
"""From the clip's own frames to the scene's: every delivered frame shows the clip frame nearest to it in time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from fractions import Fraction
from typing import TypeVar

from second_unit_protocol.errors import ErrorCode, SecondUnitError
from second_unit_protocol.grid import FrameGrid, SceneRange

T = TypeVar("T")


def conform(frames: Iterable[T], grid: FrameGrid, delivery: SceneRange) -> Iterator[T]:
    """Yields ``delivery.count`` frames out of ``grid.count``; each is within half a clip frame of its scene time.

    Clip frames are repeated and dropped, never mixed. One pass; one frame is held. All of ``frames`` is consumed, so
    that whatever listens to the stream on its way here sees every frame. A delivery at another rate than the grid's
    scene rate counts its frames from the same time zero.

    Raises ValueError at once where the grid does not reach a delivered frame, and SecondUnitError(ENGINE_FAILED) at
    the end of a stream that was too short.
    """
    wanted = [_nearest(grid, delivery, number) for number in range(delivery.first, delivery.last + 1)]
    return _pick(frames, wanted, grid.count)


def _nearest(grid: FrameGrid, delivery: SceneRange, number: int) -> int:
    scene_frame = number * grid.scene_rate.fraction / delivery.rate.fraction
    index = grid.nearest(scene_frame)
    if abs(grid.clip_position(scene_frame) - index) > Fraction(1, 2):
        raise ValueError(f"no clip frame is near scene frame {number}: the clip's {grid.count} frames do not reach it")
    return index


def _pick(frames: Iterable[T], wanted: list[int], count: int) -> Iterator[T]:
    place = 0
    seen = 0
    for index, frame in enumerate(frames):
        seen += 1
        while place < len(wanted) and wanted[place] == index:
            yield frame
            place += 1
    if place < len(wanted):
        raise SecondUnitError(ErrorCode.ENGINE_FAILED, f"The engine made {seen} of {count} frames")
