# SPDX-License-Identifier: GPL-3.0-or-later
"""Geometry carried forward: what another camera sees of surfaces that are known from somewhere else.

A depth map is drawn as a mesh that is cut wherever two texels do not lie on one surface, so nothing stretches across a
silhouette; texels beside a cut or the border are drawn as small plane pieces of their own, half a texel further out, so
nothing is eaten away and no crack opens. Inverse depth is affine in the picture on every plane, which makes the drawing
exact (Heckbert and Moreton, 1991). Cells that turn their back to the new camera are not drawn.
"""

from __future__ import annotations

import numpy as np
from attrs import field, frozen
from numpy.typing import NDArray

from ..cameras import Matrix, relative_view
from .geometry import BROKEN, Surfaces
from .jit import inline, kernel, over_rows

UNSEEN = np.float32(-1)
IN_FRONT = np.float32(1e-6)
FARTHEST = np.float32(1e6)  # pixels beyond the picture at which a projected place is cut
ZERO, HALF, ONE = np.float32(0), np.float32(0.5), np.float32(1)
SLACK = np.float32(1e-3)  # a pixel centre this far outside a triangle (pixels; pixels²) still counts: no cracks


@frozen(eq=False)
class Source:
    """Surfaces to carry: seen by the camera ``c2w`` (4, 4), ``intrinsics`` (3, 3) in the surfaces' own pixels.

    ``moves`` (N, 4, 4) carry each moving thing from where it is to where it will be; NaN where that is not known.
    """

    surfaces: Surfaces = field(repr=False)
    c2w: Matrix = field(repr=False)
    intrinsics: Matrix = field(repr=False)
    moves: Matrix = field(factory=lambda: np.zeros((0, 4, 4)), repr=False)


@frozen(eq=False)
class Lifted:
    """What the new camera sees: ``inverse`` (H, W) 1/m, negative where nothing was drawn; ``index`` (H, W)."""

    inverse: NDArray[np.float32] = field(repr=False)
    index: NDArray[np.uint16] = field(repr=False)

    @property
    def seen(self) -> NDArray[np.bool_]:
        return self.inverse >= 0


def lift(sources: list[Source], c2w: Matrix, intrinsics: Matrix, width: int, height: int) -> Lifted:
    """Draws every source for the camera ``c2w``, ``intrinsics``; what is nearest stands."""
    inverse = np.full((height, width), UNSEEN, np.float32)
    index = np.zeros((height, width), np.uint16)
    for source in sources:
        _draw(source, c2w, intrinsics, inverse, index)
    return Lifted(inverse, index)


def _draw(source: Source, c2w: Matrix, intrinsics: Matrix, inverse: NDArray, index: NDArray) -> None:
    surfaces = source.surfaces
    rows, columns = surfaces.shape
    views = np.full((1 + len(source.moves), 12), np.nan)
    for n in range(len(views)):
        move = None if n == 0 else source.moves[n - 1]
        if move is None or np.isfinite(move).all():
            homography, epipole = relative_view(source.c2w, source.intrinsics, c2w, intrinsics, move)
            views[n] = np.concatenate([homography.ravel(), epipole])
    places = np.empty((rows, columns, 3), np.float32)
    geometry = (surfaces.inverse, surfaces.index)
    slopes = (surfaces.slope_x, surfaces.slope_y)
    alone = _alone(surfaces)
    views = views.astype(np.float32)
    over_rows(_place_rows, rows, *geometry, views, places)
    over_rows(_draw_rows, len(inverse), *geometry, *slopes, surfaces.cells, alone, views, places, inverse, index)


def _alone(surfaces: Surfaces) -> NDArray[np.uint8]:
    """(H, W), 1 for texels that the mesh does not surround: beside a cut, or at the border."""
    broken = np.pad((surfaces.cells == BROKEN).astype(np.uint8), 1, constant_values=1)
    return np.asarray(broken[:-1, :-1] | broken[1:, :-1] | broken[:-1, 1:] | broken[1:, 1:], np.uint8)


