# SPDX-License-Identifier: GPL-3.0-or-later
"""Ways out of what keeps a shot from being shot, that one press can take."""

from __future__ import annotations

import math
from enum import StrEnum

from ..protocol.errors import ErrorCode
from ..protocol.limits import MAX_SIDE, MIN_SIDE
from .sizes import STEP

SMALLER = math.sqrt(0.5)  # of each side: half the pixels


class Way(StrEnum):
    SIZE = "SIZE"
    FRAMES = "FRAMES"
    ENGINE = "ENGINE"
    SCENE_RANGE = "SCENE_RANGE"
    LONGER = "LONGER"
    LENS = "LENS"


WAYS: dict[ErrorCode, tuple[Way, ...]] = {
    ErrorCode.OUT_OF_MEMORY: (Way.SIZE, Way.FRAMES, Way.ENGINE),
    ErrorCode.TOO_LARGE: (Way.SIZE, Way.FRAMES),
    ErrorCode.BAD_SIZE: (Way.SIZE,),
    ErrorCode.NO_SUCH_ENGINE: (Way.ENGINE,),
    ErrorCode.EMPTY_RANGE: (Way.SCENE_RANGE,),
    ErrorCode.REFERENCE_OUTSIDE: (Way.LONGER,),
    ErrorCode.CAMERA_NOT_PERSPECTIVE: (Way.LENS,),
}


def smaller(width: int, height: int) -> tuple[int, int]:
    """Half the pixels of a size in the same aspect, in steps of 16; illegal sides are made legal first."""
    scale = SMALLER if max(width, height) <= MAX_SIDE else SMALLER * MAX_SIDE / max(width, height)
    least = STEP * math.ceil(MIN_SIDE / STEP)

    def side(pixels: int) -> int:
        return max(STEP * round(pixels * scale / STEP), least)

    return side(width), side(height)


def fewer(first: int, last: int) -> int:
    """The last frame of the first half of a range; at least one frame is left."""
    return first + max((last - first + 1) // 2, 1) - 1


def longer(first: int, last: int, frames: list[float]) -> tuple[int, int]:
    """The range with all ``frames`` in it."""
    return min([first, *map(math.floor, frames)]), max([last, *map(math.ceil, frames)])
