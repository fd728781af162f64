# SPDX-License-Identifier: GPL-3.0-or-later
"""The fused loop: for every target pixel, which reference sees it best, and what colour it has there.

References are stacked: maps of geometry are (R, H, W, …), views (R, L, 15) hold for each of L ways
to move (see motion.py) a homography, an epipole and the reference's camera centre in target camera axes; NaN where the
surface's place is not known.
"""

from __future__ import annotations

import numpy as np

from .geometry import CLEAN
from .jit import inline, kernel, part
from .sampling import HALF, LARGE, ONE, THREE, ZERO, mean, own_surface, spline
from .scoring import LINES, PLACE_U, PLACE_V, QUALITY, SCALE, SQUARE, jacobian, place_row, quality_row, square_row
from .told import TOLD_HIDDEN, UNTOLD
from .visibility import ASK, NO, seen_between, texel_says

FEATHER = np.float32(0.15)  # references whose score comes this near to the best one's are blended in
WHITE, LEAST_AREA = np.float32(255), np.float32(1e-9)
NEAREST = ONE - FEATHER


@inline
def _score_row(y, target, rays, views, scales, bounds, lines):
    """Fills ``lines`` (R, LINES, W) for target row ``y``: pixels that move alike go together."""
    inverse, slope_x, slope_y, place = target[0][y], target[1][y], target[2][y], target[4][y]
    py = np.float32(y) + HALF
    ray_y = (py - rays[3]) * rays[1]
    start = np.int64(0)  # a literal would have all that is given it compiled twice
    while start < place.shape[0]:
        here, end = place[start], start + 1
        while end < place.shape[0] and place[end] == here:
            end += 1
        for r in range(views.shape[0]):
            if here >= views.shape[1]:
                lines[r, QUALITY, start:end] = ZERO
                continue
            view, w, sx, sy = views[r, here], inverse[start:end], slope_x[start:end], slope_y[start:end]
            scale, u, v = lines[r, SCALE, start:end], lines[r, PLACE_U, start:end], lines[r, PLACE_V, start:end]
            place_row(view, start, py, w, scale, u, v)
            quality_row(
                view, rays, scales[r], bounds[r], start, ray_y, w, sx, sy, scale, u, v, lines[r, QUALITY, start:end]
            )
            square_row(view, scales[r], sx, sy, scale, u, v, lines[r, SQUARE, start:end])
        start = end


@part
def _seen(finer, fineness, r, views, place, u, v, w, scale, number, slope_x, slope_y):
    """Asks the silhouettes, with the surface's own slopes of inverse depth carried over to the reference."""
    a, b, c, d = jacobian(views, r, place, u, v, scale, slope_x, slope_y)
    # What the surface's inverse depth there gains with each step of the target's, in x and y.
    rise_x = (slope_x - w * (views[r, place, 6] + slope_x * views[r, place, 11])) * scale
    rise_y = (slope_y - w * (views[r, place, 7] + slope_y * views[r, place, 11])) * scale
    area, grade_x, grade_y = a * d - b * c, ZERO, ZERO
    if abs(area) >= LEAST_AREA:
        grade_x, grade_y = (d * rise_x - c * rise_y) / area, (a * rise_y - b * rise_x) / area
    return seen_between(finer, fineness, r, u - HALF, v - HALF, w, number, grade_x, grade_y)


@inline
def _choose_row(y, target, near, finer, fineness, told, confidence, views, weights, order, lines, chosen, share):
    """For each pixel of row ``y``: which reference sees it best, which other one next, and how much that one counts.

    ``chosen`` (2, W) int32, -1 where there is none; ``share`` (W,).
    """
    t_inverse, t_slope_x, t_slope_y, t_index, t_place = target
    rows, columns = near.shape[1], near.shape[2]
    for x in range(share.shape[0]):
        w, number = t_inverse[y, x], t_index[y, x]
        best, best_r, second, next_r = ZERO, -1, ZERO, -1
        for n in range(weights.shape[0]):
            r = np.uintp(order[n])
            if best * NEAREST >= weights[r]:
                break
            least, most = max(best * NEAREST, second), weights[r] * lines[r, QUALITY, x]
            if most <= least:
                continue
            u, v = lines[r, PLACE_U, x], lines[r, PLACE_V, x]
            tx, ty = np.uintp(min(int(u), columns - 1)), np.uintp(min(int(v), rows - 1))
            score = most * confidence[r, ty, tx]
            if score <= least:
                continue
            scale = lines[r, SCALE, x]
            right_of, below_it = u - HALF - np.float32(np.int64(tx)), v - HALF - np.float32(np.int64(ty))
            says = texel_says(near[r, ty, tx, 3], near[r, ty, tx, 0], near[r, ty, tx, 1], near[r, ty, tx, 2],
                              right_of, below_it, w * scale, number)  # fmt: skip
            if says == NO:
                continue
            if says == ASK:
                answer = told[r, y, x]
                if answer == TOLD_HIDDEN:
                    continue
                if answer == UNTOLD and not _seen(
                    finer, fineness[r], r, views, t_place[y, x], u, v, w * scale, scale,
                    number, t_slope_x[y, x], t_slope_y[y, x],
                ):  # fmt: skip
                    continue
            if score > best:
                second, next_r, best, best_r = best, best_r, score, np.int64(r)
            elif score > second:
                second, next_r = score, np.int64(r)
        part = ZERO
        if next_r >= 0:
            # Equal scores share equally; the other one's part fades to nothing at the feather's edge.
            part = max((second - NEAREST * best) / (FEATHER * best), ZERO)
            part = HALF * part * part * (THREE - part - part)
        chosen[0, x], chosen[1, x], share[x] = best_r, next_r, part


