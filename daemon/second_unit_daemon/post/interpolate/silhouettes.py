# SPDX-License-Identifier: GPL-3.0-or-later
"""Pixels on a silhouette hold the light of two surfaces. Here they are taken apart, so that each goes with its own.

A pixel beside an edge of depth is ``share · near + (1 − share) · far``. What near and far look like is told by the
pixels around it, the share by its own colour (the compositing equation of Porter and Duff, 1984, solved for alpha). A
place that is looked up on one surface then has no light of the other in it, and can be laid over whatever lies behind
it at another time.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np
from attrs import field, frozen
from numpy.typing import NDArray

from ...conditioning.projection.edges import edges_of
from ...conditioning.projection.geometry import surfaces_of
from ...conditioning.projection.jit import inline, kernel, over_rows

if TYPE_CHECKING:
    from ..stream import Picture

Plane = NDArray[np.float32]

SAME_SURFACE = 0.02  # relative difference of depth up to which two pixels, or two frames, show the same surface
AROUND = 2  # pixels around a mixed one whose colours tell what its surfaces look like
REACH = 3  # of Lanczos' window
MIXED = 0.03  # weight of their colours where they are mixed themselves
CONTRAST = 300.0  # levels² between the two surfaces at which a pixel's own colour is believed by half
USUAL = 0.8  # share of the near surface in a pixel whose middle shows it


@frozen(eq=False)
class Surfaces:
    """A captured frame's surfaces, (H, W) each: inverse depth, its slopes along x and y (H, W, 2), what moves.

    ``front``: each surface reaches a pixel beyond its silhouette. ``own``: as captured.
    """

    own: Plane = field(repr=False)
    own_slopes: Plane = field(repr=False)
    own_index: NDArray[np.uint16] = field(repr=False)
    front: Plane = field(repr=False)
    slopes: Plane = field(repr=False)
    index: NDArray[np.uint16] = field(repr=False)
    mixed: NDArray[np.uint8] = field(repr=False)  # 1 beside an edge of depth
    reached: NDArray[np.uint8] = field(repr=False)  # 1 where a look-up sees a mixed pixel


def surfaces(depth_m: Plane, index: NDArray[np.uint16] | None) -> Surfaces:
    """Of a planar depth map (+inf where nothing is) and of what moves (None: nothing)."""
    seen = surfaces_of(depth_m, index)
    slopes = np.dstack((seen.slope_x, seen.slope_y))
    mixed = np.minimum(edges_of(seen), 1)
    reached = cv2.dilate(mixed, np.ones((2 * REACH + 1, 2 * REACH + 1), np.uint8))
    front, front_slopes, front_index = _grown(seen.inverse, slopes, seen.index)
    return Surfaces(
        seen.inverse, slopes, seen.index, front, front_slopes, front_index, mixed, np.asarray(reached, np.uint8)
    )


@frozen(eq=False)
class Unmixed:
    """A picture of those surfaces, with what the two of each mixed pixel look like."""

    picture: Plane = field(repr=False)  # (h, w, 3), any size
    near: Plane = field(repr=False)  # (H, W, 3)
    far: Plane = field(repr=False)
    told: NDArray[np.uint8] = field(repr=False)  # (H, W) 1 where both are known
    crop: tuple[int, int, int, int]  # left, top, width, height of the picture in the planes


def unmixed(seen: Surfaces, picture: Picture, crop: tuple[int, int, int, int]) -> Unmixed:
    left, top, width, height = crop
    size = picture.astype(np.float32)
    small = size
    if picture.shape[1::-1] != (width, height):
        small = cv2.resize(size, (width, height), interpolation=cv2.INTER_AREA)
    rows, columns = seen.own.shape
    plane = np.zeros((rows, columns, 3), np.float32)
    plane[top : top + height, left : left + width] = small
    near, far = np.zeros_like(plane), np.zeros_like(plane)
    told = np.zeros((rows, columns), np.uint8)
    _told(
        plane,
        np.array(crop),
        seen.own,
        seen.front,
        seen.slopes,
        seen.own_index,
        seen.index,
        seen.mixed,
        near,
        far,
        told,
    )
    return Unmixed(size, near, far, told, crop)


def looked_up(
    view: Unmixed, seen: Surfaces, x: Plane, y: Plane, source: NDArray[np.int32], of_front: bool
) -> tuple[Plane, Plane, Plane]:
    """(colour (…, 3) times share, share, what of the far surface was taken away (…, 3)) at places in the planes.

    ``source``: the pixel (row-major) whose surface is looked up: its front one, or its own; −1 for none.
    """
    left, top, width, height = view.crop
    scale_x, scale_y = view.picture.shape[1] / width, view.picture.shape[0] / height
    map_x, map_y = (x - left) * scale_x - 0.5, (y - top) * scale_y - 0.5
    colour = cv2.remap(view.picture, map_x, map_y, cv2.INTER_LANCZOS4, borderMode=cv2.BORDER_REPLICATE)
    colour = np.asarray(colour, np.float32)
    share, rest = np.ones(x.shape, np.float32), np.zeros_like(colour)
    inverse, slopes, index = (
        (seen.front, seen.slopes, seen.index) if of_front else (seen.own, seen.own_slopes, seen.own_index)
    )
    over_rows(
        _taken_apart, len(x), view.picture, view.near, view.far, view.told, np.array(view.crop, np.float32),
        inverse, slopes, index, seen.own, seen.front, seen.index, seen.reached, x, y, source, colour, share, rest,
    )  # fmt: skip
    return colour, share, rest


@kernel
def _grown(inverse, slopes, index):  # pragma: no cover - compiled
    """Surfaces reach a pixel beyond their silhouette, over what is farther: there their light is mixed in."""
    rows, columns = inverse.shape
    out, out_slopes, out_index = inverse.copy(), slopes.copy(), index.copy()
    for y in range(rows):
        for x in range(columns):
            for step in range(4):
                u = x + (1 if step == 0 else -1 if step == 1 else 0)
                v = y + (1 if step == 2 else -1 if step == 3 else 0)
                if not (0 <= u < columns and 0 <= v < rows):
                    continue
                reached = inverse[v, u] + slopes[v, u, 0] * (x - u) + slopes[v, u, 1] * (y - v)
                if (
                    reached > out[y, x] * (1 + SAME_SURFACE) + 1e-6
                    and reached > inverse[y, x] * (1 + SAME_SURFACE) + 1e-6
                ):
                    out[y, x], out_index[y, x] = reached, index[v, u]
                    out_slopes[y, x, 0], out_slopes[y, x, 1] = slopes[v, u, 0], slopes[v, u, 1]
    return out, out_slopes, out_index


@kernel
def _told(plane, crop, own, front, slopes, own_index, index, mixed, near, far, told):  # pragma: no cover - compiled
    """Near and far colour of mixed pixels: means of the clean pixels around, the closer the heavier."""
    rows, columns = own.shape
    left, top, width, height = crop
    for y in range(max(top, 0), min(top + height, rows)):
        for x in range(max(left, 0), min(left + width, columns)):
            if not mixed[y, x]:
                continue
            n0 = n1 = n2 = f0 = f1 = f2 = np.float32(0.0)
            near_weight = far_weight = np.float32(0.0)
            for v in range(max(y - AROUND, top), min(y + AROUND + 1, top + height)):
                for u in range(max(x - AROUND, left), min(x + AROUND + 1, left + width)):
                    if u == x and v == y:
                        continue
                    here = own[v, u]
                    wanted = front[y, x] + slopes[y, x, 0] * (u - x) + slopes[y, x, 1] * (v - y)
                    weight = np.float32((MIXED if mixed[v, u] else 1.0) / ((u - x) ** 2 + (v - y) ** 2))
                    room = 2 * SAME_SURFACE * max(here, wanted) + 1e-6
                    if abs(here - wanted) <= room and own_index[v, u] == index[y, x]:
                        n0 += weight * plane[v, u, 0]
                        n1 += weight * plane[v, u, 1]
                        n2 += weight * plane[v, u, 2]
                        near_weight += weight
                    elif here < wanted:
                        f0 += weight * plane[v, u, 0]
                        f1 += weight * plane[v, u, 1]
                        f2 += weight * plane[v, u, 2]
                        far_weight += weight
            if near_weight > 0 and far_weight > 0:
                told[y, x] = 1
                near[y, x, 0], near[y, x, 1], near[y, x, 2] = n0 / near_weight, n1 / near_weight, n2 / near_weight
                far[y, x, 0], far[y, x, 1], far[y, x, 2] = f0 / far_weight, f1 / far_weight, f2 / far_weight


@inline
def _share(c0, c1, c2, near, far, v, u, in_front):  # pragma: no cover - compiled
    """How much of a mixed pixel's light comes from its near surface."""
    d0, d1, d2 = near[v, u, 0] - far[v, u, 0], near[v, u, 1] - far[v, u, 1], near[v, u, 2] - far[v, u, 2]
    apart = d0 * d0 + d1 * d1 + d2 * d2
    usual = np.float32(USUAL) if in_front else np.float32(1 - USUAL)
    read = ((c0 - far[v, u, 0]) * d0 + (c1 - far[v, u, 1]) * d1 + (c2 - far[v, u, 2]) * d2) / (apart + np.float32(1e-3))
    read = min(max(read, np.float32(0.0)), np.float32(1.0))
    return usual + apart / (apart + np.float32(CONTRAST)) * (read - usual)


