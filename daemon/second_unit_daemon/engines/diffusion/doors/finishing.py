# SPDX-License-Identifier: GPL-3.0-or-later
"""From what a pipeline made to what is delivered: enlarged, known pixels put back with soft edges, cropped."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np
from numpy.typing import NDArray

from ....conditioning.shot_data import ShotData
from ....conditioning.source_clip import inside_region
from ...base import EngineFrame
from ..family import Door
from .fitting import delivered, to_capture

if TYPE_CHECKING:
    from ..planning import Decision

FEATHER_PX = 4  # of the capture: over this width inside the known area the two pictures mix


def finished(shot: ShotData, decision: Decision, door: Door, made: NDArray[np.uint8], place: int) -> EngineFrame:
    """``made`` (h, w, 3) at the model's size. ``measured`` of the result is the model's own picture."""
    own = to_capture(made, decision.size)
    measured = delivered(own, shot)
    plate = door.known(place) if door.known and decision.options["composite"] else None
    if plate is None:
        return EngineFrame(measured, measured, _holes(door, place, shot))
    picture, mask = plate
    put_back = inside_region(own, picture, np.asarray(255 - mask, np.uint8)) if door.outward else None
    image = delivered(composited(own, picture, mask) if put_back is None else put_back, shot)
    return EngineFrame(image, measured, delivered(np.asarray(255 - mask, np.uint8), shot))


def composited(own: NDArray[np.uint8], picture: NDArray[np.uint8], mask: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """``picture`` where ``mask`` is 255, fading to ``own`` towards its edges and never outside of it."""
    if mask.all():
        return picture
    if not mask.any():
        return own
    inside = cv2.distanceTransform(mask, cv2.DIST_L2, 3)
    share = np.clip(inside / FEATHER_PX, 0.0, 1.0)[..., None].astype(np.float32)
    mixed = share * picture.astype(np.float32) + (1.0 - share) * own.astype(np.float32)
    return np.rint(mixed).astype(np.uint8)


def _holes(door: Door, place: int, shot: ShotData) -> NDArray[np.uint8] | None:
    plate = door.known(place) if door.known else None
    return None if plate is None else delivered(np.asarray(255 - plate[1], np.uint8), shot)
