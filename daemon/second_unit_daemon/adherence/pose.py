# SPDX-License-Identifier: GPL-3.0-or-later
"""The camera pose that explains the matches: a robust start by RANSAC, then least squares with outliers faded out."""

from __future__ import annotations

import cv2
import numpy as np
from attrs import field, frozen
from numpy.typing import NDArray

from .tracking import Matches, project
from .view import Matrix

RANSAC_PX = 2.0
RANSAC_ROUNDS = 200
REFINE_ROUNDS = 8
# Tukey's constant: 95 % efficiency on normal noise (Huber, Robust Statistics).
TUKEY = 4.685
LEAST_SIGMA_PX = 0.05
LEAST_INLIERS = 12
LEAST_SHARE = 0.3


@frozen(eq=False)
class Pose:
    """``c2w`` (4, 4) world; ``inliers`` (N,) of the matches that it explains; ``pixels`` (M, 2) where those lie."""

    c2w: Matrix
    inliers: NDArray[np.bool_] = field(repr=False)
    pixels: NDArray[np.float64] = field(repr=False)


def solve(matches: Matches, intrinsics: Matrix) -> Pose | None:
    """None where too few matches agree on one camera."""
    count = len(matches.points)
    if count < LEAST_INLIERS:
        return None
    found, rotation, translation, chosen = cv2.solvePnPRansac(
        matches.points,
        matches.found,
        intrinsics,
        np.zeros(4),  # no distortion
        iterationsCount=RANSAC_ROUNDS,
        reprojectionError=RANSAC_PX,
        confidence=0.999,
        flags=cv2.SOLVEPNP_SQPNP,
    )
    if not found or chosen is None or len(chosen) < max(LEAST_INLIERS, LEAST_SHARE * count):
        return None
    w2c = np.eye(4)
    w2c[:3, :3], w2c[:3, 3] = cv2.Rodrigues(rotation)[0], translation.ravel()
    w2c = refine(w2c, matches, intrinsics)
    inliers = residuals(w2c, matches, intrinsics) < RANSAC_PX
    if inliers.sum() < max(LEAST_INLIERS, LEAST_SHARE * count):
        return None
    return Pose(matches.c2w @ np.linalg.inv(w2c), inliers, matches.found[inliers])


def residuals(w2c: Matrix, matches: Matches, intrinsics: Matrix) -> NDArray[np.float64]:
    """Distances (N,) in pixels between where a camera shows the points and where they were found."""
    return np.linalg.norm(project(_moved(w2c, matches.points), intrinsics) - matches.found, axis=1)


def refine(w2c: Matrix, matches: Matches, intrinsics: Matrix) -> Matrix:
    """Gauss-Newton on the reprojection error with Tukey's biweight; the scale of the noise from its median."""
    for _ in range(REFINE_ROUNDS):
        points = _moved(w2c, matches.points)
        error = project(points, intrinsics) - matches.found
        distance = np.linalg.norm(error, axis=1)
        near = distance < 4 * RANSAC_PX
        sigma = max(1.2 * float(np.median(distance[near])) if near.any() else RANSAC_PX, LEAST_SIGMA_PX)
        weight = np.square(np.clip(1 - np.square(distance / (TUKEY * sigma)), 0, None))
        jacobian = _jacobian(points, intrinsics)
        normal = np.einsum("nij,n,nik->jk", jacobian, weight, jacobian)
        slope = np.einsum("nij,n,ni->j", jacobian, weight, error)
        step = -np.linalg.lstsq(normal, slope, rcond=1e-12)[0]
        change = np.eye(4)
        change[:3, :3], change[:3, 3] = cv2.Rodrigues(step[:3])[0], step[3:]
        w2c = change @ w2c
        if np.abs(step).max() < 1e-9:
            break
    return w2c


def _moved(w2c: Matrix, points: NDArray[np.float64]) -> NDArray[np.float64]:
    return points @ w2c[:3, :3].T + w2c[:3, 3]


def _jacobian(points: NDArray[np.float64], intrinsics: Matrix) -> NDArray[np.float64]:
    """(N, 2, 6): pixels by a small turn (3, radians) and shift (3, metres) applied after the camera's transform."""
    x, y, z = points.T
    z = np.maximum(z, 1e-9)
    count = len(points)
    by_point = np.zeros((count, 2, 3))
    by_point[:, 0, 0] = intrinsics[0, 0] / z
    by_point[:, 0, 1] = intrinsics[0, 1] / z
    by_point[:, 0, 2] = -(intrinsics[0, 0] * x + intrinsics[0, 1] * y) / z**2
    by_point[:, 1, 1] = intrinsics[1, 1] / z
    by_point[:, 1, 2] = -intrinsics[1, 1] * y / z**2
    turned = np.zeros((count, 3, 3))  # d(exp(w) p)/dw = -[p]x
    turned[:, 0, 1], turned[:, 0, 2] = points[:, 2], -points[:, 1]
    turned[:, 1, 0], turned[:, 1, 2] = -points[:, 2], points[:, 0]
    turned[:, 2, 0], turned[:, 2, 1] = points[:, 1], -points[:, 0]
    return np.concatenate([by_point @ turned, by_point], axis=2)
