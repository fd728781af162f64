# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether a reference's camera saw a point: is its surface the one that the reference's geometry has there?

Away from silhouettes the nearest texel mostly knows. Beside one, or a crease, the answer turns on fractions of a pixel:
there the finer maps that references bring are asked, and between their samples the silhouettes drawn through them (see
silhouettes.py).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .geometry import CLEAN, Surfaces
from .jit import inline
from .silhouettes import WHOLE, owner

TOLERANCE = np.float32(0.003)  # relative, between the depths of one surface seen from two places
ELSEWHERE = np.float32(0.2)  # a depth this far off is no neighbour's across a crease
FAR, LEAST_AREA = np.float32(1e-9), np.float32(1e-9)
ZERO, HALF, ONE = np.float32(0), np.float32(0.5), np.float32(1)
SLACK, MOST_SLACK = np.float32(0.25), np.float32(0.05)


def near_map(surfaces: Surfaces) -> NDArray[np.float32]:
    """(H, W, 4): what is asked of a texel, side by side: inverse depth, its slopes, and the thing's number.

    The number is given as ``-1 - number`` where a silhouette is so near that the texel cannot speak for its pixel.
    """
    clean = np.pad((surfaces.cells == CLEAN).astype(np.uint8), 1, constant_values=1)
    safe = (clean[:-1, :-1] & clean[1:, :-1] & clean[:-1, 1:] & clean[1:, 1:]) > 0
    number = surfaces.index.astype(np.float32)
    return np.stack([surfaces.inverse, surfaces.slope_x, surfaces.slope_y, np.where(safe, number, -1 - number)], -1)


@inline
def texel_matches(near, r, y, x, u, v, w, number, tolerance):
    """Whether the surface of texel (x, y) of reference ``r`` passes through inverse depth ``w`` at (u, v)."""
    code = near[r, y, x, 3]
    if max(code, -ONE - code) != np.float32(number):
        return False
    here, slope_x, slope_y = near[r, y, x, 0], near[r, y, x, 1], near[r, y, x, 2]
    if w <= FAR or here == ZERO:
        return w <= FAR and here == ZERO
    expected = here + slope_x * (u - np.float32(x)) + slope_y * (v - np.float32(y))
    slack = SLACK * (abs(slope_x) + abs(slope_y))
    return abs(expected - w) <= tolerance * w + min(slack, MOST_SLACK * w)


@inline
def _seen_between(inverse, index, right, below, fineness, r, u, v, w, number, grade_x, grade_y):
    """The silhouettes say on whose side (u, v) lies; any sample on that side may vouch for the surface.

    ``grade_x``, ``grade_y``: what the target's own plane adds to ``w`` on the way to a sample, a reference pixel each.
    """
    fu, fv = (u + HALF) * fineness - HALF, (v + HALF) * fineness - HALF
    y, x = owner(right, below, r, fu, fv)
    step_x, step_y = (1 if np.float32(x) <= fu else -1), (1 if np.float32(y) <= fv else -1)
    unit, tolerance = ONE / fineness, TOLERANCE * w
    if inverse[r, y, x] < w - tolerance:
        return True  # what is drawn there lies behind the point, so the silhouette runs a little further out
    low, high = np.float32(np.inf), ZERO
    for n in range(4):
        ny, nx = y + step_y * (n >> 1), x + step_x * (n & 1)
        if ny < 0 or nx < 0 or ny >= inverse.shape[1] or nx >= inverse.shape[2]:
            continue
        left, top = min(x, nx), min(y, ny)
        if n == 1 and right[r, y, left] != WHOLE:
            continue
        if n == 2 and below[r, top, x] != WHOLE:
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
    # A surface seen nearly edge on, a sample or two wide, has no slopes to go by; but its samples enclose the point.
    return low - tolerance <= w and w <= high + tolerance


@inline
def seen(
    near, inverse, index, right, below, fineness, r, x, y, u, v, w, number, rise_x, rise_y, ux, uy, vx, vy
):  # fmt: skip
    """Whether reference ``r`` sees the point at texel coordinates (u, v), nearest texel (x, y), inverse depth ``w``.

    ``rise_x``, ``rise_y`` are the surface's slopes of that inverse depth in target pixels and ``ux`` … ``vy`` are
    ∂(u, v)/∂(x, y): together they give its slopes in the reference.
    """
    if near[r, y, x, 3] >= ZERO:
        if texel_matches(near, r, y, x, u, v, w, number, TOLERANCE):
            return True
        if not texel_matches(near, r, y, x, u, v, w, number, ELSEWHERE):
            return False
    area = ux * vy - uy * vx
    if abs(area) < LEAST_AREA:
        return _seen_between(inverse, index, right, below, fineness, r, u, v, w, number, ZERO, ZERO)
    grade_x, grade_y = (vy * rise_x - vx * rise_y) / area, (ux * rise_y - uy * rise_x) / area
    return _seen_between(inverse, index, right, below, fineness, r, u, v, w, number, grade_x, grade_y)
