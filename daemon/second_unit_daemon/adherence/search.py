# SPDX-License-Identifier: GPL-3.0-or-later
"""Finding a frame's camera: guess, expect, compare; look again from where it was found; search wide when lost."""

from __future__ import annotations

import cv2
import numpy as np
from attrs import frozen
from numpy.typing import NDArray

from .anchors import Anchor, Expectation, Grey, expect, sift_features
from .pose import Pose, solve, with_lens
from .scene import SceneViews, shift_share
from .tracking import Matches, lift, track
from .view import Matrix

# A camera found this far (as a share of the width) from the guess is looked at again from where it was found.
LOOK_AGAIN = 0.04
LOOKS = 3
# Coverage is the share of these cells (columns, rows) of the frame that hold an agreeing point.
CELLS = (8, 6)
LEAST_COVERAGE = 0.1
# Inlier ratio times coverage below which what agrees may as well be a shadow that wanders over bare walls. True frames
# and frames of wrong clips of the bench's scenes reach 0.28 and more; of a room with bare walls, true ones 0.08.
LEAST_AGREEMENT = 0.07
SURE_INLIERS = 0.6
SURE_COVERAGE = 0.3
SIFT_RATIO = 0.75


@frozen(eq=False)
class Guess:
    """Where the camera may be; ``lens`` is its focal length over the asked-for one."""

    c2w: Matrix
    lens: float = 1.0


@frozen(eq=False)
class Found:
    """``inlier_ratio``: of the points looked for, the share that one camera explains. ``coverage``: of the cells."""

    pose: Pose
    expected: Expectation
    matches: Matches
    inlier_ratio: float
    coverage: float

    @property
    def agreement(self) -> float:
        return self.inlier_ratio * self.coverage

    @property
    def sure(self) -> bool:
        """Whether so much agrees that another camera need not be looked for."""
        return self.inlier_ratio > SURE_INLIERS and self.coverage > SURE_COVERAGE


def find(
    scene: SceneViews, anchors: list[Anchor], picture: Grey, intrinsics: Matrix, guesses: list[Guess], hint: int
) -> Found | None:
    """Tries the guesses in turn, then features without any guess: the first sure answer, or the surest of all.

    None: the frame cannot be measured.
    """
    best = None
    for guess in guesses:
        best = _surer(best, look(scene, anchors, picture, intrinsics, guess, hint))
        if best and best.sure:
            return best
    if pose := _search_wide(anchors, picture, intrinsics):
        best = _surer(best, look(scene, anchors, picture, intrinsics, Guess(pose.c2w, pose.lens), hint))
    return best if best and best.agreement >= LEAST_AGREEMENT else None


def _surer(a: Found | None, b: Found | None) -> Found | None:
    return max((found for found in (a, b) if found), key=lambda found: found.agreement, default=None)


def look(
    scene: SceneViews, anchors: list[Anchor], picture: Grey, intrinsics: Matrix, guess: Guess, hint: int
) -> Found | None:
    """Compares the frame with what a camera at ``guess`` should see, again from where it is found to be."""
    found = None
    for _ in range(LOOKS):
        view = scene.at_pose(guess.c2w, with_lens(intrinsics, guess.lens), hint)
        expected = expect(view, anchors)
        matches = track(expected, picture, guess.c2w, with_lens(intrinsics, guess.lens))
        pose = solve(matches, intrinsics, guess.lens)
        coverage = _coverage(pose, picture) if pose else 0.0
        if pose is None or coverage < LEAST_COVERAGE:
            return found
        found = Found(pose, expected, matches, float(pose.inliers.sum()) / max(matches.sought, 1), coverage)
        if shift_share(view, pose.c2w, with_lens(intrinsics, pose.lens)) < LOOK_AGAIN:
            break
        guess = Guess(pose.c2w, pose.lens)
    return found


def _coverage(pose: Pose, picture: Grey) -> float:
    columns, rows = CELLS
    x = np.clip(pose.pixels[:, 0] * columns / picture.shape[1], 0, columns - 1).astype(int)
    y = np.clip(pose.pixels[:, 1] * rows / picture.shape[0], 0, rows - 1).astype(int)
    return len(np.unique(y * columns + x)) / (columns * rows)


def _search_wide(anchors: list[Anchor], picture: Grey, intrinsics: Matrix) -> Pose | None:
    """SIFT between the frame and each anchor whose geometry is exact; the pose with the most agreeing points."""
    pixels, described = sift_features(picture, None)
    if len(described) < 2:
        return None
    poses = [
        pose
        for anchor in anchors
        if anchor.exact and (matches := _sift_matches(anchor, pixels, described)) is not None
        if (pose := solve(matches, intrinsics)) is not None and _coverage(pose, picture) >= LEAST_COVERAGE
    ]
    return max(poses, key=lambda p: int(p.inliers.sum()), default=None)


def _sift_matches(anchor: Anchor, pixels: NDArray[np.float32], described: NDArray[np.float32]) -> Matches | None:
    start, known = anchor.features
    if len(known) < 2:
        return None
    pairs = cv2.BFMatcher(cv2.NORM_L2).knnMatch(known, described, k=2)
    good = [best for best, second in pairs if best.distance < SIFT_RATIO * second.distance]
    if not good:
        return None
    start = start[[m.queryIdx for m in good]]
    points = lift(start + 0.5, anchor.intrinsics, anchor.sight.inverse_at(start + 0.5))
    found = pixels[[m.trainIdx for m in good]].astype(np.float64) + 0.5
    return Matches(anchor.c2w, points, found, np.zeros((len(good), 3)), len(good))
