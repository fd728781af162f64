# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether a reference's camera saw a point: is its surface the one that the reference's geometry has there?

Where no silhouette runs through its pixel a texel mostly knows. Where one does, or a crease, the answer turns on
fractions of a pixel: there the finer maps that references bring are asked, and between their samples the silhouettes
drawn through them (see silhouettes.py).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .geometry import Surfaces
from .jit import inline
from .silhouettes import WHOLE, owner, sample

TOLERANCE = np.float32(0.0015)  # relative, between the depths of one surface seen from two places
ELSEWHERE = np.float32(0.2)  # a depth this far off is no neighbour's across a crease
FAR = np.float32(1e-9)
NO, YES, ASK = 0, 1, 2  # what a texel knows of a point
MORE = np.float32(65536)  # beyond the number of any thing
ZERO, HALF, ONE = np.float32(0), np.float32(0.5), np.float32(1)
CURL = np.float32(
    1.005
)  # a surface may bend away by this much of its inverse depth between its last sample and its rim
SLACK, MOST_SLACK = np.float32(0.25), np.float32(0.05)


def near_map(surfaces: Surfaces, crossed: NDArray[np.bool_], more: NDArray[np.bool_]) -> NDArray[np.float32]:
    """(H, W, 4): what is asked of a texel, side by side: inverse depth, its slopes, and the thing's number.

    The number is given as ``-1 - number`` where the texel cannot speak for its pixel, since a silhouette has
    ``crossed`` (H, W) it; as ``MORE + number`` where it can, but finer maps know ``more`` (H, W) of what it does not.
    """
    number = surfaces.index.astype(np.float32)
    code = np.where(crossed, -1 - number, np.where(more, MORE + number, number))
    return np.stack([surfaces.inverse, surfaces.slope_x, surfaces.slope_y, code], -1)


@inline
def _number_of(code):
    return max(code - MORE if code >= MORE else code, -ONE - code)


@inline
def matches(code, here, slope_x, slope_y, right, down, w, number, tolerance):
    """Whether a texel's surface, as ``near_map`` has it, passes through inverse depth ``w`` at (right, down) of it.

    Numbers alone go in: a function that takes arrays counts who holds them, at every pixel.
    """
    if _number_of(code) != np.float32(number):
        return False
    if w <= FAR or here == ZERO:
        return w <= FAR and here == ZERO
    expected = here + slope_x * right + slope_y * down
    slack = SLACK * (abs(slope_x) + abs(slope_y))
    return abs(expected - w) <= tolerance * w + min(slack, MOST_SLACK * w)


@inline
def texel_says(code, here, slope_x, slope_y, right, down, w, number):
    """Whether a reference sees a point of inverse depth ``w``, by the texel that it is (right, down) of.

    YES, NO, or ASK: a silhouette or a crease is so near that it cannot speak for the whole of its pixel.
    """
    if code < ZERO:
        return ASK
    if matches(code, here, slope_x, slope_y, right, down, w, number, TOLERANCE):
        return YES
    return ASK if code >= MORE and matches(code, here, slope_x, slope_y, right, down, w, number, ELSEWHERE) else NO


@inline
def seen_between(finer, fineness, r, u, v, w, number, grade_x, grade_y):
    """The silhouettes say on whose side (u, v) lies; any sample on that side may vouch for the surface.

    ``grade_x``, ``grade_y``: what the target's own plane adds to ``w`` on the way to a sample, a reference pixel each.
    """
    start, inverse, index, right, below = finer
    fu, fv = (u + HALF) * fineness - HALF, (v + HALF) * fineness - HALF
    y, x = owner(start, right, below, fineness, r, fu, fv)
    own = sample(start, fineness, r, y, x)
    rows, columns = start.shape[1] * np.int64(fineness), start.shape[2] * np.int64(fineness)
    step_x, step_y = (1 if np.float32(x) <= fu else -1), (1 if np.float32(y) <= fv else -1)
    unit, tolerance = ONE / fineness, TOLERANCE * w
    if inverse[own] < w - tolerance:
        return True  # what is drawn there lies behind the point, so the silhouette runs a little further out
    low, high, rim = np.float32(np.inf), ZERO, False
    for n in range(4):
        ny, nx = y + step_y * (n >> 1), x + step_x * (n & 1)
        if ny < 0 or nx < 0 or ny >= rows or nx >= columns:
            continue
        there = sample(start, fineness, r, ny, nx)
        first = own if step_x > 0 else sample(start, fineness, r, y, nx)
        upper = own if step_y > 0 else sample(start, fineness, r, ny, x)
        if (n == 1 and right[first] != WHOLE) or (n == 2 and below[upper] != WHOLE):
            rim |= inverse[there] < w
            continue
        if n == 3:
            low_first = sample(start, fineness, r, ny, min(x, nx))
            upper_next = sample(start, fineness, r, min(y, ny), nx)
            across_first = right[first] == WHOLE and below[upper_next] == WHOLE
            down_first = below[upper] == WHOLE and right[low_first] == WHOLE
            if not (across_first or down_first):
                continue
        if index[there] != number:
            continue
        here = inverse[there]
        if w <= FAR or here == ZERO:
            if w <= FAR and here == ZERO:
                return True
            continue
        rise = (grade_x * (np.float32(nx) - fu) + grade_y * (np.float32(ny) - fv)) * unit
        if min(abs(w + rise - here), abs(w - here)) <= tolerance:
            return True
        low, high = min(low, here), max(high, here)
    if rim and w > FAR and index[own] == number and inverse[own] <= w * CURL:
        return True
    # A surface seen nearly edge on, a sample or two wide, has no slopes to go by; but its samples enclose the point.
    return low - tolerance <= w and w <= high + tolerance
