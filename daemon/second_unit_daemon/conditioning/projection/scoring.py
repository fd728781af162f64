# SPDX-License-Identifier: GPL-3.0-or-later
"""How well a reference could show each pixel of a row, before it is known whether it sees it: loops without branches,
one array written by each, so that they run on many pixels at once.

``lines`` (LINES, W) float32 holds what they find for one reference and row: SCALE, 1 / its depth there for each unit
here (0 behind the camera, and where the thing's place is not known); PLACE_U, PLACE_V, where the pixel lies in it;
QUALITY, 0 … 1, the share of detail and of a head-on sight that it has; SQUARE, the longer side of the pixel's
footprint, squared, in texels of its picture.
"""

from __future__ import annotations

import numpy as np

from .jit import inline

SCALE, PLACE_U, PLACE_V, QUALITY, SQUARE = range(5)
LINES = 5
LEAST_DENSITY = np.float32(1.0 / 512.0)  # texels a pixel: a surface stretched further is a hole
BEHIND, TINY = np.float32(1e-6), np.float32(1e-12)
ZERO, HALF, ONE, FOUR = np.float32(0), np.float32(0.5), np.float32(1), np.float32(4)


@inline
def place_row(view, first_x, py, inverse, scale, u, v):
    """For pixels from ``first_x`` on whose inverse depths are ``inverse`` (N,); ``view`` (15,), see kernel.py."""
    h0, h1, h2 = view[0], view[3], view[6]
    c0, c1, c2 = view[1] * py + view[2], view[4] * py + view[5], view[7] * py + view[8]
    e0, e1, e2 = view[9], view[10], view[11]
    start = np.float32(first_x) + HALF
    for i in range(scale.shape[0]):
        depth = h2 * (start + np.float32(i)) + c2 + inverse[i] * e2
        scale[i] = ONE / depth if depth > BEHIND else ZERO
    for i in range(u.shape[0]):
        u[i] = (h0 * (start + np.float32(i)) + c0 + inverse[i] * e0) * scale[i]
    for i in range(v.shape[0]):
        v[i] = (h1 * (start + np.float32(i)) + c1 + inverse[i] * e1) * scale[i]


@inline
def quality_row(view, rays, scales, bounds, first_x, ray_y, inverse, slope_x, slope_y, scale, u, v, quality):
    """Density of texels, at most one a pixel, times half of one plus the cosine between both lines of sight."""
    h0, h1, h3, h4, h6, h7 = view[0], view[1], view[3], view[4], view[6], view[7]
    e0, e1, e2, cx, cy, cz = view[9], view[10], view[11], view[12], view[13], view[14]
    left, top, right, bottom = bounds[0], bounds[1], bounds[2], bounds[3]
    fine_x, fine_y, step, centre = scales[0], scales[1], rays[0], rays[2]
    start = np.float32(first_x) + HALF
    for i in range(quality.shape[0]):
        zx, zy = h6 + slope_x[i] * e2, h7 + slope_y[i] * e2
        a = (h0 + slope_x[i] * e0 - u[i] * zx) * scale[i] * fine_x
        b = (h1 + slope_y[i] * e0 - u[i] * zy) * scale[i] * fine_x
        c = (h3 + slope_x[i] * e1 - v[i] * zx) * scale[i] * fine_y
        d = (h4 + slope_y[i] * e1 - v[i] * zy) * scale[i] * fine_y
        total, area = a * a + b * b + c * c + d * d, a * d - b * c
        spread = np.sqrt(max(total * total - area * area * FOUR, ZERO))
        density = np.sqrt(max((total - spread) * HALF, ZERO))
        ray_x = (start + np.float32(i) - centre) * step
        bx, by, bz = ray_x - cx * inverse[i], ray_y - cy * inverse[i], ONE - cz * inverse[i]
        along = ray_x * bx + ray_y * by + bz
        facing = along / np.sqrt((ray_x * ray_x + ray_y * ray_y + ONE) * (bx * bx + by * by + bz * bz) + TINY)
        good = min(density, ONE) * (HALF + HALF * facing)
        inside = (u[i] >= left) & (u[i] <= right) & (v[i] >= top) & (v[i] <= bottom)
        quality[i] = good if inside & (scale[i] > ZERO) & (density >= LEAST_DENSITY) else ZERO


@inline
def square_row(view, scales, slope_x, slope_y, scale, u, v, square):
    """The longer side of each pixel's footprint, squared."""
    h0, h1, h3, h4, h6, h7 = view[0], view[1], view[3], view[4], view[6], view[7]
    e0, e1, e2, fine_x, fine_y = view[9], view[10], view[11], scales[0], scales[1]
    for i in range(square.shape[0]):
        zx, zy = h6 + slope_x[i] * e2, h7 + slope_y[i] * e2
        a = (h0 + slope_x[i] * e0 - u[i] * zx) * scale[i] * fine_x
        b = (h1 + slope_y[i] * e0 - u[i] * zy) * scale[i] * fine_x
        c = (h3 + slope_x[i] * e1 - v[i] * zx) * scale[i] * fine_y
        d = (h4 + slope_y[i] * e1 - v[i] * zy) * scale[i] * fine_y
        square[i] = max(a * a + c * c, b * b + d * d)


@inline
def jacobian(views, r, place, u, v, scale, slope_x, slope_y):
    """∂(u, v)/∂(x, y) in reference pixels a target pixel: (u_x, u_y, v_x, v_y).

    ``views`` whole, not a row of it: to take a view of an array is to count who holds it, which costs more than this.
    """
    zx, zy = views[r, place, 6] + slope_x * views[r, place, 11], views[r, place, 7] + slope_y * views[r, place, 11]
    return (
        (views[r, place, 0] + slope_x * views[r, place, 9] - u * zx) * scale,
        (views[r, place, 1] + slope_y * views[r, place, 9] - u * zy) * scale,
        (views[r, place, 3] + slope_x * views[r, place, 10] - v * zx) * scale,
        (views[r, place, 4] + slope_y * views[r, place, 10] - v * zy) * scale,
    )
