# SPDX-License-Identifier: GPL-3.0-or-later
"""Colours of a reference picture at fractional places: splines over a pyramid inside, one surface's texels at edges.

Pictures are packed (see references.py): ``levels`` and ``clean`` hold all of them end to end, ``tables`` (R, L, 4) says
where each level begins in ``levels`` and ``clean`` and how many rows and columns it has, ``scales`` (R, 4) takes a
reference's pixels to its picture's texels. Coordinates u, v have a texel's centre at a whole number.
"""

from __future__ import annotations

import numpy as np

from .geometry import RELATIVE_TOLERANCE
from .jit import inline, part
from .pictures import COEFFICIENT_SCALE
from .texels import CHANNELS, weigh_texels
from .visibility import matches

# Mixed with a plain literal or a 64-bit integer, a 32-bit float would turn into a 64-bit one, at half the speed.
ZERO, HALF, ONE, THREE, FOUR, SIX = (np.float32(n) for n in (0, 0.5, 1, 3, 4, 6))
SIXTH, LEAST = np.float32(1 / 6), np.float32(0.01)
SHRINK_BY_LEVEL, TEXELS_A_TAP = np.float32(1.42), np.float32(1.5)
LARGE = SHRINK_BY_LEVEL * SHRINK_BY_LEVEL  # a footprint's longer side, squared, beyond which one spline would alias
MOST_TAPS = 4
UNIT = np.float32(1 / COEFFICIENT_SCALE)


@inline
def _basis(f):
    """The four weights of a cubic B-spline at ``f`` of the way from the second knot to the third."""
    g = ONE - f
    first, last = g * g * g * SIXTH, f * f * f * SIXTH
    second = (FOUR - SIX * f * f) * SIXTH + THREE * last
    return first, second, ONE - first - second - last, last


@inline
def _mirrored(k, count):
    """As the coefficients were made: held ends would draw the border's texels more strongly each time."""
    k = abs(k)
    return max(2 * (count - 1) - k, 0) if k >= count else k


@inline
def spline(levels, start, rows, columns, u, v):
    """The cubic B-spline's three channels at (u, v) of the level that begins at ``start``."""
    x, y = int(np.floor(u)), int(np.floor(v))
    across, down = _basis(u - np.float32(x)), _basis(v - np.float32(y))
    stride = CHANNELS * columns
    if x >= 1 and y >= 1 and x + 2 < columns and y + 2 < rows:
        red, green, blue = weigh_texels(levels, start + stride * (y - 1) + CHANNELS * (x - 1), stride, across, down)
        return red * UNIT, green * UNIT, blue * UNIT
    red, green, blue = ZERO, ZERO, ZERO
    for j in range(4):
        line = start + stride * _mirrored(y - 1 + j, rows)
        for i in range(4):
            at = line + CHANNELS * _mirrored(x - 1 + i, columns)
            weight = across[i] * down[j]
            red += weight * levels[at]
            green += weight * levels[at + 1]
            blue += weight * levels[at + 2]
    return red * UNIT, green * UNIT, blue * UNIT


@inline
def _bilinear(pixels, start, rows, columns, u, v):
    u = min(max(u, ZERO), np.float32(columns - 1))
    v = min(max(v, ZERO), np.float32(rows - 1))
    x, y = min(int(u), columns - 2), min(int(v), rows - 2)
    fx, fy = u - np.float32(x), v - np.float32(y)
    a = start + 3 * (y * columns + x)
    b = a + 3 * columns
    p, q, r, s = (ONE - fx) * (ONE - fy), fx * (ONE - fy), (ONE - fx) * fy, fx * fy
    return (
        p * pixels[a] + q * pixels[a + 3] + r * pixels[b] + s * pixels[b + 3],
        p * pixels[a + 1] + q * pixels[a + 4] + r * pixels[b + 1] + s * pixels[b + 4],
        p * pixels[a + 2] + q * pixels[a + 5] + r * pixels[b + 2] + s * pixels[b + 5],
    )


@part
def own_surface(clean, tables, scales, near, r, u, v, pu, pv, w, number):
    """Mean of the texels around (u, v) that show the target's own surface, by bilinear weight; of 4, else of 16."""
    start, rows, columns = tables[r, 0, 1], tables[r, 0, 2], tables[r, 0, 3]
    px, py = int(np.floor(pu)), int(np.floor(pv))
    for reach in range(2):
        total, red, green, blue = ZERO, ZERO, ZERO, ZERO
        for y in range(max(py - reach, 0), min(py + reach + 2, rows)):
            gy = (np.float32(y) + HALF - scales[r, 3]) / scales[r, 1]
            ty = min(max(int(gy), 0), near.shape[1] - 1)
            for x in range(max(px - reach, 0), min(px + reach + 2, columns)):
                gx = (np.float32(x) + HALF - scales[r, 2]) / scales[r, 0]
                tx = min(max(int(gx), 0), near.shape[2] - 1)
                right, down = u - np.float32(tx), v - np.float32(ty)
                if not matches(near[r, ty, tx, 3], near[r, ty, tx, 0], near[r, ty, tx, 1], near[r, ty, tx, 2], right,
                               down, w, number, RELATIVE_TOLERANCE):  # fmt: skip
                    continue
                weight = max(ONE - abs(pu - np.float32(x)), LEAST) * max(ONE - abs(pv - np.float32(y)), LEAST)
                at = start + 3 * (y * columns + x)
                total += weight
                red += weight * clean[at]
                green += weight * clean[at + 1]
                blue += weight * clean[at + 2]
        if total > ZERO:
            return red / total, green / total, blue / total
    return _bilinear(clean, start, rows, columns, pu, pv)


@part
def mean(levels, tables, scales, r, pu, pv, ux, uy, vx, vy):
    """Over the target pixel's footprint: splines of a smaller level, as many as it is longer than a texel."""
    ax, ay, bx, by = ux * scales[r, 0], vx * scales[r, 1], uy * scales[r, 0], vy * scales[r, 1]
    along_x, along_y = np.sqrt(ax * ax + ay * ay), np.sqrt(bx * bx + by * by)
    level, unit = 0, ONE
    while min(along_x, along_y) * unit > SHRINK_BY_LEVEL and tables[r, level + 1, 2] > 0:
        unit *= HALF
        level += 1
    start, rows, columns = tables[r, level, 0], tables[r, level, 2], tables[r, level, 3]
    taps_x = min(max(int(np.ceil(along_x * unit / TEXELS_A_TAP)), 1), MOST_TAPS)
    taps_y = min(max(int(np.ceil(along_y * unit / TEXELS_A_TAP)), 1), MOST_TAPS)
    red, green, blue = ZERO, ZERO, ZERO
    for j in range(taps_y):
        sy = (np.float32(j) + HALF) / np.float32(taps_y) - HALF
        for i in range(taps_x):
            sx = (np.float32(i) + HALF) / np.float32(taps_x) - HALF
            su, sv = (pu + sx * ax + sy * bx) * unit - HALF, (pv + sx * ay + sy * by) * unit - HALF
            p, q, s = spline(levels, start, rows, columns, su, sv)
            red, green, blue = red + p, green + q, blue + s
    share = ONE / np.float32(taps_x * taps_y)
    return red * share, green * share, blue * share
