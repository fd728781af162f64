# SPDX-License-Identifier: GPL-3.0-or-later
"""Finding the expected picture's details in the clip's frame, to a small part of a pixel."""

from __future__ import annotations

import cv2
import numpy as np
from attrs import frozen
from numpy.typing import NDArray

from .anchors import Expectation, Grey
from .view import Matrix

MOST_POINTS = 500
WINDOW = (15, 15)
LEVELS = 3
# A point that does not come back to where it started, within this many pixels, was lost.
RETURN_PX = 0.5
EVEN_WINDOW = (31, 31)
# Contrast below about this many levels is noise and is not stretched.
QUIET_LEVELS = 6


@frozen(eq=False)
class Matches:
    """``points`` (N, 3) in metres in the axes of the camera ``c2w``; ``found`` (N, 2) where the frame shows them.

    ``origins`` (N, 3), in the same axes, is the centre of the camera whose picture each point was taken from.
    ``sought`` counts the points that were looked for, ``found`` or not.
    """

    c2w: Matrix
    points: NDArray[np.float64]
    found: NDArray[np.float64]
    origins: NDArray[np.float64]
    sought: int


def even_out(grey: Grey) -> Grey:
    """Takes local brightness and contrast out, so that exposure and grading do not count as movement."""
    values = grey.astype(np.float32)
    mean = cv2.blur(values, EVEN_WINDOW)
    variance = cv2.blur(values * values, EVEN_WINDOW) - mean * mean
    spread = np.sqrt(np.maximum(variance, 0)) + QUIET_LEVELS
    return np.asarray(np.clip((values - mean) / spread * 40 + 128, 0, 255), np.uint8)


def track(expected: Expectation, frame: Grey, guess: Matrix, intrinsics: Matrix) -> Matches:
    """KLT from the expected picture to the frame, starting where a camera at ``guess`` would show each point."""
    view = expected.view
    spacing = max(4, round(np.sqrt(expected.picture.size / (3 * MOST_POINTS))))
    corners = cv2.goodFeaturesToTrack(expected.picture, MOST_POINTS, 0.01, spacing, mask=expected.known)
    if corners is None:
        return Matches(view.c2w, np.zeros((0, 3)), np.zeros((0, 2)), np.zeros((0, 3)), 0)
    start = corners.reshape(-1, 2)
    points = lift(start + 0.5, view.intrinsics, view.inverse_at(start + 0.5))
    to_guess = np.linalg.inv(guess) @ view.c2w
    hoped = (project(points @ to_guess[:3, :3].T + to_guess[:3, 3], intrinsics) - 0.5).astype(np.float32)
    options = {"winSize": WINDOW, "maxLevel": LEVELS, "flags": cv2.OPTFLOW_USE_INITIAL_FLOW}
    there, found, _ = cv2.calcOpticalFlowPyrLK(expected.picture, frame, start, hoped.copy(), **options)
    back, returned, _ = cv2.calcOpticalFlowPyrLK(frame, expected.picture, there, start.copy(), **options)
    good = (found.ravel() > 0) & (returned.ravel() > 0) & (np.linalg.norm(back - start, axis=1) < RETURN_PX)
    origins = expected.origins_at(start)
    return Matches(view.c2w, points[good], there[good].astype(np.float64) + 0.5, origins[good], len(start))


def lift(pixels: NDArray, intrinsics: Matrix, inverse: NDArray) -> NDArray[np.float64]:
    """Points (N, 3) in the camera's axes under pixels (N, 2) with inverse depths (N,)."""
    homogeneous = np.column_stack([pixels, np.ones(len(pixels))])
    return (homogeneous @ np.linalg.inv(intrinsics).T) / inverse[:, None]


def project(points: NDArray[np.float64], intrinsics: Matrix) -> NDArray[np.float64]:
    """Pixels (N, 2) of points (N, 3) in the camera's axes; points behind it land far outside."""
    seen = points @ intrinsics.T
    depth = np.where(seen[:, 2] > 1e-9, seen[:, 2], 1e-9)
    return seen[:, :2] / depth[:, None]
