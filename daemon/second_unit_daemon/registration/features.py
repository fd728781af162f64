# SPDX-License-Identifier: GPL-3.0-or-later
"""Surface points that the scene's colour plate shows, found in a reference's picture."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from ..adherence.anchors import sift_features
from ..adherence.pose import solve, with_lens
from ..adherence.tracking import Matches, even_out, lift, project
from ..conditioning.cameras import scaled_intrinsics
from ..conditioning.shot_data import ReferenceData, ShotData
from .canvas import canvas_of
from .found import Found

WIDTH = 832
RATIO = 0.8  # Lowe's, between the best match and the second
SIMILAR_PX = 2.0
LEAST_POINTS, LEAST_SHARE = 24, 0.25
LEAST_COVER = 0.12  # of CELLS that hold an agreeing point
CELLS = (8, 6)
SIMPLER = 0.85  # a similarity is enough where it explains this share of the points that a camera does
SAME_TIME = 1e-3


def by_features(shot: ShotData, reference: ReferenceData) -> Found | None:
    """None where too few points agree on anything."""
    matches = _matches(shot, reference)
    if matches is None or len(matches.points) < LEAST_POINTS:
        return None
    canvas_scale = min(1.0, WIDTH / _columns(reference))
    lens = scaled_intrinsics(reference.intrinsics, canvas_scale, canvas_scale)
    to_camera = np.linalg.inv(reference.c2w) @ matches.c2w
    expected = project(matches.points @ to_camera[:3, :3].T + to_camera[:3, 3], lens)
    similarity, agrees = cv2.estimateAffinePartial2D(
        expected, matches.found, method=cv2.RANSAC, ransacReprojThreshold=SIMILAR_PX, maxIters=4000, confidence=0.999
    )
    simple = agrees.ravel() > 0 if similarity is not None else np.zeros(len(expected), bool)
    pose = solve(matches, lens)
    seen = pose.inliers if pose is not None else np.zeros(len(expected), bool)
    enough = simple.sum() >= SIMPLER * seen.sum()
    kept = simple if enough else seen
    if (
        kept.sum() < max(LEAST_POINTS, LEAST_SHARE * len(expected))
        or _cover(matches.found[kept], reference) < LEAST_COVER
    ):
        return None
    width = _columns(reference) * canvas_scale
    off = _off(expected, kept, similarity if enough else None, pose, matches, lens, width)
    if similarity is not None:
        similarity[:, 2] /= canvas_scale
    return Found(
        off=off,
        similarity=np.asarray(similarity, np.float64) if enough and similarity is not None else None,
        pose=None if enough else pose,
        expected=expected[kept] / canvas_scale,
        seen=matches.found[kept] / canvas_scale,
        by="features",
    )


def _off(expected, kept, similarity, pose, matches, lens, width: float) -> float:
    """Mean distance between where points should be and where the model has them: the model averages noise away."""
    if similarity is not None:
        there = expected[kept] @ similarity[:, :2].T + similarity[:, 2]
    else:
        to_camera = np.linalg.inv(pose.c2w) @ matches.c2w
        moved = matches.points[kept] @ to_camera[:3, :3].T + to_camera[:3, 3]
        there = project(moved, with_lens(lens, pose.lens))
    return float(np.linalg.norm(there - expected[kept], axis=1).mean() / width)


def _columns(reference: ReferenceData) -> int:
    assert reference.depth is not None
    return reference.depth.shape[1]


def _matches(shot: ShotData, reference: ReferenceData) -> Matches | None:
    """Points in the axes of the nearest clip frame's camera, found in pixels of the canvas."""
    frame = min(max(round(reference.clip_position), 0), len(shot) - 1)
    plate, depth = shot.colour(frame), shot.depth(frame)
    if plate is None or depth is None or reference.depth is None:
        return None
    canvas = canvas_of(shot, reference, WIDTH)
    pixels, described = sift_features(even_out(canvas.grey), canvas.mask)
    scale = min(1.0, WIDTH / depth.shape[1])
    grey = cv2.cvtColor(plate, cv2.COLOR_RGB2GRAY)
    size = round(grey.shape[1] * scale), round(grey.shape[0] * scale)
    small = np.asarray(cv2.resize(grey, size, interpolation=cv2.INTER_AREA), np.uint8)
    start, known = sift_features(even_out(small), _usable(shot, reference, frame, depth, size))
    if len(known) < LEAST_POINTS or len(described) < LEAST_POINTS:
        return None
    pairs = cv2.BFMatcher(cv2.NORM_L2).knnMatch(known, described, k=2)
    good = [best for best, second in pairs if best.distance < RATIO * second.distance]
    if len(good) < LEAST_POINTS:
        return None
    start = (start[[m.queryIdx for m in good]] + 0.5) / scale
    row, column = (np.clip(start[:, axis].astype(int), 0, depth.shape[1 - axis] - 1) for axis in (1, 0))
    points = lift(start, shot.intrinsics[frame], 1 / depth[row, column])
    found = pixels[[m.trainIdx for m in good]].astype(np.float64) + 0.5
    return Matches(shot.c2w[frame], points, found, np.zeros((len(good), 3)), len(good))


def _usable(shot: ShotData, reference: ReferenceData, frame: int, depth, size) -> NDArray[np.uint8]:
    """255 where a surface is whose place at the reference's time is known."""
    usable = np.isfinite(depth) & (depth > 0)
    index = shot.index(frame)
    if index is not None and abs(reference.clip_position - frame) > SAME_TIME:
        usable &= index == 0
    return np.asarray(cv2.resize(usable.astype(np.uint8) * 255, size, interpolation=cv2.INTER_NEAREST), np.uint8)


def _cover(pixels: NDArray[np.float64], reference: ReferenceData) -> float:
    assert reference.depth is not None
    rows, columns = reference.depth.shape
    scale = min(1.0, WIDTH / columns)
    x = np.clip(pixels[:, 0] * CELLS[0] / (columns * scale), 0, CELLS[0] - 1).astype(int)
    y = np.clip(pixels[:, 1] * CELLS[1] / (rows * scale), 0, CELLS[1] - 1).astype(int)
    return len(np.unique(y * CELLS[0] + x)) / (CELLS[0] * CELLS[1])
