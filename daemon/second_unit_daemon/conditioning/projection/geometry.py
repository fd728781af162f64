# SPDX-License-Identifier: GPL-3.0-or-later
"""What a depth map knows about its surfaces: inverse depth, slopes, where they break, how far the next break is.

Inverse depth is affine over the image of a plane (perspective-correct interpolation; Heckbert and Moreton, 1991), so a
texel's inverse depth and its two slopes predict the whole plane around it. Maps are (H, W) in the depth's own pixels.
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
STRAIGHT = np.float32(0.01)  # how far three texels of one surface may be off a line, relative to inverse depth
STEEPEST = np.float32(0.05)  # the greatest step to a lone neighbour that is believed
ABSENT, ZERO, HALF, ONE, INFINITE = (np.float32(n) for n in (-1, 0, 0.5, 1, np.inf))
UNEVEN = np.float32(1e30)


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
    depth_m = np.ascontiguousarray(depth_m)
    over_rows(_invert, height, depth_m, inverse)
    over_rows(slopes, height, inverse, ids, slope_x, slope_y)
    smooth = np.zeros((height - 1, width - 1), np.uint8)
    over_rows(_smooth_cells, height - 1, inverse, ids, slope_x, slope_y, smooth)
    reach = 2 * CLEAN_AFTER_CELLS - 1
    kernel = np.ones((reach, reach), np.uint8)
    clean = np.asarray(cv2.erode(smooth, kernel, borderType=cv2.BORDER_CONSTANT, borderValue=(1,)), np.uint8)
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


@inline
def invert_row(depth, inverse):
    """Inverse depths of a row, 0 where there is nothing."""
    for x in range(inverse.shape[0]):
        z = depth[x]
        inverse[x] = ONE / z if (z > ZERO) & (z < INFINITE) else ZERO


@kernel
def _invert(first, end, depth, inverse):
    for y in range(first, end):
        invert_row(depth[y], inverse[y])


@inline
def _same(inverse, index, number, y, x):
    """Inverse depth of a neighbour that may lie on the same surface, else -1."""
    if y < 0 or x < 0 or y >= inverse.shape[0] or x >= inverse.shape[1] or index[y, x] != number:
        return ABSENT
    w = inverse[y, x]
    return w if w > ZERO else ABSENT


@inline
def _even_slopes(middle, ids, back, back_ids, forward, forward_ids, out):
    """Slopes of a row of texels between two neighbouring rows, where the three are straight; else UNEVEN."""
    for x in range(out.shape[0]):
        w, f, b = middle[x], forward[x], back[x]
        one_thing = (ids[x] == forward_ids[x]) & (ids[x] == back_ids[x]) & (f > ZERO) & (b > ZERO) & (w > ZERO)
        out[x] = (f - b) * HALF if one_thing & (abs(f - w - w + b) <= STRAIGHT * w) else UNEVEN


@inline
def _uneven_slope(inverse, index, y, x, step_y, step_x):
    """Slope at a texel from the one side that is straight, or has the lesser step."""
    w, number = inverse[y, x], index[y, x]
    if w == ZERO:
        return ZERO
    forward = _same(inverse, index, number, y + step_y, x + step_x)
    back = _same(inverse, index, number, y - step_y, x - step_x)
    ahead = _same(inverse, index, number, y + 2 * step_y, x + 2 * step_x) if forward > ZERO else ABSENT
    behind = _same(inverse, index, number, y - 2 * step_y, x - 2 * step_x) if back > ZERO else ABSENT
    bend_forward = abs(w - forward - forward + ahead) if ahead > ZERO else w
    bend_back = abs(w - back - back + behind) if behind > ZERO else w
    if min(bend_forward, bend_back) <= STRAIGHT * w:
        return forward - w if bend_forward <= bend_back else w - back
    step_forward = forward - w if forward > ZERO else w
    step_back = w - back if back > ZERO else w
    step = step_forward if abs(step_forward) <= abs(step_back) else step_back
    return step if abs(step) <= STEEPEST * w else ZERO


@kernel
def slopes(first, end, inverse, index, slope_x, slope_y):
    """What inverse depth gains with a step to the right and down, for rows of texels: on each one's own surface."""
    rows, columns = inverse.shape
    for y in range(first, end):
        row, ids = inverse[y], index[y]
        slope_x[y, 0] = slope_x[y, columns - 1] = UNEVEN
        _even_slopes(row[1:-1], ids[1:-1], row[:-2], ids[:-2], row[2:], ids[2:], slope_x[y, 1:-1])
        if 0 < y < rows - 1:
            _even_slopes(row, ids, inverse[y - 1], index[y - 1], inverse[y + 1], index[y + 1], slope_y[y])
        else:
            slope_y[y] = UNEVEN
        for x in range(columns):
            if slope_x[y, x] == UNEVEN:
                slope_x[y, x] = _uneven_slope(inverse, index, y, x, 0, 1)
            if slope_y[y, x] == UNEVEN:
                slope_y[y, x] = _uneven_slope(inverse, index, y, x, 1, 0)


