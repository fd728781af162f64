# SPDX-License-Identifier: GPL-3.0-or-later
"""Holes filled from the scene's own colour plate, its colours matched to the references around each place.

The match is a gain and an offset a channel, fitted over the pixels that a reference does show, in a grid over picture
and depth (a bilateral grid of affine models; Chen, Adams, Wadhwa and Hasinoff, 2016): what lies beside a hole in the
picture but far in front of it does not colour it. Where the plate says nothing of the picture the gain falls and the
local mean colour of the references is left.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .jit import inline, kernel, over_rows

CELLS_ACROSS = 36
DEPTH_BINS = 14  # two to a doubling of depth, and one for the sky
SUMS = 13  # count; plate, picture, plate², plate·picture for each channel
SPREADS = ((1.0, 1.0), (4.0, 30.0), (16.0, 3.0))  # cells; how many pixels' worth of belief
FLAT = 40.0  # variance in levels² under which the plate's detail is taken as it is
GAIN_LIMITS = (0.0, 3.0)


def fill_from_plate(
    image: NDArray[np.uint8], known: NDArray[np.uint8], plate: NDArray[np.uint8], inverse: NDArray[np.float32]
) -> None:
    """Writes matched plate colours into ``image`` (H, W, 3) where ``known`` (H, W) is 0. Something must be known."""
    rows = known.shape[0]
    cell = max(image.shape[1] / CELLS_ACROSS, 4.0)
    finite = inverse[inverse > 0]
    nearest = float(finite.max()) if finite.size else 1.0
    shape = (int(np.ceil(rows / cell)) + 1, int(np.ceil(image.shape[1] / cell)) + 1, DEPTH_BINS)
    parts = over_rows(_gather, rows, image, known, plate, inverse, np.float32(cell), np.float32(nearest), shape)
    model = _solve(np.sum(parts, axis=0, dtype=np.float64))
    over_rows(_apply, rows, image, known, plate, inverse, np.float32(cell), np.float32(nearest), model)


@inline
def _bin_of(w, nearest):
    """Place along the grid's depth axis."""
    if w <= 0.0:
        return np.float32(DEPTH_BINS - 1)
    return np.float32(min(max(2.0 * np.log2(nearest / w), 0.0), DEPTH_BINS - 2))


@kernel
def _gather(first, end, image, known, plate, inverse, cell, nearest, shape):
    grid = np.zeros((shape[0], shape[1], shape[2], SUMS), np.float32)
    for y in range(first, end):
        for x in range(y & 1, image.shape[1], 2):  # every second pixel, as on a chessboard
            if not known[y, x]:
                continue
            at = grid[int(y / cell + 0.5), int(x / cell + 0.5), int(_bin_of(inverse[y, x], nearest) + 0.5)]
            at[0] += 1
            for c in range(3):
                p, q = np.float32(plate[y, x, c]), np.float32(image[y, x, c])
                at[1 + c] += p
                at[4 + c] += q
                at[7 + c] += p * p
                at[10 + c] += p * q
    return grid


def _solve(grid: NDArray[np.float64]) -> NDArray[np.float32]:
    """(Y, X, Z, 6): a gain and an offset a channel for every cell, wider neighbourhoods where near ones are empty."""
    total = np.zeros_like(grid)
    for spread, belief in SPREADS:
        near = _blur(grid, spread)
        count = np.maximum(near[..., :1], 1e-6)
        total += near if spread == SPREADS[0][0] else near / count * np.minimum(belief, near[..., :1] * 1e3)
    count = np.maximum(total[..., :1], 1e-9)
    mean = total / count
    plate, picture = mean[..., 1:4], mean[..., 4:7]
    variance = np.maximum(mean[..., 7:10] - plate**2, 0.0)
    covariance = mean[..., 10:13] - plate * picture
    gain = np.clip((covariance + FLAT) / (variance + FLAT), *GAIN_LIMITS)
    return np.concatenate([gain, picture - gain * plate], -1).astype(np.float32)


def _blur(grid: NDArray[np.float64], spread: float) -> NDArray[np.float64]:
    """Gaussian over the grid's three axes; along depth at most a bin and a half."""
    for axis, sigma in ((0, spread), (1, spread), (2, min(spread * 0.5, 1.5))):
        reach = min(int(np.ceil(3 * sigma)), grid.shape[axis] - 1)
        taps = np.exp(-0.5 * (np.arange(-reach, reach + 1) / sigma) ** 2)
        moved = np.moveaxis(grid, axis, 0)
        out = np.zeros_like(moved)
        for offset, tap in zip(range(-reach, reach + 1), taps, strict=True):
            low, high = max(0, -offset), len(moved) - max(0, offset)
            out[low:high] += tap * moved[low + offset : high + offset]
        grid = np.moveaxis(out, 0, axis)
    return grid


@kernel
def _apply(first, end, image, known, plate, inverse, cell, nearest, model):
    for y in range(first, end):
        for x in range(image.shape[1]):
            if known[y, x]:
                continue
            gy, gx, gz = y / cell, x / cell, _bin_of(inverse[y, x], nearest)
            iy, ix, iz = int(gy), int(gx), min(int(gz), model.shape[2] - 2)
            fy, fx, fz = gy - iy, gx - ix, gz - iz
            for c in range(3):
                gain, offset = np.float32(0), np.float32(0)
                for k in range(8):
                    j, i, n = k & 1, (k >> 1) & 1, k >> 2
                    weight = (fy if j else 1 - fy) * (fx if i else 1 - fx) * (fz if n else 1 - fz)
                    gain += weight * model[min(iy + j, model.shape[0] - 1), min(ix + i, model.shape[1] - 1), iz + n, c]
                    offset += (
                        weight * model[min(iy + j, model.shape[0] - 1), min(ix + i, model.shape[1] - 1), iz + n, 3 + c]
                    )
                value = gain * plate[y, x, c] + offset
                image[y, x, c] = np.uint8(min(max(value + np.float32(0.5), np.float32(0)), np.float32(255)))
