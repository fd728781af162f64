# SPDX-License-Identifier: GPL-3.0-or-later
"""The source clip's frames at the shot's clip frames, decoded in one pass."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from ....conditioning.shot_data import ShotData
from ....encode.read import read_frames

Picture = NDArray[np.uint8]


def source_frames(shot: ShotData, frames: Iterable[int], change: Callable[[Picture], Picture]) -> dict[int, Picture]:
    """By clip frame, changed as they come; clip frames that the source does not reach are missing.

    A clip frame takes the source frame nearest to it in time, no more than half a source frame away.
    """
    wanted: dict[int, list[int]] = {}
    for frame in frames:
        number = source_number(shot, frame)
        if number is not None:
            wanted.setdefault(number, []).append(frame)
    found: dict[int, Picture] = {}
    if not wanted:
        return found
    last = max(wanted)
    source = shot.request.source
    assert source is not None
    for number, picture in enumerate(read_frames(shot.blob_path(source.video))):
        if number in wanted:
            changed = change(picture)
            found |= {frame: changed for frame in wanted[number]}
        if number >= last:
            break
    return found


def source_number(shot: ShotData, frame: int) -> int | None:
    """Which source frame clip frame ``frame`` shows; None before its start. Its end is known only by reading it."""
    source = shot.request.source
    if source is None:
        return None
    grid = shot.request.grid
    seconds = (grid.scene_frame(frame) - Fraction(source.scene_frame)) / grid.scene_rate.fraction
    number = seconds * source.rate.fraction + Fraction(1, 2)
    return int(number) if number >= 0 else None