@inline
def joined(inverse, index, slope_x, slope_y, y0, x0, y1, x1, tolerance):
    """Whether two neighbouring texels lie on one surface: each one's plane predicts the other."""
    dx, dy = np.float32(x1 - x0), np.float32(y1 - y0)
    step_0 = slope_x[y0, x0] * dx + slope_y[y0, x0] * dy
    step_1 = slope_x[y1, x1] * dx + slope_y[y1, x1] * dy
    return on_one(index[y0, x0] == index[y1, x1], inverse[y0, x0], step_0, inverse[y1, x1], step_1, tolerance)


@inline
def on_one(one_thing, w0, step_0, w1, step_1, tolerance):
    """The same by inverse depths and what their planes gain on the way from the first to the second; no branches.

    A crease bends away from one of the planes only where the other still holds. Nothing (0) is joined to nothing alone.
    """
    off = min(abs(w0 + step_0 - w1), abs(w1 - step_1 - w0))
    return one_thing & ((w0 == ZERO) == (w1 == ZERO)) & (off <= tolerance * max(w0, w1))


@inline
def _joined_across(w, ids, slope, out):
    """Whether each texel of a row (W,) and the one right of it lie on one surface, (W - 1,) of 0 and 1."""
    for x in range(out.shape[0]):
        out[x] = np.uint8(on_one(ids[x] == ids[x + 1], w[x], slope[x], w[x + 1], slope[x + 1], RELATIVE_TOLERANCE))


@inline
def _joined_down(w, ids, slope, w_below, ids_below, slope_below, out):
    """The same for each texel of a row and the one below it, (W,)."""
    for x in range(out.shape[0]):
        out[x] = np.uint8(
            on_one(ids[x] == ids_below[x], w[x], slope[x], w_below[x], slope_below[x], RELATIVE_TOLERANCE)
        )


@inline
def _all_joined(above, below, sides, out):
    for x in range(out.shape[0]):
        out[x] = above[x] & below[x] & sides[x] & sides[x + 1]


@kernel
def _smooth_cells(first, end, inverse, index, slope_x, slope_y, smooth):
    columns = inverse.shape[1]
    rows = np.empty((2, columns - 1), np.uint8)
    down = np.empty(columns, np.uint8)
    _joined_across(inverse[first], index[first], slope_x[first], rows[first & 1])
    for y in range(first, end):
        here, below = rows[y & 1], rows[(y + 1) & 1]
        _joined_across(inverse[y + 1], index[y + 1], slope_x[y + 1], below)
        _joined_down(inverse[y], index[y], slope_y[y], inverse[y + 1], index[y + 1], slope_y[y + 1], down)
        _all_joined(here, below, down, smooth[y])
