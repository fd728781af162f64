# SPDX-License-Identifier: GPL-3.0-or-later
"""Silhouettes: projected pixels know one surface each, a rendered pixel at a silhouette shows both.

How much of each is read off the scene's own colour plate, which was rendered with the same camera and the same kind of
pixel filter: there ``plate = share * own + (1 - share) * other`` with own and other taken from nearby pixels that show
one surface only (the compositing equation of Porter and Duff, 1984). Without contrast or plate the share is the
average one for a pixel with that neighbourhood.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .geometry import BROKEN, RELATIVE_TOLERANCE, Surfaces, joined
from .jit import kernel, over_rows

REACH = 2
MIXED = np.float32(0.02)  # what a pixel that is at a silhouette itself tells of either surface, against 1
CONTRAST = np.float32(300.0)  # levels² between the two surfaces at which the plate is believed by half
ZERO, HALF, ONE, TINY, WHITE = (np.float32(n) for n in (0, 0.5, 1, 1e-3, 255))
_AWAY = np.add.outer(np.arange(-REACH, REACH + 1) ** 2, np.arange(-REACH, REACH + 1) ** 2)
NEAR = (1 / (_AWAY**2 + 0.5)).astype(np.float32)  # what a neighbour counts, (2 REACH + 1, 2 REACH + 1)
TENT = np.where(_AWAY <= 2, 0.25 / 2**_AWAY, 0).astype(np.float32)  # its part of the pixel that a filter makes


def edges_of(surfaces: Surfaces) -> NDArray[np.uint8]:
    """(H, W), 255 for pixels beside or across a silhouette."""
    broken = np.pad((surfaces.cells == BROKEN).astype(np.uint8), 1)
    return (broken[:-1, :-1] | broken[1:, :-1] | broken[:-1, 1:] | broken[1:, 1:]) * np.uint8(255)


def soften_edges(
    image: NDArray[np.uint8], surfaces: Surfaces, edges: NDArray[np.uint8], plate: NDArray[np.uint8] | None
) -> NDArray[np.uint8]:
    """``image`` (H, W, 3) with its silhouettes mixed as a camera mixes them; ``edges`` (H, W) says where they are."""
    out = image.copy()
    geometry = (surfaces.inverse, surfaces.index, surfaces.slope_x, surfaces.slope_y)
    guide = plate if plate is not None else image
    over_rows(_soften, surfaces.shape[0], image, guide, plate is not None, *geometry, edges, out)
    return out


@kernel
def _soften(first, end, image, guide, with_plate, inverse, index, slope_x, slope_y, edges, out):
    rows, columns = inverse.shape
    for y in range(first, end):
        for x in range(columns):
            if not edges[y, x]:
                continue
            own_total, other_total, tent = ZERO, ZERO, ZERO
            r0, g0, b0, r1, g1, b1 = ZERO, ZERO, ZERO, ZERO, ZERO, ZERO  # own, other surface in the guide
            red, green, blue = ZERO, ZERO, ZERO  # other surface in the picture
            for ny in range(max(y - REACH, 0), min(y + REACH + 1, rows)):
                for nx in range(max(x - REACH, 0), min(x + REACH + 1, columns)):
                    weight = NEAR[ny - y + REACH, nx - x + REACH] * (MIXED if edges[ny, nx] else ONE)
                    r, g, b = guide[ny, nx, 0], guide[ny, nx, 1], guide[ny, nx, 2]
                    if joined(inverse, index, slope_x, slope_y, y, x, ny, nx, RELATIVE_TOLERANCE):
                        own_total += weight
                        r0, g0, b0 = r0 + weight * r, g0 + weight * g, b0 + weight * b
                        continue
                    tent += TENT[ny - y + REACH, nx - x + REACH]
                    other_total += weight
                    r1, g1, b1 = r1 + weight * r, g1 + weight * g, b1 + weight * b
                    red += weight * image[ny, nx, 0]
                    green += weight * image[ny, nx, 1]
                    blue += weight * image[ny, nx, 2]
            if other_total <= ZERO:
                continue
            share, own, other = ONE - tent, ONE / own_total, ONE / other_total
            if with_plate:
                dr, dg, db = r0 * own - r1 * other, g0 * own - g1 * other, b0 * own - b1 * other
                length = dr * dr + dg * dg + db * db
                along = dr * (guide[y, x, 0] - r1 * other)
                along += dg * (guide[y, x, 1] - g1 * other) + db * (guide[y, x, 2] - b1 * other)
                read = min(max(along / (length + TINY), ZERO), ONE)
                share += length / (length + CONTRAST) * (read - share)
            for c in range(3):
                beyond = (red if c == 0 else (green if c == 1 else blue)) * other
                colour = share * image[y, x, c] + (ONE - share) * beyond
                out[y, x, c] = np.uint8(min(max(colour + HALF, ZERO), WHITE))
