# SPDX-License-Identifier: GPL-3.0-or-later
"""Single pictures of the contact sheet."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from .figures import Compared, Picture

HOLE_COLOUR = (255, 45, 140)
SKY_COLOUR = (24, 26, 32)
DEPTH_MAP = cv2.COLORMAP_TURBO
NEAREST, FARTHEST = 1.0, 99.0  # percentiles of the depth that the colours span


def fitted(picture: Picture, size: tuple[int, int]) -> Picture:
    """Made smaller by averaging, or larger, to (width, height)."""
    shrinks = picture.shape[1] > size[0]
    return np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA if shrinks else cv2.INTER_CUBIC), np.uint8)


def marked_holes(frame: Compared) -> Picture:
    """The frame before its holes were filled: they are painted over."""
    marked = frame.made.copy()
    marked[frame.holes > 0] = HOLE_COLOUR
    return marked


def depth_range(planes: Sequence[NDArray[np.float32]]) -> tuple[float, float]:
    """Nearest and farthest metres that the colours should span; (1, 10) where all is sky."""
    seen = np.concatenate([plane[np.isfinite(plane)].ravel() for plane in planes])
    if not seen.size:
        return 1.0, 10.0
    near_m, far_m = np.percentile(seen, (NEAREST, FARTHEST))
    return float(near_m), float(max(far_m, near_m * 1.01))


def coloured_depth(depth_m: NDArray[np.float32], near_m: float, far_m: float) -> Picture:
    """Warm is near, cold is far, on a logarithmic scale; dark where there is nothing."""
    shares = np.log(np.clip(depth_m, near_m, far_m) / near_m) / np.log(far_m / near_m)
    colours = cv2.applyColorMap(np.asarray(235 - 215 * np.nan_to_num(shares), np.uint8), DEPTH_MAP)
    picture = np.asarray(cv2.cvtColor(colours, cv2.COLOR_BGR2RGB), np.uint8)
    picture[~np.isfinite(depth_m)] = SKY_COLOUR
    return picture
