# SPDX-License-Identifier: GPL-3.0-or-later
"""What is known of a clip frame before anything is invented: references carried along, true pictures, source clip."""

from __future__ import annotations

import numpy as np
from attrs import field, frozen
from numpy.typing import NDArray

from ....conditioning.projection.projector import Projector
from ....conditioning.shot_data import ReferenceData, ShotData
from ..planning import Size
from .fitting import framed

Picture = NDArray[np.uint8]
Plate = tuple[Picture, Picture]  # picture (H, W, 3), mask (H, W) 255 = known, both at the capture's size

KEPT_BYTES = 256 << 20  # 81 frames of 832 × 480 take half of it


@frozen(eq=False)
class Pins:
    """References by the clip frame that shows them: at their own time, or at the nearest frame."""

    at: dict[int, ReferenceData] = field(repr=False)
    moved: tuple[str, ...]  # names of those that lie between two frames


def pins_of(shot: ShotData, nearest: bool) -> Pins:
    """``nearest``: references between two frames count for the nearer one; otherwise only exact ones do."""
    at: dict[int, ReferenceData] = {}
    moved = []
    for reference in shot.references:
        frame = round(reference.clip_position)
        exact = abs(reference.clip_position - frame) < 1e-6
        if not 0 <= frame < len(shot) or reference.strength <= 0 or not (exact or nearest):
            continue
        if not exact:
            moved.append(reference.name)
        at[frame] = reference
    return Pins(at, tuple(moved))


class Carried:
    """References carried along the camera by the projection kernel; at its own frame the true picture stands.

    A frame is asked for twice, before the model and to be put back after it: what was made stays until then, as far as
    KEPT_BYTES go.
    """

    def __init__(self, shot: ShotData, size: Size):
        self._shot = shot
        self._size = size
        self._projector = Projector(shot)
        self._pins = pins_of(shot, nearest=False)
        self._kept: dict[int, Plate] = {}
        self._room = KEPT_BYTES

    def __call__(self, frame: int) -> Plate:
        if frame in self._pins.at:
            return still(self._pins.at[frame], self._shot, self._size)
        if (kept := self._kept.pop(frame, None)) is not None:
            self._room += bytes_of(kept)
            return kept
        projected = self._projector.frame(frame)
        plate = projected.image, np.where(projected.known > 0, 255, 0).astype(np.uint8)
        if (size := bytes_of(plate)) <= self._room:
            self._kept[frame] = plate
            self._room -= size
        return plate


def bytes_of(plate: Plate) -> int:
    return sum(part.nbytes for part in plate)


def still(reference: ReferenceData, shot: ShotData, size: Size) -> Plate:
    """A reference's own picture, all of it known."""
    picture = framed(reference.image, shot, size)
    return picture, np.full(picture.shape[:2], 255, np.uint8)
