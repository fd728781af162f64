# SPDX-License-Identifier: GPL-3.0-or-later
"""How much a clip changes from frame to frame beyond what its motion explains."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray
from second_unit_daemon.conditioning.flow import flow, seen_at
from second_unit_daemon.conditioning.projection.references import crop_of
from second_unit_daemon.conditioning.shot_data import ShotData

Picture = NDArray[np.uint8]
SURFACE_PX = 3  # beside the edge of what both frames show, pixels mix two surfaces


def changes(frames: Sequence[Picture], shot: ShotData) -> NDArray[np.float64]:
    """(F - 1,) mean absolute difference in levels of each frame to the one before, carried along exact motion."""
    found = []
    for n in range(1, len(frames)):
        moved = flow(shot, n, n - 1)
        height, width = moved.valid.shape
        left, top, wide, high = crop_of(shot, width, height)
        inside = slice(top, top + high), slice(left, left + wide)
        there = seen_at(shot, moved, n - 1).astype(np.uint8)
        clean = cv2.erode(there, np.ones((2 * SURFACE_PX + 1,) * 2, np.uint8))[inside] > 0
        y, x = np.indices((high, wide), np.float32)
        vectors = moved.vectors[inside]
        before = cv2.remap(frames[n - 1], x + vectors[..., 0], y + vectors[..., 1], cv2.INTER_CUBIC)
        found.append(np.abs(frames[n].astype(np.float32) - before)[clean].mean())
    return np.array(found)
