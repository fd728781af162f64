# SPDX-License-Identifier: GPL-3.0-or-later
"""The fused loop: for every target pixel, which reference sees it best, and what colour it has there.

References are stacked: maps of geometry are (R, H, W), views (R, T + 1, 15) hold for "static" and each of T tracks a
homography, an epipole and the reference's camera centre in target camera axes; NaN where the thing's place is not known.
"""

from __future__ import annotations

import numpy as np

from .geometry import CLEAN, RELATIVE_TOLERANCE
from .jit import inline, kernel
from .pictures import COEFFICIENT_SCALE

FEATHER = np.float32(0.15)  # references whose score comes this near to the best one's are blended in
LEAST_DENSITY = np.float32(1.0 / 16.0)  # texels a pixel: a surface stretched further is a hole
FAR = np.float32(1e-9)


@inline
def _plane_at(slope_x, slope_y, inverse, r, y, x, u, v):
    return inverse[r, y, x] + slope_x[r, y, x] * (u - x) + slope_y[r, y, x] * (v - y)


@inline
def _texel_matches(inverse, slope_x, slope_y, index, r, y, x, u, v, w, number):
    """Whether the texel's surface passes through inverse depth ``w`` at (u, v)."""
    if index[r, y, x] != number:
        return False
    here = inverse[r, y, x]
    if w <= FAR or here == 0.0:
        return w <= FAR and here == 0.0
    expected = _plane_at(slope_x, slope_y, inverse, r, y, x, u, v)
    slack = 0.25 * (abs(slope_x[r, y, x]) + abs(slope_y[r, y, x]))
    return abs(expected - w) <= RELATIVE_TOLERANCE * w + min(slack, 0.05 * w)


@inline
def _agreement(inverse, slope_x, slope_y, index, cells, r, u, v, w, number):
    """Share 0 … 1 of the four texels around (u, v), by bilinear weight, that lie on the target's surface there."""
    rows, columns = inverse.shape[1], inverse.shape[2]
    x = min(max(int(np.floor(u)), 0), columns - 2)
    y = min(max(int(np.floor(v)), 0), rows - 2)
    fx, fy = min(max(u - x, np.float32(0)), np.float32(1)), min(max(v - y, np.float32(0)), np.float32(1))
    share = np.float32(0.0)
    if cells[r, y, x] != 0:
        if _texel_matches(inverse, slope_x, slope_y, index, r, y + int(fy + 0.5), x + int(fx + 0.5), u, v, w, number):
            return np.float32(1.0)
    if _texel_matches(inverse, slope_x, slope_y, index, r, y, x, u, v, w, number):
        share += (1 - fx) * (1 - fy)
    if _texel_matches(inverse, slope_x, slope_y, index, r, y, x + 1, u, v, w, number):
        share += fx * (1 - fy)
    if _texel_matches(inverse, slope_x, slope_y, index, r, y + 1, x, u, v, w, number):
        share += (1 - fx) * fy
    if _texel_matches(inverse, slope_x, slope_y, index, r, y + 1, x + 1, u, v, w, number):
        share += fx * fy
    return share


@inline
def _spline(levels, start, rows, columns, u, v, out):
    """Adds the cubic B-spline's value at texel coordinates (u, v) of one level to ``out`` (3,)."""
    x, y = int(np.floor(u)), int(np.floor(v))
    fx, fy = u - x, v - y
    gx, gy = 1 - fx, 1 - fy
    k = np.float32(1.0 / 6.0)
    x0, x1, x2, x3 = (
        gx * gx * gx * k,
        (4 - 3 * fx * fx * (2 - fx)) * k,
        (4 - 3 * gx * gx * (2 - gx)) * k,
        fx * fx * fx * k,
    )
    y0, y1, y2, y3 = (
        gy * gy * gy * k,
        (4 - 3 * fy * fy * (2 - fy)) * k,
        (4 - 3 * gy * gy * (2 - gy)) * k,
        fy * fy * fy * k,
    )
    c0 = start + 3 * min(max(x - 1, 0), columns - 1)
    c1 = start + 3 * min(max(x, 0), columns - 1)
    c2 = start + 3 * min(max(x + 1, 0), columns - 1)
    c3 = start + 3 * min(max(x + 2, 0), columns - 1)
    for j in range(4):
        line = 3 * columns * min(max(y - 1 + j, 0), rows - 1)
        weight = y0 if j == 0 else (y1 if j == 1 else (y2 if j == 2 else y3))
        for c in range(3):
            out[c] += weight * (
                x0 * levels[line + c0 + c]
                + x1 * levels[line + c1 + c]
                + x2 * levels[line + c2 + c]
                + x3 * levels[line + c3 + c]
            )


@inline
def _sample_clean(pixels, start, rows, columns, u, v, out):
    """Bilinear sample of an uint8 picture at texel coordinates (u, v)."""
    u = min(max(u, np.float32(0)), np.float32(columns - 1))
    v = min(max(v, np.float32(0)), np.float32(rows - 1))
    x, y = min(int(u), columns - 2), min(int(v), rows - 2)
    fx, fy = u - x, v - y
    at = start + 3 * (y * columns + x)
    for c in range(3):
        top = pixels[at + c] * (1 - fx) + pixels[at + 3 + c] * fx
        below = at + 3 * columns + c
        out[c] = top * (1 - fy) + (pixels[below] * (1 - fx) + pixels[below + 3] * fx) * fy


