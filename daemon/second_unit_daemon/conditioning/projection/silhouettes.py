# SPDX-License-Identifier: GPL-3.0-or-later
"""Where silhouettes run between the samples of a depth map, to a fraction of a pixel.

A depth map says on which side of a silhouette each pixel centre lies, no more. But a straight silhouette leaves a
staircase whose steps give its place away: it passes the middle of each step, as morphological antialiasing
(Reshetov, 2009) has it for colours. ``Silhouettes`` keeps, for every pair of neighbours that lie on two surfaces,
where between their centres the silhouette crosses.
"""

from __future__ import annotations

import numpy as np
from attrs import field, frozen
from numpy.typing import NDArray

from .geometry import RELATIVE_TOLERANCE, Surfaces, joined
from .jit import inline, kernel, over_rows

REACH = 24
WHOLE = 255  # no silhouette between these two; else the crossing is value / 200 of the way
STEPS = 200
MIDDLE = 100


@frozen(eq=False)
class Silhouettes:
    """Crossings right of a texel (H, W) and below it (H, W), uint8: WHOLE or 0 … STEPS."""

    right: NDArray[np.uint8] = field(repr=False)
    below: NDArray[np.uint8] = field(repr=False)


def silhouettes_of(surfaces: Surfaces, fineness: int) -> Silhouettes:
    """Follows each staircase for up to REACH samples to either side.

    ``fineness`` samples lie along a pixel's side: the finer they are the smaller the steps that tell surfaces apart.
    """
    shape = surfaces.shape
    right, below = np.full(shape, WHOLE, np.uint8), np.full(shape, WHOLE, np.uint8)
    geometry = (surfaces.inverse, surfaces.index, surfaces.slope_x, surfaces.slope_y)
    over_rows(_find, shape[0], *geometry, RELATIVE_TOLERANCE / np.float32(fineness), right, below)
    out_right, out_below = right.copy(), below.copy()
    over_rows(_trace, shape[0], right, below, REACH, out_right)
    over_rows(_trace_transposed, shape[0], right, below, REACH, out_below)
    return Silhouettes(out_right, out_below)


@kernel
def _find(first, end, inverse, index, slope_x, slope_y, tolerance, right, below):
    rows, columns = inverse.shape
    for y in range(first, end):
        for x in range(columns):
            if x + 1 < columns and not joined(inverse, index, slope_x, slope_y, y, x, y, x + 1, tolerance):
                right[y, x] = MIDDLE
            if y + 1 < rows and not joined(inverse, index, slope_x, slope_y, y, x, y + 1, x, tolerance):
                below[y, x] = MIDDLE


@inline
def _follow(right, below, y, x, way, reach):
    """Along a silhouette between columns x and x + 1: (rows it goes on, column step at the end: ±1, 0 = unknown)."""
    for n in range(reach):
        row = y + (n + 1) * way
        if row < 0 or row >= right.shape[0]:
            return n, 0
        upper = row - 1 if way > 0 else row
        left_breaks, right_breaks = below[upper, x] != WHOLE, below[upper, x + 1] != WHOLE
        if right[row, x] != WHOLE and not left_breaks and not right_breaks:
            continue
        if right[row, x] == WHOLE and left_breaks != right_breaks:
            return n, (1 if right_breaks else -1)
        return n, 0
    return reach, 0


@inline
def _crossing(before, step_before, after, step_after):
    """0 … STEPS between the two texels: on the line through the middles of the steps at both ends of the run."""
    place = (before + 0.5) / (before + after + 1.0)
    start, stop = 0.5 + 0.5 * step_before, 0.5 + 0.5 * step_after
    if step_before * step_after < 0:
        across = start + (stop - start) * place
    elif place < 0.5:
        across = start + (0.5 - start) * 2 * place
    else:
        across = 0.5 + (stop - 0.5) * (2 * place - 1)
    return np.uint8(min(max(across * STEPS + 0.5, 0.0), STEPS))


@kernel
def _trace(first, end, right, below, reach, out):
    for y in range(first, end):
        for x in range(right.shape[1] - 1):
            if right[y, x] != WHOLE:
                before, step_before = _follow(right, below, y, x, -1, reach)
                after, step_after = _follow(right, below, y, x, 1, reach)
                out[y, x] = _crossing(before, step_before, after, step_after)


@kernel
def _trace_transposed(first, end, right, below, reach, out):
    turned_right, turned_below = below.T, right.T
    for y in range(first, min(end, right.shape[0] - 1)):
        for x in range(right.shape[1]):
            if below[y, x] != WHOLE:
                before, step_before = _follow(turned_right, turned_below, x, y, -1, reach)
                after, step_after = _follow(turned_right, turned_below, x, y, 1, reach)
                out[y, x] = _crossing(before, step_before, after, step_after)


@inline
def owner(right, below, r, u, v):
    """The texel (row, column) on whose side of map r's silhouettes the place (u, v), in texel coordinates, lies.

    ``right`` and ``below`` are the crossings of several maps, (R, H, W).
    """
    rows, columns = right.shape[1], right.shape[2]
    x, y = min(max(int(np.floor(u)), 0), columns - 2), min(max(int(np.floor(v)), 0), rows - 2)
    fx, fy = min(max(u - x, np.float32(0)), np.float32(1)), min(max(v - y, np.float32(0)), np.float32(1))
    top, bottom, left, other = right[r, y, x], right[r, y + 1, x], below[r, y, x], below[r, y, x + 1]
    column, row = int(fx + np.float32(0.5)), int(fy + np.float32(0.5))
    unit = np.float32(1.0 / STEPS)
    broken = int(top != WHOLE) + int(bottom != WHOLE) + int(left != WHOLE) + int(other != WHOLE)
    if broken != 2:
        if broken == 3:  # a silhouette ends against another one
            if top != WHOLE and bottom != WHOLE:
                column = int(fx >= (top + (np.float32(bottom) - top) * fy) * unit)
            else:
                row = int(fy >= (left + (np.float32(other) - left) * fx) * unit)
        return y + row, x + column
    if top != WHOLE and bottom != WHOLE:
        column = int(fx >= (top + (np.float32(bottom) - top) * fy) * unit)
    elif left != WHOLE and other != WHOLE:
        row = int(fy >= (left + (np.float32(other) - left) * fx) * unit)
    else:
        # One corner is cut off by a line between two neighbouring sides of the cell.
        low, near = bottom != WHOLE, other != WHOLE
        across = (bottom if low else top) * unit
        down = (other if near else left) * unit
        along_x = (1 - fx) / (1 - across + np.float32(1e-4)) if near else fx / (across + np.float32(1e-4))
        along_y = (1 - fy) / (1 - down + np.float32(1e-4)) if low else fy / (down + np.float32(1e-4))
        inside = along_x + along_y < 1
        at_corner = column == int(near) and row == int(low)
        if inside:
            column, row = int(near), int(low)
        elif at_corner:
            # Of the two texels next to the corner, take the one that is nearer.
            if along_x > along_y:
                column = 1 - column
            else:
                row = 1 - row
    return y + row, x + column
