# SPDX-License-Identifier: GPL-3.0-or-later
"""The scene's own colour plate, its colours matched to the references around each place: for holes and silhouettes.

The match is a gain and an offset a channel, fitted over the pixels that a reference does show, in a grid over picture
and depth (a bilateral grid of affine models; Chen, Adams, Wadhwa and Hasinoff, 2016): what lies beside a hole in the
picture but far in front of it does not colour it. Where the plate says nothing of the picture the gain falls and the
local mean colour of the references is left.
"""

from __future__ import annotations

from functools import cache

import numpy as np
from attrs import field, frozen
from numpy.typing import NDArray

from .jit import inline, kernel, over_rows

CELLS_ACROSS = 36
DEPTH_BINS = 14  # two to a doubling of depth, and one for the sky
MODEL = 8  # seven numbers, padded: eight fill a register
SUMS = 16  # count; then for each channel plate, picture, plate², plate·picture, picture²
# How wide (cells), how many pixels' worth of belief, and how many cells along a side are taken as one for it.
SPREADS = ((1.0, 1.0, 1), (4.0, 15.0, 2), (16.0, 1.5, 4))
FLAT = np.float32(40)  # variance in levels² under which the plate's detail is taken as it is
LEAST_GAIN, MOST_GAIN = np.float32(0), np.float32(3)
# Beside silhouettes; and the levels² that the match leaves unexplained around there at which it is half of that.
MOST_TRUST, HALF_TRUST_AT = np.float32(0.7), np.float32(300)
LEAST_WEIGHT, NEXT_TO_NONE, THOUSAND = np.float32(1e-3), np.float32(1e-6), np.float32(1e3)
ZERO, HALF, ONE, TWO, THREE, WHITE = (np.float32(n) for n in (0, 0.5, 1, 2, 3, 255))
LAST_BIN, ROOT_TWO = np.float32(DEPTH_BINS - 1), np.float32(2**0.5)


@frozen(eq=False)
class PlateMatch:
    """A plate (H, W, 3) and how it becomes the references' look: ``model`` (Y, X, Z, MODEL) gains, offsets, trust."""

    plate: NDArray[np.uint8] = field(repr=False)
    inverse: NDArray[np.float32] = field(repr=False)
    model: NDArray[np.float32] = field(repr=False)
    cell: np.float32
    nearest: np.float32

    def fill(self, image: NDArray[np.uint8], known: NDArray[np.uint8]) -> None:
        """Writes matched plate colours into ``image`` (H, W, 3) where ``known`` (H, W) is 0."""
        self._apply(image, known, False)

    def lean(self, image: NDArray[np.uint8], elsewhere: NDArray[np.uint8]) -> None:
        """Mixes them into ``image`` where ``elsewhere`` is 0, as far as the match explains the picture around there."""
        self._apply(image, elsewhere, True)

    def _apply(self, image: NDArray[np.uint8], skip: NDArray[np.uint8], by_trust: bool) -> None:
        grid = (self.inverse, self.cell, self.nearest, self.model)
        over_rows(_apply, len(image), image, skip, self.plate, *grid, by_trust)


def match_plate(
    image: NDArray[np.uint8], known: NDArray[np.uint8], plate: NDArray[np.uint8], inverse: NDArray[np.float32]
) -> PlateMatch:
    """Fits ``plate`` to ``image`` (H, W, 3) over its ``known`` pixels, of which there must be some."""
    rows = known.shape[0]
    cell = np.float32(max(image.shape[1] / CELLS_ACROSS, 4.0))
    nearest = np.float32(inverse.max() or 1.0)
    shape = (int(np.ceil(rows / cell)) + 1, int(np.ceil(image.shape[1] / cell)) + 1, DEPTH_BINS)
    parts = over_rows(_gather, rows, image, known, plate, inverse, cell, nearest, shape)
    return PlateMatch(plate, inverse, _solve(np.sum(parts, axis=0)), cell, nearest)