@inline
def _sample_edge(pixels, start, rows, columns, scale, geometry, r, u, v, w, number, out):
    """Mean of the texels of the target's own surface around (u, v), by bilinear weight at the picture's resolution."""
    inverse, slope_x, slope_y, index = geometry
    pu, pv = (
        scale[0] * (u + np.float32(0.5)) + scale[2] - np.float32(0.5),
        scale[1] * (v + np.float32(0.5)) + scale[3] - np.float32(0.5),
    )
    px, py = int(np.floor(pu)), int(np.floor(pv))
    total = np.float32(0.0)
    out[0], out[1], out[2] = 0.0, 0.0, 0.0
    for j in range(2):
        for i in range(2):
            x, y = min(max(px + i, 0), columns - 1), min(max(py + j, 0), rows - 1)
            gx = (x + np.float32(0.5) - scale[2]) / scale[0]
            gy = (y + np.float32(0.5) - scale[3]) / scale[1]
            tx = min(max(int(gx), 0), inverse.shape[2] - 1)
            ty = min(max(int(gy), 0), inverse.shape[1] - 1)
            if not _texel_matches(inverse, slope_x, slope_y, index, r, ty, tx, u, v, w, number):
                continue
            weight = max(1 - abs(pu - x), np.float32(0.01)) * max(1 - abs(pv - y), np.float32(0.01))
            at = start + 3 * (y * columns + x)
            total += weight
            for c in range(3):
                out[c] += weight * pixels[at + c]
    if total <= 0.0:
        _sample_clean(pixels, start, rows, columns, pu, pv, out)
        return
    for c in range(3):
        out[c] /= total


@inline
def _sample(pictures, geometry, cells, r, u, v, w, number, jac, out):
    """Colour of reference ``r`` at its texel coordinates (u, v) into ``out`` (3,); ``jac`` texels a target pixel."""
    levels, clean, tables, scales = pictures
    scale, table = scales[r], tables[r]
    x = min(max(int(np.floor(u)), 0), cells.shape[2] - 1)
    y = min(max(int(np.floor(v)), 0), cells.shape[1] - 1)
    if cells[r, y, x] != CLEAN:
        _sample_edge(clean, table[0, 1], table[0, 2], table[0, 3], scale, geometry, r, u, v, w, number, out)
        return
    ax, ay, bx, by = jac[0] * scale[0], jac[2] * scale[1], jac[1] * scale[0], jac[3] * scale[1]
    along_x, along_y = np.sqrt(ax * ax + ay * ay), np.sqrt(bx * bx + by * by)
    shrink, level = min(along_x, along_y), 0
    half = np.float32(1.0)
    while shrink > 1.42 and table[level + 1, 2] > 0:
        shrink *= 0.5
        half *= np.float32(0.5)
        level += 1
    taps_x = min(max(int(np.ceil(along_x * half / 1.5)), 1), 4)
    taps_y = min(max(int(np.ceil(along_y * half / 1.5)), 1), 4)
    out[0], out[1], out[2] = 0.0, 0.0, 0.0
    pu, pv = scale[0] * (u + np.float32(0.5)) + scale[2], scale[1] * (v + np.float32(0.5)) + scale[3]
    start, rows, columns = table[level, 0], table[level, 2], table[level, 3]
    for j in range(taps_y):
        sy = np.float32((j + 0.5) / taps_y - 0.5)
        for i in range(taps_x):
            sx = np.float32((i + 0.5) / taps_x - 0.5)
            su = (pu + sx * ax + sy * bx) * half - np.float32(0.5)
            sv = (pv + sx * ay + sy * by) * half - np.float32(0.5)
            _spline(levels, start, rows, columns, su, sv, out)
    share = np.float32(1.0 / COEFFICIENT_SCALE) / (taps_x * taps_y)
    for c in range(3):
        out[c] *= share


@inline
def _place(view, x, y, w, spot):
    """Projects a target pixel into a reference: spot = (u, v, inverse depth there, four of the Jacobian's terms' base)."""
    qz = view[6] * x + view[7] * y + view[8] + w * view[11]
    if not qz > np.float32(1e-6):
        return False
    scale = 1 / qz
    spot[0] = (view[0] * x + view[1] * y + view[2] + w * view[9]) * scale
    spot[1] = (view[3] * x + view[4] * y + view[5] + w * view[10]) * scale
    spot[2] = w * scale
    spot[3] = scale
    return True


@inline
def _jacobian(view, spot, slope_x, slope_y, jac):
    """∂(u, v)/∂(x, y) in reference pixels a target pixel: jac = (u_x, u_y, v_x, v_y)."""
    zx, zy = view[6] + slope_x * view[11], view[7] + slope_y * view[11]
    jac[0] = (view[0] + slope_x * view[9] - spot[0] * zx) * spot[3]
    jac[1] = (view[1] + slope_y * view[9] - spot[0] * zy) * spot[3]
    jac[2] = (view[3] + slope_x * view[10] - spot[1] * zx) * spot[3]
    jac[3] = (view[4] + slope_y * view[10] - spot[1] * zy) * spot[3]


