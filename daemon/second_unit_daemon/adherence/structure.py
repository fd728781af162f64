# SPDX-License-Identifier: GPL-3.0-or-later
"""Depth consistency: does the clip's content stand where the scene's depth has it, judged by its parallax?

A matched point was taken from one camera's picture and found in the frame. With both cameras known, the depth along the
first one's ray that puts it where it was found is its depth in the clip (one step of least squares in the logarithm of
the ray's length, which is exact to first order). The error is that depth against the captured one, relatively.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .pose import Pose, with_lens
from .tracking import Matches, project
from .view import Matrix

# A point counts if twice its depth would move it by about this many pixels: less, and noise decides.
LEAST_PARALLAX_PX = 15.0
LEAST_POINTS = 20
# Beyond this a match is a mistake, not a depth.
MOST_OFF_PX = 12.0


def depth_error(pose: Pose, matches: Matches, intrinsics: Matrix) -> float | None:
    """Median relative depth error of a frame's points; None where the cameras' parallax tells too little."""
    camera = with_lens(intrinsics, pose.lens)
    to_frame = np.linalg.inv(pose.c2w) @ matches.c2w
    points = matches.points @ to_frame[:3, :3].T + to_frame[:3, 3]
    along = (matches.points - matches.origins) @ to_frame[:3, :3].T
    off = matches.found - project(points, camera)
    by_length = _projected_change(points, along, camera)
    strength = np.sum(by_length**2, axis=1)
    counted = (strength > LEAST_PARALLAX_PX**2) & (np.linalg.norm(off, axis=1) < MOST_OFF_PX)
    if counted.sum() < LEAST_POINTS:
        return None
    change = np.sum(by_length * off, axis=1)[counted] / strength[counted]
    return float(np.median(np.abs(change)))


def _projected_change(
    points: NDArray[np.float64], change: NDArray[np.float64], intrinsics: Matrix
) -> NDArray[np.float64]:
    """(N, 2) pixels by which small changes (N, 3) of points (N, 3) move their projections, to first order."""
    z = np.maximum(points[:, 2:], 1e-9)
    flat = (change[:, :2] - points[:, :2] * change[:, 2:] / z) / z
    return flat @ intrinsics[:2, :2].T