@part
def _colour_row(y, number, target, views, pictures, near, cells, gains, lines, chosen, share, row):
    """Colours ``row`` (W, 3) float32: ``share[number]`` (W,) of the references ``chosen[number]``, else it stays."""
    t_inverse, t_slope_x, t_slope_y, t_index, t_place = target
    levels, clean, tables, scales = pictures
    for x in range(share.shape[1]):
        r, part = chosen[number, x], share[number, x]
        if r < 0 or part <= ZERO:
            if number == 0:
                row[x, 0], row[x, 1], row[x, 2] = ZERO, ZERO, ZERO
            continue
        u, v, scale = lines[r, PLACE_U, x], lines[r, PLACE_V, x], lines[r, SCALE, x]
        cell_x = min(max(int(np.floor(u - HALF)), 0), cells.shape[2] - 1)
        cell_y = min(max(int(np.floor(v - HALF)), 0), cells.shape[1] - 1)
        pu, pv = scales[r, 0] * u + scales[r, 2], scales[r, 1] * v + scales[r, 3]
        if cells[r, cell_y, cell_x] != CLEAN:
            red, green, blue = own_surface(
                clean, tables, scales, near, r, u - HALF, v - HALF, pu - HALF, pv - HALF, t_inverse[y, x] * scale,
                t_index[y, x],
            )  # fmt: skip
        elif lines[r, SQUARE, x] > LARGE:
            red, green, blue = mean(
                levels,
                tables,
                scales,
                r,
                pu,
                pv,
                *jacobian(views, r, t_place[y, x], u, v, scale, t_slope_x[y, x], t_slope_y[y, x]),
            )
        else:
            red, green, blue = spline(levels, tables[r, 0, 0], tables[r, 0, 2], tables[r, 0, 3], pu - HALF, pv - HALF)
        # In the light of this time.
        row[x, 0] += part * (red * gains[r, 0] - row[x, 0])
        row[x, 1] += part * (green * gains[r, 1] - row[x, 1])
        row[x, 2] += part * (blue * gains[r, 2] - row[x, 2])


@inline
def _round_row(row, chosen, image, known):
    """``row`` (3 W,) to ``image`` (3 W,) uint8, and ``known`` (W,) from who was ``chosen``: loops without branches."""
    for i in range(image.shape[0]):
        image[i] = np.uint8(np.int32(min(max(row[i] + HALF, ZERO), WHITE)))
    for x in range(known.shape[0]):
        known[x] = np.uint8(255) if chosen[x] >= 0 else np.uint8(0)


@kernel
def project_rows(
    first, end, target, rays, near, cells, finer, fineness, told, confidence, views, weights, order, pictures, bounds,
    gains, image, known,
):  # fmt: skip
    """Fills rows of ``image`` (H, W, 3) uint8 and ``known`` (H, W) uint8 (255 where a reference sees the surface).

    ``target`` (inverse, slope_x, slope_y, index, and the place in ``views`` that moves as the pixel does); ``rays``
    (inverse focal x, y, centre x, y) of the target camera; ``near``, ``finer`` (as FinerMaps has them; ``fineness``
    (R,) samples along a pixel), ``cells`` and ``confidence`` are the references' maps and ``pictures`` their pictures
    (see references.py); ``told`` (R, H, W) is what rays told of this frame (see told.py);
    ``weights`` (R,) is what each reference counts for at this time and ``order`` (R,) lists them from the greatest on;
    ``bounds`` (R, 4) is the part of the reference's pixels that its picture shows (left, top, right, bottom).
    """
    width = known.shape[1]
    lines, row = np.empty((weights.shape[0], LINES, width), np.float32), np.zeros((width, 3), np.float32)
    flat = row.reshape(3 * width)
    chosen, share = np.empty((2, width), np.int32), np.ones((2, width), np.float32)
    for y in range(first, end):
        _score_row(y, target, rays, views, pictures[3], bounds, lines)
        _choose_row(y, target, near, finer, fineness, told, confidence, views, weights, order, lines, chosen, share[1])
        for number in range(2):
            _colour_row(y, number, target, views, pictures, near, cells, gains, lines, chosen, share, row)
        _round_row(flat, chosen[0], image[y].reshape(3 * width), known[y])
