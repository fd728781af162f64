# SPDX-License-Identifier: GPL-3.0-or-later
"""Silhouettes: projected pixels know one surface each, a rendered pixel at a silhouette shows both.

How much of each is read off the scene's own colour plate, which was rendered with the same camera and the same kind of
pixel filter: there ``plate = share * own + (1 - share) * other`` with own and other taken from nearby pixels that show one
surface only (the compositing equation of Porter and Duff, 1984). Without contrast or plate the share is the
average one for a pixel with that neighbourhood.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .geometry import Surfaces, joined
from .jit import kernel, over_rows

REACH = 3
TENT = np.array([0.25, 0.5, 0.25], np.float32)


def soften_edges(image: NDArray[np.uint8], surfaces: Surfaces, plate: NDArray[np.uint8] | None) -> NDArray[np.uint8]:
    """``image`` (H, W, 3) with its silhouettes mixed as a camera mixes them."""
    edge = np.zeros(surfaces.shape, np.uint8)
    out = image.copy()
    geometry = (surfaces.inverse, surfaces.index, surfaces.slope_x, surfaces.slope_y)
    over_rows(_find_edges, surfaces.shape[0], *geometry, edge)
    with_plate = plate is not None
    guide = plate if plate is not None else image
    over_rows(_soften, surfaces.shape[0], image, guide, with_plate, *geometry, edge, out)
    return out


@kernel
def _find_edges(first, end, inverse, index, slope_x, slope_y, edge):
    rows, columns = inverse.shape
    for y in range(first, end):
        for x in range(columns):
            for ny in range(max(y - 1, 0), min(y + 2, rows)):
                for nx in range(max(x - 1, 0), min(x + 2, columns)):
                    if not joined(inverse, index, slope_x, slope_y, y, x, ny, nx):
                        edge[y, x] = 1


@kernel
def _soften(first, end, image, guide, with_plate, inverse, index, slope_x, slope_y, edge, out):
    rows, columns = inverse.shape
    own, other = np.zeros(6, np.float32), np.zeros(6, np.float32)
    for y in range(first, end):
        for x in range(columns):
            if not edge[y, x]:
                continue
            own[:], other[:] = 0, 0
            own_total, other_total, tent = np.float32(0), np.float32(0), np.float32(0)
            for ny in range(max(y - REACH, 0), min(y + REACH + 1, rows)):
                for nx in range(max(x - REACH, 0), min(x + REACH + 1, columns)):
                    away = np.float32((ny - y) ** 2 + (nx - x) ** 2)
                    weight = (np.float32(0.02) if edge[ny, nx] else np.float32(1)) / (away * away + np.float32(0.5))
                    same = joined(inverse, index, slope_x, slope_y, y, x, ny, nx)
                    if abs(ny - y) <= 1 and abs(nx - x) <= 1 and not same:
                        tent += TENT[ny - y + 1] * TENT[nx - x + 1]
                    if same:
                        own_total += weight
                        for c in range(3):
                            own[c] += weight * guide[ny, nx, c]
                            own[3 + c] += weight * image[ny, nx, c]
                    else:
                        other_total += weight
                        for c in range(3):
                            other[c] += weight * guide[ny, nx, c]
                            other[3 + c] += weight * image[ny, nx, c]
            if other_total <= 0:
                continue
            for c in range(6):
                own[c] /= own_total
                other[c] /= other_total
            share = 1 - tent
            if with_plate:
                along, length = np.float32(0), np.float32(0)
                for c in range(3):
                    gap = own[c] - other[c]
                    along += gap * (guide[y, x, c] - other[c])
                    length += gap * gap
                trust = length / (length + np.float32(300.0))
                share += trust * (min(max(along / (length + np.float32(1e-3)), np.float32(0)), np.float32(1)) - share)
            for c in range(3):
                colour = share * image[y, x, c] + (1 - share) * other[3 + c]
                out[y, x, c] = np.uint8(min(max(colour + np.float32(0.5), np.float32(0)), np.float32(255)))
