# SPDX-License-Identifier: GPL-3.0-or-later
"""The fused loop: for every target pixel, which reference sees it best, and what colour it has there.

References are stacked: maps of geometry are (R, H, W, …), views (R, L, 15) hold for each of L ways
to move (see motion.py) a homography, an epipole and the reference's camera centre in target camera axes; NaN where the
surface's place is not known.
"""

from __future__ import annotations

import numpy as np

from .jit import inline, kernel
from .sampling import HALF, ONE, THREE, ZERO, sample
from .visibility import seen

FEATHER = np.float32(0.15)  # references whose score comes this near to the best one's are blended in
LEAST_DENSITY = np.float32(1.0 / 16.0)  # texels a pixel: a surface stretched further is a hole
BEHIND, TINY = np.float32(1e-6), np.float32(1e-12)
WHITE = np.float32(255)


@inline
def _place(views, r, place, x, y, w):
    """Where a target pixel lies in a reference: (u, v, inverse depth there, 1 / its depth there for each unit here).

    The last is 0 behind the camera, and where the thing's place is not known.
    """
    qz = views[r, place, 6] * x + views[r, place, 7] * y + views[r, place, 8] + w * views[r, place, 11]
    if not qz > BEHIND:
        return ZERO, ZERO, ZERO, ZERO
    scale = ONE / qz
    u = (views[r, place, 0] * x + views[r, place, 1] * y + views[r, place, 2] + w * views[r, place, 9]) * scale
    v = (views[r, place, 3] * x + views[r, place, 4] * y + views[r, place, 5] + w * views[r, place, 10]) * scale
    return u, v, w * scale, scale


@inline
def _jacobian(views, r, place, u, v, scale, slope_x, slope_y):
    """∂(u, v)/∂(x, y) in reference pixels a target pixel: (u_x, u_y, v_x, v_y)."""
    zx = views[r, place, 6] + slope_x * views[r, place, 11]
    zy = views[r, place, 7] + slope_y * views[r, place, 11]
    return (
        (views[r, place, 0] + slope_x * views[r, place, 9] - u * zx) * scale,
        (views[r, place, 1] + slope_y * views[r, place, 9] - u * zy) * scale,
        (views[r, place, 3] + slope_x * views[r, place, 10] - v * zx) * scale,
        (views[r, place, 4] + slope_y * views[r, place, 10] - v * zy) * scale,
    )


@inline
def _density(a, b, c, d):
    """Picture texels a target pixel along the direction in which there are fewest (the least singular value)."""
    total, area = a * a + b * b + c * c + d * d, a * d - b * c
    return np.sqrt(max((total - np.sqrt(max(total * total - area * area * np.float32(4), ZERO))) * HALF, ZERO))


@inline
def _facing(views, r, place, ray_x, ray_y, w):
    """Cosine between the lines of sight from both cameras; 1 for the sky."""
    bx, by, bz = ray_x - views[r, place, 12] * w, ray_y - views[r, place, 13] * w, ONE - views[r, place, 14] * w
    along = ray_x * bx + ray_y * by + bz
    return along / np.sqrt((ray_x * ray_x + ray_y * ray_y + ONE) * (bx * bx + by * by + bz * bz) + TINY)


@inline
def _byte(value):
    return np.uint8(min(max(value + HALF, ZERO), WHITE))


