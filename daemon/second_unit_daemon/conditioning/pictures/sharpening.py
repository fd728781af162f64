# SPDX-License-Identifier: GPL-3.0-or-later
"""Soft depth made fit for cutting: a ramp between two surfaces becomes a step, so that nothing stretches over it.

Depth from models, and depth that was scaled as a picture, runs over a few pixels from what is near to what is behind.
Each pass of the toggle mapping (Kramer and Bruckner, 1975) moves a value to the local minimum or maximum, whichever is
nearer. It is let loose only on ramps: where the slope of inverse depth is much steeper than around it, so that a floor
seen at a grazing angle stays a plane.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

LEAST_STEP = 0.04  # between the sides of a ramp, relative to the nearer one's inverse depth
STEEPER = 2.5  # times the slope around it
AROUND = 6  # ramp widths
RAMP_PX = 4  # half a ramp's width at most, of a depth map of 512 pixels
FOR_SIDE = 512


def sharpened(depth_m: NDArray[np.float32]) -> NDArray[np.float32]:
    """(H, W) planar metres with ramps as steps; +inf stays."""
    with np.errstate(divide="ignore"):
        inverse = np.where(np.isfinite(depth_m) & (depth_m > 0), 1 / depth_m, 0).astype(np.float32)
    passes = max(1, round(RAMP_PX * max(depth_m.shape) / FOR_SIDE))
    for _ in range(passes + 1):
        inverse = _toggle(inverse, _ramps(inverse, passes))
    with np.errstate(divide="ignore"):
        return np.asarray(1 / inverse, np.float32)


def _ramps(inverse: NDArray[np.float32], reach: int) -> NDArray[np.bool_]:
    low, high = _window(inverse, reach)
    slope = _range(inverse, 1)
    around = cv2.blur(slope, (2 * AROUND * reach + 1,) * 2)
    return (high - low > LEAST_STEP * high) & (slope > STEEPER * around)


def _toggle(inverse: NDArray[np.float32], where: NDArray[np.bool_]) -> NDArray[np.float32]:
    low, high = _window(inverse, 1)
    return np.where(where, np.where(high - inverse < inverse - low, high, low), inverse)


def _range(inverse: NDArray[np.float32], reach: int) -> NDArray[np.float32]:
    low, high = _window(inverse, reach)
    return high - low


def _window(inverse: NDArray[np.float32], reach: int) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    around = np.ones((2 * reach + 1,) * 2, np.uint8)
    return np.asarray(cv2.erode(inverse, around), np.float32), np.asarray(cv2.dilate(inverse, around), np.float32)