@inline
def _density(jac, scale):
    """Picture texels a target pixel along the direction in which there are fewest (the least singular value)."""
    a, b, c, d = jac[0] * scale[0], jac[1] * scale[0], jac[2] * scale[1], jac[3] * scale[1]
    total, area = a * a + b * b + c * c + d * d, a * d - b * c
    return np.sqrt(
        max((total - np.sqrt(max(total * total - 4 * area * area, np.float32(0)))) * np.float32(0.5), np.float32(0))
    )


@inline
def _facing(view, ray_x, ray_y, w):
    """Cosine between the lines of sight from both cameras; 1 for the sky."""
    bx, by, bz = ray_x - view[12] * w, ray_y - view[13] * w, 1 - view[14] * w
    along = ray_x * bx + ray_y * by + bz
    return along / np.sqrt((ray_x * ray_x + ray_y * ray_y + 1) * (bx * bx + by * by + bz * bz) + np.float32(1e-12))


@kernel
def project_rows(
    first, end, target, rays, geometry, cells, confidence, views, weights, order, pictures, bounds, image, known
):
    """Fills rows of ``image`` (H, W, 3) uint8 and ``known`` (H, W) uint8 (255 where a reference sees the surface).

    ``target`` (inverse, slope_x, slope_y, index); ``rays`` (inverse focal x, y, centre x, y) of the target camera;
    ``weights`` (R,) is what each reference counts for at this time and ``order`` (R,) lists them from the greatest on; ``bounds`` (R, 4) is the part of
    the reference's pixels that its picture shows (left, top, right, bottom).
    """
    t_inverse, t_slope_x, t_slope_y, t_index = target
    inverse, slope_x, slope_y, index = geometry
    count = weights.shape[0]
    spot, jac, best_jac, next_jac = (
        np.zeros(4, np.float32),
        np.zeros(4, np.float32),
        np.zeros(4, np.float32),
        np.zeros(4, np.float32),
    )
    best_at, next_at = np.zeros(3, np.float32), np.zeros(3, np.float32)
    colour, other = np.zeros(3, np.float32), np.zeros(3, np.float32)
    for y in range(first, end):
        py = np.float32(y + 0.5)
        for x in range(t_inverse.shape[1]):
            px = np.float32(x + 0.5)
            w, number = t_inverse[y, x], t_index[y, x]
            best, second, best_r, next_r = np.float32(0), np.float32(0), -1, -1
            for n in range(count):
                r = order[n]
                if best * (1 - FEATHER) >= weights[r]:
                    break
                if number >= views.shape[1]:
                    continue
                view = views[r, number]
                if not _place(view, px, py, w, spot):
                    continue
                u, v = spot[0], spot[1]
                if not (u >= bounds[r, 0] and v >= bounds[r, 1] and u <= bounds[r, 2] and v <= bounds[r, 3]):
                    continue
                u -= np.float32(0.5)
                v -= np.float32(0.5)
                if _agreement(inverse, slope_x, slope_y, index, cells, r, u, v, spot[2], number) < 0.5:
                    continue
                _jacobian(view, spot, t_slope_x[y, x], t_slope_y[y, x], jac)
                density = _density(jac, pictures[3][r])
                if density < LEAST_DENSITY:
                    continue
                facing = _facing(view, (px - rays[2]) * rays[0], (py - rays[3]) * rays[1], w)
                sure = confidence[
                    r, min(max(int(v + 0.5), 0), inverse.shape[1] - 1), min(max(int(u + 0.5), 0), inverse.shape[2] - 1)
                ]
                score = weights[r] * min(density, np.float32(1)) * (np.float32(0.5) + np.float32(0.5) * facing) * sure
                if score > best:
                    second, next_r = best, best_r
                    next_at[:] = best_at
                    next_jac[:] = best_jac
                    best, best_r = score, r
                    best_at[0], best_at[1], best_at[2] = u, v, spot[2]
                    best_jac[:] = jac
                elif score > second:
                    second, next_r = score, r
                    next_at[0], next_at[1], next_at[2] = u, v, spot[2]
                    next_jac[:] = jac
            if best_r < 0:
                known[y, x] = 0
                continue
            known[y, x] = 255
            _sample(pictures, geometry, cells, best_r, best_at[0], best_at[1], best_at[2], number, best_jac, colour)
            share = (second - (1 - FEATHER) * best) / (FEATHER * best)
            if next_r >= 0 and share > 0:
                # Equal scores share equally; the other one's part fades to nothing at the feather's edge.
                share = np.float32(0.5) * share * share * (3 - 2 * share)
                _sample(pictures, geometry, cells, next_r, next_at[0], next_at[1], next_at[2], number, next_jac, other)
                for c in range(3):
                    colour[c] += share * (other[c] - colour[c])
            for c in range(3):
                image[y, x, c] = np.uint8(min(max(colour[c] + np.float32(0.5), np.float32(0)), np.float32(255)))
