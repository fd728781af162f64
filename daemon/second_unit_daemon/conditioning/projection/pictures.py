# SPDX-License-Identifier: GPL-3.0-or-later
"""Reference pictures made ready for sampling: spline coefficients at several scales, edges freed of mixed colours."""

from __future__ import annotations

import cv2
import numpy as np
from attrs import field, frozen
from numpy.typing import NDArray

from .geometry import BROKEN, RELATIVE_TOLERANCE, Surfaces, joined
from .jit import kernel, over_rows

SPLINE_POLE = np.sqrt(3.0) - 2.0
SPLINE_REACH = 12  # the pole to this power is under 1e-6
COEFFICIENT_SCALE = 64.0  # int16 coefficients of uint8 colours: ±512 in steps of 1/64
SMALLEST_LEVEL = 32


@frozen(eq=False)
class Picture:
    """A reference picture. Level k has half the sides of level k - 1.

    ``levels`` int16 (h, w, 3): cubic B-spline coefficients × COEFFICIENT_SCALE. ``clean`` (h, w, 3) uint8: the picture
    with every texel near a depth break replaced by its own surface's colour from further in, since a rendered
    pixel at a silhouette mixes both sides.
    """

    levels: tuple[NDArray[np.int16], ...] = field(repr=False)
    clean: NDArray[np.uint8] = field(repr=False)


def picture_of(image: NDArray[np.uint8], surfaces: Surfaces, crop: tuple[float, float, float, float]) -> Picture:
    """``image`` (h, w, 3) shows the region ``crop`` (left, top, width, height) of the surfaces' pixels."""
    return Picture(tuple(spline_coefficients(level) for level in _pyramid(image)), _clean(image, surfaces, crop))


def _pyramid(image: NDArray[np.uint8]) -> list[NDArray[np.float32]]:
    levels = [image.astype(np.float32)]
    while min(levels[-1].shape[:2]) >= 2 * SMALLEST_LEVEL:
        height, width = levels[-1].shape[:2]
        half = cv2.resize(levels[-1], ((width + 1) // 2, (height + 1) // 2), interpolation=cv2.INTER_AREA)
        levels.append(np.asarray(half, np.float32))
    return levels


def spline_coefficients(image: NDArray[np.float32]) -> NDArray[np.int16]:
    """Cubic B-spline coefficients of (h, w, 3), with mirrored ends.

    The direct B-spline filter (Unser, Aldroubi and Eden, 1993) as the symmetric kernel that its two recursive passes
    amount to: ``pole ** |k|``, scaled to a sum of one.
    """
    powers = SPLINE_POLE ** np.abs(np.arange(-SPLINE_REACH, SPLINE_REACH + 1))
    taps = (powers / powers.sum()).astype(np.float32)
    filtered = cv2.sepFilter2D(image, cv2.CV_32F, taps, taps, borderType=cv2.BORDER_REFLECT_101)
    return np.rint(filtered * COEFFICIENT_SCALE).astype(np.int16)


def _clean(image: NDArray[np.uint8], surfaces: Surfaces, crop: tuple[float, float, float, float]) -> NDArray[np.uint8]:
    clean = np.ascontiguousarray(image).copy()
    broken = (surfaces.cells == BROKEN).astype(np.uint8)
    mixed = np.zeros(surfaces.shape, np.uint8)
    for dy in (0, 1):
        for dx in (0, 1):
            mixed[dy : dy + broken.shape[0], dx : dx + broken.shape[1]] |= broken
    over_rows(_replace_mixed, image.shape[0], image, surfaces.inverse, surfaces.index, surfaces.slope_x,
              surfaces.slope_y, mixed, np.array(crop, np.float32), clean)  # fmt: skip
    return clean


@kernel
def _replace_mixed(first, end, image, inverse, index, slope_x, slope_y, mixed, crop, clean):
    """Each mixed texel becomes the mean of the nearest unmixed ones of its surface, weighted by 1/distance⁴."""
    rows, columns = inverse.shape
    scale_x, scale_y = image.shape[1] / crop[2], image.shape[0] / crop[3]
    reach_x, reach_y = int(np.ceil(2.5 * scale_x)), int(np.ceil(2.5 * scale_y))
    for y in range(first, end):
        gy = min(max(int((y + 0.5) / scale_y + crop[1]), 0), rows - 1)
        for x in range(image.shape[1]):
            gx = min(max(int((x + 0.5) / scale_x + crop[0]), 0), columns - 1)
            if not mixed[gy, gx]:
                continue
            total, red, green, blue = 0.0, 0.0, 0.0, 0.0
            for ny in range(max(y - reach_y, 0), min(y + reach_y + 1, image.shape[0])):
                my = min(max(int((ny + 0.5) / scale_y + crop[1]), 0), rows - 1)
                for nx in range(max(x - reach_x, 0), min(x + reach_x + 1, image.shape[1])):
                    mx = min(max(int((nx + 0.5) / scale_x + crop[0]), 0), columns - 1)
                    if mixed[my, mx] or not joined(
                        inverse, index, slope_x, slope_y, gy, gx, my, mx, RELATIVE_TOLERANCE
                    ):
                        continue
                    away = ((nx - x) / scale_x) ** 2 + ((ny - y) / scale_y) ** 2
                    weight = 1.0 / (away * away + 1e-3)
                    total += weight
                    red += weight * image[ny, nx, 0]
                    green += weight * image[ny, nx, 1]
                    blue += weight * image[ny, nx, 2]
            if total > 0.0:
                clean[y, x, 0] = np.uint8(red / total + 0.5)
                clean[y, x, 1] = np.uint8(green / total + 0.5)
                clean[y, x, 2] = np.uint8(blue / total + 0.5)
