# SPDX-License-Identifier: GPL-3.0-or-later
"""A source clip that is to be changed: its pictures at the clip's frames, and what of them stays."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
from attrs import field, frozen
from numpy.typing import NDArray

from ....conditioning.shot_data import ShotData
from ....conditioning.source_clip import none_shown, source_frames
from ..family import Window
from .fitting import framed

if TYPE_CHECKING:
    from ..planning import Decision

Picture = NDArray[np.uint8]


@frozen(eq=False)
class Edited:
    """``pictures`` of the window's frames at the capture's size. ``known``, a door's: what lies outside the region."""

    pictures: list[Picture] = field(repr=False)
    known: Callable[[int], tuple[Picture, Picture] | None] | None = field(repr=False)
    notes: tuple[str, ...]


def edited(shot: ShotData, decision: Decision, window: Window) -> Edited:
    """Frames that the source does not reach repeat its nearest one. Raises SecondUnitError where it reaches none."""
    found = source_frames(shot, window.frames, lambda picture: framed(picture, shot, decision.size))
    if not found:
        raise none_shown(shot)
    there = sorted(found)
    pictures = [found[min(there, key=lambda at: abs(at - frame))] for frame in window.frames]
    missing = window.count - len(there)
    notes = (f"The source clip does not reach {missing} of the clip's frames; its nearest one stands there",)

    def known(place: int) -> tuple[Picture, Picture] | None:
        region = shot.region(window.start + place)
        if region is None:
            return None
        return pictures[place], np.where(region > 0, 0, 255).astype(np.uint8)

    return Edited(pictures, known if shot.request.region else None, notes if missing else ())