@kernel
def project_rows(
    first, end, target, rays, near, cells, fine, fineness, confidence, views, weights, order, pictures, bounds, gains,
    image, known,
):  # fmt: skip
    """Fills rows of ``image`` (H, W, 3) uint8 and ``known`` (H, W) uint8 (255 where a reference sees the surface).

    ``target`` (inverse, slope_x, slope_y, index, and the place in ``views`` that moves as the pixel does); ``rays``
    (inverse focal x, y, centre x, y) of the target camera; ``near``, ``fine`` (``fineness`` (R,) samples along a
    pixel), ``cells`` and ``confidence`` are the references' maps and ``pictures`` their pictures (see references.py);
    ``weights`` (R,) is what each reference counts for at this time and ``order`` (R,) lists them from the greatest on;
    ``bounds`` (R, 4) is the part of the reference's pixels that its picture shows (left, top, right, bottom).
    """
    t_inverse, t_slope_x, t_slope_y, t_index, t_place = target
    levels, clean, tables, scales = pictures
    inverse, index, right, below = fine
    rows, columns, count = near.shape[1], near.shape[2], weights.shape[0]
    for y in range(first, end):
        py = np.float32(y) + HALF
        ray_y = (py - rays[3]) * rays[1]
        for x in range(t_inverse.shape[1]):
            px = np.float32(x) + HALF
            ray_x = (px - rays[2]) * rays[0]
            w, number, place = t_inverse[y, x], t_index[y, x], t_place[y, x]
            slope_x, slope_y = t_slope_x[y, x], t_slope_y[y, x]
            best, best_r, u1, v1, w1, a1, b1, c1, d1 = ZERO, -1, ZERO, ZERO, ZERO, ZERO, ZERO, ZERO, ZERO
            second, next_r, u2, v2, w2, a2, b2, c2, d2 = ZERO, -1, ZERO, ZERO, ZERO, ZERO, ZERO, ZERO, ZERO
            for n in range(count):
                r = order[n]
                if best * (ONE - FEATHER) >= weights[r] or place >= views.shape[1]:
                    break
                u, v, w_there, scale = _place(views, r, place, px, py, w)
                if not (
                    scale > ZERO and u >= bounds[r, 0] and v >= bounds[r, 1] and u <= bounds[r, 2] and v <= bounds[r, 3]
                ):
                    continue
                tx, ty = min(int(u), columns - 1), min(int(v), rows - 1)
                least, most = max(best * (ONE - FEATHER), second), weights[r] * confidence[r, ty, tx]
                if most <= least:
                    continue
                a, b, c, d = _jacobian(views, r, place, u, v, scale, slope_x, slope_y)
                density = _density(a * scales[r, 0], b * scales[r, 0], c * scales[r, 1], d * scales[r, 1])
                if density < LEAST_DENSITY:
                    continue
                score = most * min(density, ONE) * (HALF + HALF * _facing(views, r, place, ray_x, ray_y, w))
                if score <= least:
                    continue
                u, v = u - HALF, v - HALF
                # What the surface's inverse depth there gains with each step of the target's, in x and y.
                rise_x = (slope_x - w_there * (views[r, place, 6] + slope_x * views[r, place, 11])) * scale
                rise_y = (slope_y - w_there * (views[r, place, 7] + slope_y * views[r, place, 11])) * scale
                if not seen(near, inverse, index, right, below, fineness[r], r, tx, ty, u, v, w_there, number,
                            rise_x, rise_y, a, b, c, d):  # fmt: skip
                    continue
                if score > best:
                    second, next_r, u2, v2, w2, a2, b2, c2, d2 = best, best_r, u1, v1, w1, a1, b1, c1, d1
                    best, best_r, u1, v1, w1, a1, b1, c1, d1 = score, r, u, v, w_there, a, b, c, d
                elif score > second:
                    second, next_r, u2, v2, w2, a2, b2, c2, d2 = score, r, u, v, w_there, a, b, c, d
            if best_r < 0:
                known[y, x] = 0
                continue
            known[y, x] = 255
            red, green, blue = sample(
                levels, clean, tables, scales, near, cells, best_r, u1, v1, w1, number, a1, b1, c1, d1
            )
            red *= gains[best_r, 0]
            green *= gains[best_r, 1]
            blue *= gains[best_r, 2]
            share = (second - (ONE - FEATHER) * best) / (FEATHER * best)
            if next_r >= 0 and share > ZERO:
                # Equal scores share equally; the other one's part fades to nothing at the feather's edge.
                share = HALF * share * share * (THREE - share - share)
                p, q, s = sample(levels, clean, tables, scales, near, cells, next_r, u2, v2, w2, number, a2, b2, c2, d2)
                p *= gains[next_r, 0]
                q *= gains[next_r, 1]
                s *= gains[next_r, 2]
                red, green, blue = red + share * (p - red), green + share * (q - green), blue + share * (s - blue)
            image[y, x, 0], image[y, x, 1], image[y, x, 2] = _byte(red), _byte(green), _byte(blue)