@inline
def _project(views, n, x, y, w):
    """(x, y, inverse depth) in the target of a source pixel; the last is UNSEEN behind the camera or where unknown."""
    qz = views[n, 6] * x + views[n, 7] * y + views[n, 8] + w * views[n, 11]
    if not qz > IN_FRONT:
        return ZERO, ZERO, UNSEEN
    scale = ONE / qz
    u = (views[n, 0] * x + views[n, 1] * y + views[n, 2] + w * views[n, 9]) * scale
    v = (views[n, 3] * x + views[n, 4] * y + views[n, 5] + w * views[n, 10]) * scale
    if not (abs(u) < FARTHEST and abs(v) < FARTHEST):
        return ZERO, ZERO, UNSEEN
    return u, v, w * scale


@kernel
def _place_rows(first, end, inverse, index, views, places):
    """Texel centres in the target, and each row's extent there from top to bottom, a texel's own size included."""
    for y in range(first, end):
        for x in range(inverse.shape[1]):
            n = index[y, x]
            u, v, w = ZERO, ZERO, UNSEEN
            if n < views.shape[0]:
                u, v, w = _project(views, n, np.float32(x) + HALF, np.float32(y) + HALF, inverse[y, x])
            places[y, x, 0], places[y, x, 1], places[y, x, 2] = u, v, w


@inline
def _triangle(first, end, a, b, c, number, out, index):
    """Fills the rows ``first`` … ``end`` of one triangle, inverse depth interpolated, the nearest kept."""
    ax, ay, aw = a
    bx, by, bw = b
    cx, cy, cw = c
    area = (bx - ax) * (cy - ay) - (by - ay) * (cx - ax)
    if area <= ZERO:
        return
    y0 = max(int(np.ceil(min(ay, by, cy) - HALF - SLACK)), first)
    y1 = min(int(np.floor(max(ay, by, cy) - HALF + SLACK)), end - 1)
    x0 = max(int(np.ceil(min(ax, bx, cx) - HALF - SLACK)), 0)
    x1 = min(int(np.floor(max(ax, bx, cx) - HALF + SLACK)), out.shape[1] - 1)
    share = ONE / area
    for y in range(y0, y1 + 1):
        py = np.float32(y) + HALF
        for x in range(x0, x1 + 1):
            px = np.float32(x) + HALF
            of_a = (bx - px) * (cy - py) - (by - py) * (cx - px)
            of_b = (cx - px) * (ay - py) - (cy - py) * (ax - px)
            of_c = area - of_a - of_b
            if min(of_a, of_b, of_c) < -SLACK:
                continue
            w = max((of_a * aw + of_b * bw + of_c * cw) * share, ZERO)
            if w > out[y, x]:
                out[y, x], index[y, x] = w, number


@inline
def _piece(first, end, a, b, c, d, number, out, index):
    """A quadrilateral of four (x, y, inverse depth), clockwise, as two triangles."""
    if min(a[2], b[2], c[2], d[2]) < ZERO:
        return
    if max(a[1], b[1], c[1], d[1]) < np.float32(first) or min(a[1], b[1], c[1], d[1]) > end:
        return
    _triangle(first, end, a, b, c, number, out, index)
    _triangle(first, end, a, c, d, number, out, index)


@kernel
def _draw_rows(first, end, inverse, numbers, slope_x, slope_y, cells, alone, views, places, out, index):
    rows, columns = inverse.shape
    for y in range(rows):
        for x in range(columns):
            number = numbers[y, x]
            if y + 1 < rows and x + 1 < columns and cells[y, x] != BROKEN:
                a = places[y, x, 0], places[y, x, 1], places[y, x, 2]
                b = places[y, x + 1, 0], places[y, x + 1, 1], places[y, x + 1, 2]
                c = places[y + 1, x + 1, 0], places[y + 1, x + 1, 1], places[y + 1, x + 1, 2]
                d = places[y + 1, x, 0], places[y + 1, x, 1], places[y + 1, x, 2]
                _piece(first, end, a, b, c, d, number, out, index)
            if alone[y, x] and places[y, x, 2] >= ZERO:
                w, sx, sy = inverse[y, x], slope_x[y, x] * HALF, slope_y[y, x] * HALF
                px, py = np.float32(x), np.float32(y)
                a = _project(views, number, px, py, max(w - sx - sy, ZERO))
                b = _project(views, number, px + ONE, py, max(w + sx - sy, ZERO))
                c = _project(views, number, px + ONE, py + ONE, max(w + sx + sy, ZERO))
                d = _project(views, number, px, py + ONE, max(w - sx + sy, ZERO))
                _piece(first, end, a, b, c, d, number, out, index)
