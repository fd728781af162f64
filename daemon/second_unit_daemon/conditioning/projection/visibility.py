# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether a reference's camera saw a point: is its surface the one that the reference's geometry has there?

Where no silhouette runs through its pixel a texel mostly knows. Where one does, or a crease, the answer turns on
fractions of a pixel: there the finer maps that references bring are asked, and between their samples the silhouettes
drawn through them (see silhouettes.py).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .geometry import CLEAN, Surfaces
from .jit import inline, kernel, over_rows
from .silhouettes import WHOLE, owner

TOLERANCE = np.float32(0.0015)  # relative, between the depths of one surface seen from two places
ELSEWHERE = np.float32(0.2)  # a depth this far off is no neighbour's across a crease
FAR = np.float32(1e-9)
NO, YES, ASK = 0, 1, 2  # what a texel knows of a point
ZERO, HALF, ONE = np.float32(0), np.float32(0.5), np.float32(1)
CURL = np.float32(
    1.005
)  # a surface may bend away by this much of its inverse depth between its last sample and its rim
SLACK, MOST_SLACK = np.float32(0.25), np.float32(0.05)


def near_map(surfaces: Surfaces, safe: NDArray[np.bool_]) -> NDArray[np.float32]:
    """(H, W, 4): what is asked of a texel, side by side: inverse depth, its slopes, and the thing's number.

    The number is given as ``-1 - number`` where the texel cannot speak for the whole of its pixel: not ``safe`` (H, W).
    """
    number = surfaces.index.astype(np.float32)
    return np.stack([surfaces.inverse, surfaces.slope_x, surfaces.slope_y, np.where(safe, number, -1 - number)], -1)


def safe_of(surfaces: Surfaces, right: NDArray, below: NDArray, fineness: int) -> NDArray[np.bool_]:
    """(H, W) whether no silhouette runs through a texel's pixel, as the crossings (k·H, k·W) of the finer maps tell.

    Where those are no finer: whether none runs near it.
    """
    if fineness > 1:
        crossed = np.zeros(surfaces.shape, np.bool_)
        over_rows(_find_crossed, surfaces.shape[0], right, below, fineness, crossed)
        return ~crossed
    clean = np.pad((surfaces.cells == CLEAN).astype(np.uint8), 1, constant_values=1)
    return (clean[:-1, :-1] & clean[1:, :-1] & clean[:-1, 1:] & clean[1:, 1:]) > 0


@kernel
def _find_crossed(first, end, right, below, fineness, crossed):
    """Crossings between a pixel's own samples, and between them and those around it."""
    for y in range(first, end):
        top, bottom = y * fineness, (y + 1) * fineness
        for x in range(crossed.shape[1]):
            start, stop = x * fineness, (x + 1) * fineness
            found = False
            for row in range(top, bottom):
                for column in range(max(start - 1, 0), stop):
                    found |= right[row, column] != WHOLE
            for row in range(max(top - 1, 0), bottom):
                for column in range(start, stop):
                    found |= below[row, column] != WHOLE
            crossed[y, x] = found


@inline
def matches(code, here, slope_x, slope_y, right, down, w, number, tolerance):
    """Whether a texel's surface, as ``near_map`` has it, passes through inverse depth ``w`` at (right, down) of it.

    Numbers alone go in: a function that takes arrays counts who holds them, at every pixel.
    """
    if max(code, -ONE - code) != np.float32(number):
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
    return ASK if matches(code, here, slope_x, slope_y, right, down, w, number, ELSEWHERE) else NO


@inline
def seen_between(inverse, index, right, below, fineness, r, u, v, w, number, grade_x, grade_y):
    """The silhouettes say on whose side (u, v) lies; any sample on that side may vouch for the surface.

    ``grade_x``, ``grade_y``: what the target's own plane adds to ``w`` on the way to a sample, a reference pixel each.
    """
    fu, fv = (u + HALF) * fineness - HALF, (v + HALF) * fineness - HALF
    y, x = owner(right, below, r, fu, fv)
    step_x, step_y = (1 if np.float32(x) <= fu else -1), (1 if np.float32(y) <= fv else -1)
    unit, tolerance = ONE / fineness, TOLERANCE * w
    if inverse[r, y, x] < w - tolerance:
        return True  # what is drawn there lies behind the point, so the silhouette runs a little further out
    low, high, rim = np.float32(np.inf), ZERO, False
    for n in range(4):
        ny, nx = y + step_y * (n >> 1), x + step_x * (n & 1)
        if ny < 0 or nx < 0 or ny >= inverse.shape[1] or nx >= inverse.shape[2]:
            continue
        left, top = min(x, nx), min(y, ny)
        if (n == 1 and right[r, y, left] != WHOLE) or (n == 2 and below[r, top, x] != WHOLE):
            rim |= inverse[r, ny, nx] < w
            continue
        if n == 3:
            across_first = right[r, y, left] == WHOLE and below[r, top, nx] == WHOLE
            down_first = below[r, top, x] == WHOLE and right[r, ny, left] == WHOLE
            if not (across_first or down_first):
                continue
        if index[r, ny, nx] != number:
            continue
        here = inverse[r, ny, nx]
        if w <= FAR or here == ZERO:
            if w <= FAR and here == ZERO:
                return True
            continue
        rise = (grade_x * (np.float32(nx) - fu) + grade_y * (np.float32(ny) - fv)) * unit
        if min(abs(w + rise - here), abs(w - here)) <= tolerance:
            return True
        low, high = min(low, here), max(high, here)
    if rim and w > FAR and index[r, y, x] == number and inverse[r, y, x] <= w * CURL:
        return True
    # A surface seen nearly edge on, a sample or two wide, has no slopes to go by; but its samples enclose the point.
    return low - tolerance <= w and w <= high + tolerance
