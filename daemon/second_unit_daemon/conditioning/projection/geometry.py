# SPDX-License-Identifier: GPL-3.0-or-later
"""What a depth map knows about its surfaces: inverse depth, slopes, where they break, how far the next break is.

Inverse depth is affine over the image of a plane (perspective-correct interpolation; Heckbert and Moreton, 1991), so a
texel's inverse depth and its two slopes predict the whole plane around it. All maps are (H, W) in the depth's own pixels.
"""

from __future__ import annotations

import cv2
import numpy as np
from attrs import field, frozen
from numpy.typing import NDArray

from .jit import inline, kernel, over_rows

BROKEN, EDGE, CLEAN = 0, 1, 2  # a 2 × 2 cell of texels: spans a break; next to one; smooth all around
RELATIVE_TOLERANCE = np.float32(0.01)
CONFIDENT_AFTER_PX = 8.0  # from a break, and twice that from the picture's border
CLEAN_AFTER_CELLS = 2


@frozen(eq=False)
class Surfaces:
    """Maps of one view. ``cells`` (H-1, W-1) holds BROKEN, EDGE or CLEAN for the cell right and below a texel."""

    inverse: NDArray[np.float32] = field(repr=False)  # 1/m, 0 where there is nothing
    slope_x: NDArray[np.float32] = field(repr=False)  # 1/m per pixel
    slope_y: NDArray[np.float32] = field(repr=False)
    index: NDArray[np.uint16] = field(repr=False)
    cells: NDArray[np.uint8] = field(repr=False)

    @property
    def shape(self) -> tuple[int, int]:
        return self.inverse.shape[0], self.inverse.shape[1]


def surfaces_of(depth_m: NDArray[np.float32], index: NDArray[np.uint16] | None) -> Surfaces:
    """Reads a planar depth map (+inf where nothing is) and an index map (0 = static; None = all static)."""
    height, width = depth_m.shape
    ids = np.zeros((height, width), np.uint16) if index is None else np.ascontiguousarray(index)
    inverse = np.empty((height, width), np.float32)
    slope_x, slope_y = np.empty_like(inverse), np.empty_like(inverse)
    smooth = np.zeros((height - 1, width - 1), np.uint8)
    depth_m = np.ascontiguousarray(depth_m)
    over_rows(_invert, height, depth_m, inverse)
    over_rows(_slopes, height, inverse, ids, slope_x, slope_y)
    over_rows(_smooth_cells, height - 1, inverse, ids, slope_x, slope_y, smooth)
    reach = 2 * CLEAN_AFTER_CELLS - 1
    clean = cv2.erode(smooth, np.ones((reach, reach), np.uint8), borderType=cv2.BORDER_CONSTANT, borderValue=1)
    return Surfaces(inverse, slope_x, slope_y, ids, smooth + clean)


def confidence_of(surfaces: Surfaces) -> NDArray[np.float32]:
    """(H, W) in 0 … 1: falls to nearly nothing towards breaks and the border, so that another reference fades in."""
    height, width = surfaces.shape
    whole = np.zeros((height + 1, width + 1), np.uint8)
    whole[1:-1, 1:-1] = surfaces.cells != BROKEN
    inner = np.pad(whole[1:-1, 1:-1], 1, constant_values=1)
    to_break = cv2.distanceTransform(inner, cv2.DIST_L2, 3)[1:, 1:]
    to_border = cv2.distanceTransform(np.pad(np.ones((height, width), np.uint8), 1), cv2.DIST_L2, 3)[1:-1, 1:-1]
    near = np.minimum(to_break / CONFIDENT_AFTER_PX, to_border / (2 * CONFIDENT_AFTER_PX))
    return np.clip(near, 0.02, 1.0).astype(np.float32)


@kernel
def _invert(first, end, depth, inverse):
    for y in range(first, end):
        for x in range(depth.shape[1]):
            z = depth[y, x]
            inverse[y, x] = np.float32(1.0) / z if z > 0.0 and z < np.inf else np.float32(0.0)


@inline
def _one_slope(w, forward1, forward2, back1, back2):
    """Slope along one axis from five texels; a neighbour on another surface is given as -1."""
    bend_forward = abs(w - 2.0 * forward1 + forward2) if forward1 >= 0.0 and forward2 >= 0.0 else np.inf
    bend_back = abs(w - 2.0 * back1 + back2) if back1 >= 0.0 and back2 >= 0.0 else np.inf
    if min(bend_forward, bend_back) <= 0.01 * w:
        # The straighter side is the one that stays on this surface.
        return np.float32(forward1 - w if bend_forward <= bend_back else w - back1)
    step_forward = forward1 - w if forward1 >= 0.0 else np.inf
    step_back = w - back1 if back1 >= 0.0 else np.inf
    step = step_forward if abs(step_forward) <= abs(step_back) else step_back
    return np.float32(step) if abs(step) <= 0.05 * w else np.float32(0.0)


@inline
def _same(inverse, index, y, x, other_y, other_x):
    """Inverse depth of a neighbour that may lie on the same surface, else -1."""
    if other_y < 0 or other_x < 0 or other_y >= inverse.shape[0] or other_x >= inverse.shape[1]:
        return np.float32(-1.0)
    w = inverse[other_y, other_x]
    if w == 0.0 or index[other_y, other_x] != index[y, x]:
        return np.float32(-1.0)
    return w


@kernel
def _slopes(first, end, inverse, index, slope_x, slope_y):
    for y in range(first, end):
        for x in range(inverse.shape[1]):
            w = inverse[y, x]
            if w == 0.0:
                slope_x[y, x] = 0.0
                slope_y[y, x] = 0.0
                continue
            slope_x[y, x] = _one_slope(
                w,
                _same(inverse, index, y, x, y, x + 1),
                _same(inverse, index, y, x, y, x + 2),
                _same(inverse, index, y, x, y, x - 1),
                _same(inverse, index, y, x, y, x - 2),
            )
            slope_y[y, x] = _one_slope(
                w,
                _same(inverse, index, y, x, y + 1, x),
                _same(inverse, index, y, x, y + 2, x),
                _same(inverse, index, y, x, y - 1, x),
                _same(inverse, index, y, x, y - 2, x),
            )


@inline
def joined(inverse, index, slope_x, slope_y, y0, x0, y1, x1):
    """Whether two neighbouring texels lie on one surface: each one's plane predicts the other."""
    if index[y0, x0] != index[y1, x1]:
        return False
    w0, w1 = inverse[y0, x0], inverse[y1, x1]
    if w0 == 0.0 or w1 == 0.0:
        return w0 == w1
    dx, dy = np.float32(x1 - x0), np.float32(y1 - y0)
    there = w0 + slope_x[y0, x0] * dx + slope_y[y0, x0] * dy
    here = w1 - slope_x[y1, x1] * dx - slope_y[y1, x1] * dy
    # A crease bends away from one of the planes only where the other still holds.
    return min(abs(there - w1), abs(here - w0)) <= RELATIVE_TOLERANCE * max(w0, w1)


@kernel
def _smooth_cells(first, end, inverse, index, slope_x, slope_y, smooth):
    for y in range(first, end):
        for x in range(inverse.shape[1] - 1):
            smooth[y, x] = (
                joined(inverse, index, slope_x, slope_y, y, x, y, x + 1)
                and joined(inverse, index, slope_x, slope_y, y + 1, x, y + 1, x + 1)
                and joined(inverse, index, slope_x, slope_y, y, x, y + 1, x)
                and joined(inverse, index, slope_x, slope_y, y, x + 1, y + 1, x + 1)
            )
