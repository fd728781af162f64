# SPDX-License-Identifier: GPL-3.0-or-later
"""TSED: do neighbouring frames agree with the asked-for relative camera, by epipolar geometry alone?

Thresholded symmetric epipolar distance as in Yu et al., "Long-Term Photometric Consistent Novel View Synthesis with
Diffusion Models" (ICCV 2023): a pair of neighbouring frames is consistent if it has at least LEAST_MATCHES matches and
their median symmetric epipolar distance is below THRESHOLD_PX; the figure is the share of consistent pairs. Matches are
tracked corners instead of SIFT's. It needs no depth, and does not see speed: points that stay on their epipolar lines,
however far they go, agree.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from .tracking import LEVELS, RETURN_PX, WINDOW
from .view import Matrix

LEAST_MATCHES = 10
THRESHOLD_PX = 2.0
CORNERS = 400
# Cameras nearer to each other than this share of the typical distance have no epipolar lines to speak of.
LEAST_BASELINE = 1e-3


def relative_fundamental(c2w_a: Matrix, intrinsics_a: Matrix, c2w_b: Matrix, intrinsics_b: Matrix) -> Matrix:
    """F (3, 3) with p_bᵀ F p_a = 0 for the pixels of one point in both pictures (Hartley and Zisserman, 9.1)."""
    b_from_a = np.linalg.inv(c2w_b) @ c2w_a
    x, y, z = b_from_a[:3, 3]
    cross = np.array([[0, -z, y], [z, 0, -x], [-y, x, 0]])
    return np.linalg.inv(intrinsics_b).T @ cross @ b_from_a[:3, :3] @ np.linalg.inv(intrinsics_a)


def symmetric_distances(fundamental: Matrix, a: NDArray[np.float64], b: NDArray[np.float64]) -> NDArray[np.float64]:
    """(N,) mean of the distances in pixels of each point to the other's epipolar line; ``a``, ``b`` are (N, 2)."""
    one = np.ones((len(a), 1))
    lines_b, lines_a = np.hstack([a, one]) @ fundamental.T, np.hstack([b, one]) @ fundamental
    off = np.abs(np.sum(np.hstack([b, one]) * lines_b, axis=1))
    with np.errstate(divide="ignore", invalid="ignore"):
        near_b = off / np.linalg.norm(lines_b[:, :2], axis=1)
        near_a = off / np.linalg.norm(lines_a[:, :2], axis=1)
    return np.nan_to_num((near_a + near_b) / 2, nan=0.0)


def tracked_pair(
    before: NDArray[np.uint8], now: NDArray[np.uint8], mask: NDArray[np.uint8]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Corners of ``now`` (where ``mask`` is not 0) found in ``before``: pixels (N, 2) there and here."""
    corners = cv2.goodFeaturesToTrack(now, CORNERS, 0.01, 7, mask=mask)
    if corners is None:
        return np.zeros((0, 2)), np.zeros((0, 2))
    start = corners.reshape(-1, 2)
    there, found, _ = cv2.calcOpticalFlowPyrLK(now, before, start, start.copy(), winSize=WINDOW, maxLevel=LEVELS)
    back, returned, _ = cv2.calcOpticalFlowPyrLK(before, now, there, there.copy(), winSize=WINDOW, maxLevel=LEVELS)
    good = (found.ravel() > 0) & (returned.ravel() > 0) & (np.linalg.norm(back - start, axis=1) < RETURN_PX)
    return there[good].astype(np.float64) + 0.5, start[good].astype(np.float64) + 0.5


def consistent(fundamental: Matrix, a: NDArray[np.float64], b: NDArray[np.float64]) -> bool:
    """Whether a pair of frames counts as consistent."""
    return len(a) >= LEAST_MATCHES and float(np.median(symmetric_distances(fundamental, a, b))) < THRESHOLD_PX
