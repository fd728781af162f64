# SPDX-License-Identifier: GPL-3.0-or-later
"""Ways out of what keeps a shot from being shot, that one press can take."""

from __future__ import annotations

import math
from enum import StrEnum

from ..protocol.errors import ErrorCode
from ..protocol.limits import MAX_SIDE
from .sizes import nearest


class Way(StrEnum):
    SIZE = "SIZE"
    FRAMES = "FRAMES"
    ENGINE = "ENGINE"
    SCENE_RANGE = "SCENE_RANGE"
    LONGER = "LONGER"
    WITHOUT = "WITHOUT"
    LENS = "LENS"


WAYS: dict[ErrorCode, tuple[Way, ...]] = {
    ErrorCode.OUT_OF_MEMORY: (Way.SIZE, Way.FRAMES, Way.ENGINE),
    ErrorCode.TOO_LARGE: (Way.SIZE, Way.FRAMES),
    ErrorCode.TOO_LONG: (Way.FRAMES, Way.ENGINE),
    ErrorCode.NO_CARD: (Way.ENGINE,),
    ErrorCode.BAD_SIZE: (Way.SIZE,),
    ErrorCode.NO_SUCH_ENGINE: (Way.ENGINE,),
    ErrorCode.EMPTY_RANGE: (Way.SCENE_RANGE,),
    ErrorCode.REFERENCE_OUTSIDE: (Way.LONGER, Way.WITHOUT),
    ErrorCode.REFERENCE_ASPECT: (Way.ENGINE,),  # the built-in one takes the picture for the middle of the frame
    ErrorCode.CAMERA_NOT_PERSPECTIVE: (Way.LENS,),
}


def smaller(width: int, height: int) -> tuple[int, int]:
    """About half the pixels of a size in its aspect, in steps of 16; a side that is too long is made legal first. The
    size itself where no smaller one has that aspect."""
    legal = min(1.0, MAX_SIDE / max(width, height))
    made = nearest(width * height * legal**2 / 2, width / height)
    return made if made and made[0] * made[1] < width * height else (width, height)


def fewer(first: int, last: int, frames: list[float], most: int | None = None) -> tuple[int, int]:
    """Half of a range, or as many frames as an engine makes at ``most``; at least one frame is left. It is the part
    that has the most of the references' ``frames`` in it, the first of such parts."""
    whole = last - first + 1
    count = max(most if most is not None and most < whole else whole // 2, 1)
    starts = {first, *(min(max(math.ceil(frame) - count + 1, first), last - count + 1) for frame in frames)}
    start = min(starts, key=lambda begin: (-sum(begin <= frame <= begin + count - 1 for frame in frames), begin))
    return start, start + count - 1


def longer(first: int, last: int, frames: list[float]) -> tuple[int, int]:
    """The range with all ``frames`` in it."""
    return min([first, *map(math.floor, frames)]), max([last, *map(math.ceil, frames)])