@inline
def _bin_of(w, nearest):
    """Place along the grid's depth axis."""
    if w <= ZERO:
        return LAST_BIN
    return min(max(TWO * np.log2(nearest / w), ZERO), LAST_BIN - ONE)


@inline
def _nearest_bin(w, nearest):
    """The same rounded, by the exponent of a number: 2 log₂ r + ½ = log₂ (√2 r²)."""
    if w <= ZERO:
        return DEPTH_BINS - 1
    ratio = nearest / w
    power = (np.float32(ratio * ratio * ROOT_TWO).view(np.int32) >> 23) - 127
    return min(max(power, 0), DEPTH_BINS - 2)


@kernel
def _gather(first, end, image, known, plate, inverse, cell, nearest, shape):
    grid = np.zeros((shape[0] * shape[1] * shape[2], SUMS), np.float32)
    per_pixel = ONE / cell
    for y in range(first + (first & 1), end, 2):  # every fourth pixel, as on a chessboard of two rows to a field
        row = int(np.float32(y) * per_pixel + HALF) * shape[1]
        for x in range((y >> 1) & 1, image.shape[1], 2):
            if not known[y, x]:
                continue
            at = (row + int(np.float32(x) * per_pixel + HALF)) * shape[2] + _nearest_bin(inverse[y, x], nearest)
            grid[at, 0] += ONE
            for c in range(3):
                p, q = np.float32(plate[y, x, c]), np.float32(image[y, x, c])
                grid[at, 1 + c] += p
                grid[at, 4 + c] += q
                grid[at, 7 + c] += p * p
                grid[at, 10 + c] += p * q
                grid[at, 13 + c] += q * q
    return grid.reshape((shape[0], shape[1], shape[2], SUMS))


def _solve(grid: NDArray[np.float32]) -> NDArray[np.float32]:
    """(Y, X, Z, MODEL): a gain and an offset a channel, and trust; wider neighbourhoods where near ones are empty."""
    total = np.zeros_like(grid)
    for spread, belief, pool in SPREADS:
        near = _blur(grid, spread, pool)
        if pool == 1:
            total += near
        else:
            _believe(near.reshape(-1, SUMS), np.float32(belief), total.reshape(-1, SUMS))
    model = np.zeros((*grid.shape[:3], MODEL), np.float32)
    _fit(total.reshape(-1, SUMS), model.reshape(-1, MODEL))
    return model


@kernel
def _believe(near, belief, total):
    """Adds means of ``near`` (N, SUMS) to ``total`` as if of ``belief`` pixels, or fewer where it has hardly any."""
    for n in range(near.shape[0]):
        count = max(near[n, 0], NEXT_TO_NONE)
        share = min(belief, near[n, 0] * THOUSAND) / count
        for c in range(near.shape[1]):
            total[n, c] += near[n, c] * share


@kernel
def _fit(total, model):
    """Least squares of picture on plate for each row of ``total`` (N, SUMS)."""
    for n in range(total.shape[0]):
        each, left = ONE / max(total[n, 0], NEXT_TO_NONE), ZERO
        for c in range(3):
            plate, picture = total[n, 1 + c] * each, total[n, 4 + c] * each
            variance = max(total[n, 7 + c] * each - plate * plate, ZERO)
            covariance = total[n, 10 + c] * each - plate * picture
            gain = min(max((covariance + FLAT) / (variance + FLAT), LEAST_GAIN), MOST_GAIN)
            unexplained = total[n, 13 + c] * each - picture * picture - TWO * gain * covariance + gain * gain * variance
            left += max(unexplained, ZERO)
            model[n, c], model[n, 3 + c] = gain, picture - gain * plate
        model[n, 6] = MOST_TRUST * HALF_TRUST_AT / (HALF_TRUST_AT + left / THREE)


