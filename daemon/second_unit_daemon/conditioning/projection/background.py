# SPDX-License-Identifier: GPL-3.0-or-later
"""Holes filled without a plate: colours grow inwards from the rim, from the same surface first, then from behind it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .geometry import RELATIVE_TOLERANCE, Surfaces, joined
from .jit import kernel

REACH = 2
BEHIND, BEFORE = 0.02, 1e-4  # belief in a neighbour on another surface, against 1 for one on the same


def fill_from_background(image: NDArray[np.uint8], known: NDArray[np.uint8], surfaces: Surfaces) -> None:
    """Writes colours into ``image`` (H, W, 3) where ``known`` (H, W) is 0, ring by ring; grey if nothing is known."""
    if not known.any():
        image[:] = 127
        return
    done = (known > 0).astype(np.uint8)
    geometry = (surfaces.inverse, surfaces.index, surfaces.slope_x, surfaces.slope_y)
    left = np.argwhere(done == 0).astype(np.int32)
    while len(left):
        grown = _grow(left, image, done, *geometry, False)
        if not grown.any():  # all that is left borders on things in front of it alone
            grown = _grow(left, image, done, *geometry, True)
        done[tuple(left[grown].T)] = 1
        left = left[~grown]


@kernel
def _grow(left, image, done, inverse, index, slope_x, slope_y, from_anything):
    """One ring: which of ``left`` (N, 2) touch something that is done and not in front; they get their colours."""
    grown = np.zeros(len(left), np.bool_)
    for n in range(len(left)):
        y, x = left[n]
        total, red, green, blue, touches = 0.0, 0.0, 0.0, 0.0, False
        for ny in range(max(y - REACH, 0), min(y + REACH + 1, done.shape[0])):
            for nx in range(max(x - REACH, 0), min(x + REACH + 1, done.shape[1])):
                if not done[ny, nx]:
                    continue
                weight = 1.0 / ((ny - y) ** 2 + (nx - x) ** 2)
                in_front = False
                if not joined(inverse, index, slope_x, slope_y, y, x, ny, nx, RELATIVE_TOLERANCE):
                    in_front = inverse[ny, nx] > inverse[y, x]
                    weight *= BEFORE if in_front else BEHIND
                near = abs(ny - y) <= 1 and abs(nx - x) <= 1
                touches = touches or (near and (from_anything or not in_front))
                total += weight
                red += weight * image[ny, nx, 0]
                green += weight * image[ny, nx, 1]
                blue += weight * image[ny, nx, 2]
        if touches:
            grown[n] = True
            image[y, x, 0] = np.uint8(red / total + 0.5)
            image[y, x, 1] = np.uint8(green / total + 0.5)
            image[y, x, 2] = np.uint8(blue / total + 0.5)
    return grown
