# SPDX-License-Identifier: GPL-3.0-or-later
"""What a measured path is compared with the asked-for one: another speed, another direction, another path."""

from __future__ import annotations

import cv2
import numpy as np
from attrs import frozen
from numpy.typing import NDArray

from .errors import Poses, relative_to_first
from .view import Matrix

BETWEEN = 8


@frozen
class PathShape:
    """``speed``: clip frames of the asked-for path per frame of the measured one. ``off_path``: mean distance from the
    nearest asked-for pose, over how far the measured path strays or goes, whichever is less. ``direction``: cosine
    between the two movements away from frame 0. The distance is that of :func:`distances`."""

    speed: float
    off_path: float
    direction: float


def distances(poses: Poses, c2w: Matrix, inverse: float) -> NDArray[np.float64]:
    """(F,) how far each pose lies from ``c2w``: the turn in radians plus the way times ``inverse`` (1/m, typical)."""
    away = np.linalg.inv(c2w) @ poses
    turn = np.linalg.norm(away[:, :3, :3] - np.eye(3), axis=(1, 2)) / np.sqrt(2)
    return turn + np.linalg.norm(away[:, :3, 3], axis=1) * inverse


def path_shape(asked: Poses, made: Poses, numbers: NDArray[np.intp], inverse: float) -> PathShape:
    """``asked`` (F, 4, 4) is the whole path, ``made`` (M, 4, 4) was measured at the frames ``numbers`` (M,).

    Frame ``numbers[0]`` of both is laid on each other; ``inverse`` is the typical inverse distance in 1/m.
    """
    laid_on = asked[numbers[0]] @ relative_to_first(made)
    between = _between(asked)
    table = np.array([distances(between, c2w, inverse) for c2w in laid_on])
    nearest = table.argmin(axis=1) / BETWEEN
    strays = table[np.arange(len(numbers)), numbers * BETWEEN].mean()
    goes = distances(laid_on, laid_on[0], inverse).mean()
    whole = min(strays, goes)
    steps = np.maximum(numbers - numbers[0], 0).astype(float)
    gone = nearest - numbers[0]
    speed = float(steps @ gone / (steps @ steps)) if steps.any() else 1.0
    away, wanted = (_movement(relative_to_first(p), inverse) for p in (made, asked[numbers]))
    length = np.linalg.norm(away) * np.linalg.norm(wanted)
    return PathShape(
        speed=speed,
        off_path=float(table.min(axis=1).mean() / whole) if whole > 0 else 0.0,
        direction=float((away * wanted).sum() / length) if length > 0 else 1.0,
    )


def _between(poses: Poses) -> Poses:
    """The path with BETWEEN − 1 poses between neighbours, blended in a straight line: they are near enough for that."""
    shares = np.arange(BETWEEN)[None, :, None, None] / BETWEEN
    steps = poses[:-1, None] * (1 - shares) + poses[1:, None] * shares
    return np.concatenate([steps.reshape(-1, 4, 4), poses[-1:]])


def _movement(relative: Poses, inverse: float) -> NDArray[np.float64]:
    """(F, 6): turn as a vector in radians, and way over the typical distance."""
    turns = np.array([cv2.Rodrigues(pose[:3, :3])[0].ravel() for pose in relative])
    return np.hstack([turns, relative[:, :3, 3] * inverse])