def _blur(grid: NDArray[np.float32], spread: float, pool: int) -> NDArray[np.float32]:
    """Gaussian over the grid's three axes; along depth at most a bin and a half."""
    rows, columns, bins, sums = grid.shape
    few_rows, few_columns = -(-rows // pool), -(-columns // pool)
    out = grid
    if pool > 1:
        out = _weighed(_groups(rows, pool), out.reshape(1, rows, -1))
        out = _weighed(_groups(columns, pool), out.reshape(few_rows, columns, -1))
    out = _weighed(_gaussian(bins, bins, 1, min(spread * 0.5, 1.5)), out.reshape(-1, bins, sums))
    out = _weighed(_gaussian(rows, few_rows, pool, spread), out.reshape(1, few_rows, -1))
    out = _weighed(_gaussian(columns, few_columns, pool, spread), out.reshape(rows, few_columns, -1))
    return out.reshape(rows, columns, bins, sums)


@kernel
def _weighed(weights, rows):
    """(B, M, C): sums of the N rows of C numbers in (B, N, C), weighed by (M, N)."""
    out = np.zeros((rows.shape[0], weights.shape[0], rows.shape[2]), np.float32)
    for b in range(rows.shape[0]):
        for i in range(weights.shape[0]):
            for j in range(rows.shape[1]):
                weight = weights[i, j]
                if weight > LEAST_WEIGHT:
                    for c in range(rows.shape[2]):
                        out[b, i, c] += weight * rows[b, j, c]
    return out


@cache
def _gaussian(count: int, pooled: int, pool: int, sigma: float) -> NDArray[np.float32]:
    """(count, pooled): row i weighs groups of ``pool`` places along an axis by their middle's distance from place i."""
    middles = np.arange(pooled) * pool + (pool - 1) / 2
    return np.exp(-0.5 * ((np.arange(count)[:, None] - middles) / sigma) ** 2).astype(np.float32)


@cache
def _groups(count: int, pool: int) -> NDArray[np.float32]:
    """(groups, count): 1 where a place along an axis belongs to a group of ``pool``."""
    return (np.arange(count) // pool == np.arange(-(-count // pool))[:, None]).astype(np.float32)


@inline
def _mix(flat, at, next_row, next_column, fy, fx, fz, found):
    """Trilinear, ``found`` (MODEL,): ``at`` is where the first of eight models begins in ``flat``."""
    gy, gx, gz = ONE - fy, ONE - fx, ONE - fz
    a, b, c, d = gy * gx * gz, fy * gx * gz, gy * fx * gz, fy * fx * gz
    p, q, r, s = gy * gx * fz, fy * gx * fz, gy * fx * fz, fy * fx * fz
    down, right, both = at + next_row, at + next_column, at + next_row + next_column
    for n in range(MODEL):
        low = a * flat[at + n] + b * flat[down + n] + c * flat[right + n] + d * flat[both + n]
        m = n + MODEL
        found[n] = low + p * flat[at + m] + q * flat[down + m] + r * flat[right + m] + s * flat[both + m]


@kernel
def _apply(first, end, image, skip, plate, inverse, cell, nearest, model, by_trust):
    found, flat = np.zeros(MODEL, np.float32), model.reshape(-1)
    rows, columns, bins = model.shape[0], model.shape[1], model.shape[2]
    per_pixel = ONE / cell
    for y in range(first, end):
        gy = np.float32(y) * per_pixel
        iy = int(gy)
        next_row = columns * bins * MODEL if iy + 1 < rows else 0
        for x in range(image.shape[1]):
            if skip[y, x]:
                continue
            gx, gz = np.float32(x) * per_pixel, _bin_of(inverse[y, x], nearest)
            ix, iz = int(gx), min(int(gz), bins - 2)
            next_column = bins * MODEL if ix + 1 < columns else 0
            at = ((iy * columns + ix) * bins + iz) * MODEL
            _mix(flat, at, next_row, next_column, gy - np.float32(iy), gx - np.float32(ix), gz - np.float32(iz), found)
            share = found[6] if by_trust else ONE
            for c in range(3):
                value = found[c] * plate[y, x, c] + found[3 + c]
                value = min(max(value, ZERO), WHITE)
                image[y, x, c] = np.uint8(image[y, x, c] + share * (value - image[y, x, c]) + HALF)
