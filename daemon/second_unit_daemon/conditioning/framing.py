# SPDX-License-Identifier: GPL-3.0-or-later
"""Pictures at another size."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

Picture = NDArray[np.uint8]


def covering(picture: Picture, width: int, height: int) -> Picture:
    """The largest centred part of ``picture`` with that aspect, at that size."""
    rows, columns = picture.shape[:2]
    scale = min(columns / width, rows / height)
    across, down = min(round(width * scale), columns), min(round(height * scale), rows)
    left, top = (columns - across) // 2, (rows - down) // 2
    return resized(picture[top : top + down, left : left + across], width, height)


def resized(picture: Picture, width: int, height: int) -> Picture:
    if picture.shape[:2] == (height, width):
        return np.ascontiguousarray(picture)
    smaller = picture.shape[1] > width
    how = cv2.INTER_AREA if smaller else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(np.ascontiguousarray(picture), (width, height), interpolation=how), np.uint8)
