# SPDX-License-Identifier: GPL-3.0-or-later
"""Clips one after the other as one, going over into each other where they are asked to."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence

import cv2
import numpy as np
from numpy.typing import NDArray
from second_unit_protocol.errors import ErrorCode, SecondUnitError

from ..conditioning.framing import covering
from .footage import Footage

Picture = NDArray[np.uint8]


def stitched(clips: Sequence[Footage], overlap: int) -> Iterator[Picture]:
    """Frames of all clips at the first one's size; neighbours share ``overlap`` frames, which dissolve.

    Raises SecondUnitError at once for clips that cannot be joined. At most ``overlap`` frames are held.
    """
    if len(clips) < 2:
        raise _refused("One clip alone is not stitched", "Name two or more")
    for place, clip in enumerate(clips):
        needed = overlap * (1 if place in (0, len(clips) - 1) else 2)
        if clip.count < max(needed, 1):
            raise _refused(f"{clip.path.name} has {clip.count} frames, fewer than overlap", "Ask for a shorter one")
    return _joined(clips, overlap)


def _joined(clips: Sequence[Footage], overlap: int) -> Iterator[Picture]:
    size = clips[0].width, clips[0].height
    ending: deque[Picture] = deque()  # of the clip before
    for place, clip in enumerate(clips):
        before, ending = list(ending), deque()
        for number, frame in enumerate(clip.frames()):
            picture = covering(frame, *size)
            if number < len(before):
                share = (number + 1) / (len(before) + 1)
                picture = np.asarray(cv2.addWeighted(before[number], 1 - share, picture, share, 0), np.uint8)
            ending.append(picture)
            if len(ending) > overlap or place == len(clips) - 1:
                yield ending.popleft()


def _refused(cause: str, remedy: str) -> SecondUnitError:
    return SecondUnitError(ErrorCode.BAD_REQUEST, cause, remedy=remedy)