@inline
def _lanczos(t):  # pragma: no cover - compiled
    if abs(t) < 1e-4:
        return np.float32(1.0)
    if abs(t) >= REACH:
        return np.float32(0.0)
    a = np.float32(np.pi) * t
    return np.float32(REACH) * np.sin(a) * np.sin(a / REACH) / (a * a)


@inline
def _same(x, y, source, row, column, v, u):  # pragma: no cover - compiled
    """Whether two samples look at the same place."""
    return source[v, u] >= 0 and x[v, u] == x[row, column] and y[v, u] == y[row, column]


@inline
def _copied(colour, share, rest, row, column, v, u):  # pragma: no cover - compiled
    for k in range(3):
        colour[row, column, k], rest[row, column, k] = colour[v, u, k], rest[v, u, k]
    share[row, column] = share[v, u]


@kernel
def _taken_apart(
    first, end, picture, near, far, told, crop, inverse, slopes, index, own, front, front_index, reached,
    x, y, source, colour, share, rest,
):  # fmt: skip  # pragma: no cover - compiled
    """Looks places near silhouettes up again, with the light of the wanted surface alone."""
    rows, columns = own.shape
    picture_rows, picture_columns = picture.shape[:2]
    scale_x, scale_y = picture_columns / crop[2], picture_rows / crop[3]
    weights_x, weights_y = np.empty(2 * REACH, np.float32), np.empty(2 * REACH, np.float32)
    for row in range(first, end):
        for column in range(x.shape[1]):
            from_ = source[row, column]
            if from_ < 0:
                continue
            px, py = x[row, column], y[row, column]
            cx, cy = min(max(int(px), 0), columns - 1), min(max(int(py), 0), rows - 1)
            if not reached[cy, cx]:
                continue
            if column and _same(x, y, source, row, column, row, column - 1):
                _copied(colour, share, rest, row, column, row, column - 1)
                continue
            if row > first and _same(x, y, source, row, column, row - 1, column):
                _copied(colour, share, rest, row, column, row - 1, column)
                continue
            sy, sx = from_ // columns, from_ % columns
            map_x, map_y = (px - crop[0]) * scale_x - 0.5, (py - crop[1]) * scale_y - 0.5
            left, top = int(np.floor(map_x)) - REACH + 1, int(np.floor(map_y)) - REACH + 1
            for k in range(2 * REACH):
                weights_x[k], weights_y[k] = _lanczos(map_x - (left + k)), _lanczos(map_y - (top + k))
            s0 = s1 = s2 = r0 = r1 = r2 = covered = total = whole = np.float32(0.0)
            for j in range(2 * REACH):
                v = min(max(top + j, 0), picture_rows - 1)
                tv = min(max(int(crop[1] + (v + 0.5) / scale_y), 0), rows - 1)
                for i in range(2 * REACH):
                    u = min(max(left + i, 0), picture_columns - 1)
                    tu = min(max(int(crop[0] + (u + 0.5) / scale_x), 0), columns - 1)
                    weight = weights_x[i] * weights_y[j]
                    whole += weight
                    wanted = inverse[sy, sx] + slopes[sy, sx, 0] * (tu - sx) + slopes[sy, sx, 1] * (tv - sy)
                    wanted = max(wanted, np.float32(0.0))
                    c0, c1, c2 = picture[v, u, 0], picture[v, u, 1], picture[v, u, 2]
                    ahead = front[tv, tu]
                    room = 2 * SAME_SURFACE * max(ahead, wanted) + 1e-6
                    if abs(ahead - wanted) <= room and front_index[tv, tu] == index[sy, sx]:
                        part = np.float32(1.0)
                        if told[tv, tu]:
                            part = _share(c0, c1, c2, near, far, tv, tu, own[tv, tu] == ahead)
                            o0, o1, o2 = (
                                (1 - part) * far[tv, tu, 0],
                                (1 - part) * far[tv, tu, 1],
                                (1 - part) * far[tv, tu, 2],
                            )
                            c0, c1, c2 = c0 - o0, c1 - o1, c2 - o2
                            r0, r1, r2 = r0 + weight * o0, r1 + weight * o1, r2 + weight * o2
                        covered += weight * part
                    elif ahead > wanted:
                        # Something is before it: what is behind shows in the mixed pixels alone.
                        if not told[tv, tu]:
                            continue
                        c0, c1, c2 = far[tv, tu, 0], far[tv, tu, 1], far[tv, tu, 2]
                        covered += weight
                    else:
                        total += weight  # beyond its silhouette
                        r0, r1, r2 = r0 + weight * c0, r1 + weight * c1, r2 + weight * c2
                        continue
                    total += weight
                    s0, s1, s2 = s0 + weight * c0, s1 + weight * c1, s2 + weight * c2
            if total < 0.4 * whole:
                continue
            colour[row, column, 0], colour[row, column, 1], colour[row, column, 2] = s0 / total, s1 / total, s2 / total
            rest[row, column, 0], rest[row, column, 1], rest[row, column, 2] = r0 / total, r1 / total, r2 / total
            share[row, column] = min(max(covered / total, np.float32(0.0)), np.float32(1.0))
