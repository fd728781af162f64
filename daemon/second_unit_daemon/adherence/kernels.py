# SPDX-License-Identifier: GPL-3.0-or-later
"""The loops of measuring that run most often, compiled: over a lattice of surfaces, over matched points.

On small pictures numpy spends its time on being called, on large ones on planes that it writes and reads again. What is
done to a lattice here gives numpy's own bits.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ..conditioning.projection.jit import exact_kernel

Matrix = NDArray[np.float64]
Plane = NDArray[np.float32]
Bits = NDArray[np.bool_]

HALF, ONE = np.float32(0.5), np.float32(1)


@exact_kernel
def carried(homography: Plane, epipole: Plane, xs: Plane, ys: Plane, inverse: Plane) -> tuple[Plane, Plane, Plane]:
    """Pixels x, y and 1/z (rows, columns) in another camera of surfaces with 1/z ``inverse`` under a lattice."""
    rows, columns = inverse.shape
    x, y, there = np.empty_like(inverse), np.empty_like(inverse), np.empty_like(inverse)
    for r in range(rows):
        a = homography[0, 1] * ys[r] + homography[0, 2]
        b = homography[1, 1] * ys[r] + homography[1, 2]
        c = homography[2, 1] * ys[r] + homography[2, 2]
        for k in range(columns):
            near = inverse[r, k]
            over = ONE / ((c + homography[2, 0] * xs[k]) + epipole[2] * near)
            x[r, k] = ((a + homography[0, 0] * xs[k]) + epipole[0] * near) * over
            y[r, k] = ((b + homography[1, 0] * xs[k]) + epipole[1] * near) * over
            there[r, k] = near * over
    return x, y, there


@exact_kernel
def on_lattice(x: Plane, y: Plane, to_column: np.float32, to_row: np.float32) -> tuple[Plane, Plane]:
    """Lattice columns and rows, centres at +0, of pixels."""
    column, row = np.empty_like(x), np.empty_like(y)
    for r in range(x.shape[0]):
        for k in range(x.shape[1]):
            column[r, k] = x[r, k] * to_column - HALF
            row[r, k] = y[r, k] * to_row - HALF
    return column, row


@exact_kernel
def same_surface(
    x: Plane,
    y: Plane,
    inverse: Plane,
    mine: Plane,
    solid: NDArray[np.uint8],
    right: np.float32,
    bottom: np.float32,
    share: np.float32,
) -> Bits:
    """Which pixels lie inside 1 … ``right``, ``bottom``, are ``solid`` and as far as ``mine``, but for ``share``."""
    same = np.empty(x.shape, np.bool_)
    for r in range(x.shape[0]):
        for k in range(x.shape[1]):
            u, v, near = x[r, k], y[r, k], inverse[r, k]
            inside = u > ONE and v > ONE and u < right and v < bottom and near > 0
            same[r, k] = inside and solid[r, k] > 0 and abs(mine[r, k] - near) < share * near
    return same


@exact_kernel
def corrected(inverse: Plane, shown: Plane, there: Plane) -> Plane:
    """A guess of 1/z, carried to ``there``, times what is ``shown`` there over that; nonsense becomes 0."""
    better = np.empty_like(inverse)
    for r in range(inverse.shape[0]):
        for k in range(inverse.shape[1]):
            value = inverse[r, k]
            if there[r, k] > 0:
                value = value * shown[r, k] / there[r, k]
            better[r, k] = value if np.isfinite(value) else np.float32(0)
    return better


@exact_kernel
def normal_equations(
    points: Matrix, found: Matrix, w2c: Matrix, camera: Matrix, far: float, tukey: float, least: float
) -> tuple[Matrix, Matrix, float]:
    """One step of Gauss-Newton on the reprojection error of world ``points`` (N, 3) ``found`` at pixels (N, 2).

    Returns the normal matrix (7, 7), the slope (7,) and the scale of the noise in pixels. The unknowns are a small turn
    (3, radians) and shift (3, metres) after the camera's transform, and the logarithm of the focal length. Tukey's
    biweight with the constant ``tukey``; the scale is 1.2 times the median of the errors below ``4 * far``, at least
    ``least``.
    """
    count = len(points)
    seen, error, distance = np.empty((count, 3)), np.empty((count, 2)), np.empty(count)
    near = 0
    for n in range(count):
        for i in range(3):
            seen[n, i] = w2c[i, 0] * points[n, 0] + w2c[i, 1] * points[n, 1] + w2c[i, 2] * points[n, 2] + w2c[i, 3]
        x, y, z = seen[n]
        over = max(z, 1e-9)
        error[n, 0] = (camera[0, 0] * x + camera[0, 1] * y + camera[0, 2] * z) / over - found[n, 0]
        error[n, 1] = (camera[1, 1] * y + camera[1, 2] * z) / over - found[n, 1]
        distance[n] = np.sqrt(error[n, 0] ** 2 + error[n, 1] ** 2)
        near += distance[n] < 4 * far
    typical = 1.2 * np.median(distance[distance < 4 * far]) if near else far
    sigma = float(max(typical, least))
    normal, slope, row = np.zeros((7, 7)), np.zeros(7), np.empty((2, 7))
    for n in range(count):
        weight = 1 - (distance[n] / (tukey * sigma)) ** 2
        if not weight > 0:
            continue
        weight = weight * weight
        x, y, z = seen[n, 0], seen[n, 1], max(seen[n, 2], 1e-9)
        across, down = camera[0, 0] * x + camera[0, 1] * y, camera[1, 1] * y
        row[0, 3], row[0, 4], row[0, 5] = camera[0, 0] / z, camera[0, 1] / z, -across / z**2
        row[1, 3], row[1, 4], row[1, 5] = 0.0, camera[1, 1] / z, -down / z**2
        row[0, 6], row[1, 6] = across / z, down / z
        for i in range(2):  # a turn w moves p by w × p
            row[i, 0] = row[i, 5] * seen[n, 1] - row[i, 4] * seen[n, 2]
            row[i, 1] = row[i, 3] * seen[n, 2] - row[i, 5] * seen[n, 0]
            row[i, 2] = row[i, 4] * seen[n, 0] - row[i, 3] * seen[n, 1]
            for j in range(7):
                pull = weight * row[i, j]
                slope[j] += pull * error[n, i]
                for k in range(7):
                    normal[j, k] += pull * row[i, k]
    return normal, slope, sigma
