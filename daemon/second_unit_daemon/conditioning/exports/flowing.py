# SPDX-License-Identifier: GPL-3.0-or-later
"""Flow between clip frames from camera and rigid motion."""

from __future__ import annotations

import cv2
import numpy as np
from attrs import field, frozen
from numpy.typing import NDArray

from ..cameras import relative_view
from ..shot_data import ShotData
from .base import refused

OCCLUDED_FROM = 0.01


@frozen(eq=False)
class Flow:
    vectors: NDArray[np.float32] = field(repr=False)
    valid: NDArray[np.bool_] = field(repr=False)
    depth_m: NDArray[np.float32] = field(repr=False)


def flow(shot: ShotData, frame: int, other: int) -> Flow:
    depth = shot.depth(frame)
    if depth is None:
        raise refused(shot, "The shot has no depth", "Shoot with an engine that takes depth")
    index = shot.index(frame)
    height, width = depth.shape
    vectors = np.zeros((height, width, 2), np.float32)
    valid = np.zeros((height, width), bool)
    there = np.full((height, width), np.inf, np.float32)
    for n in range(shot.matrices.shape[1] + 1):
        here = np.ones(depth.shape, bool) if index is None else index == n
        if not here.any() or (n and not shot.rigid[n - 1] and frame != other):
            continue
        move = None if n == 0 else shot.matrices[other, n - 1] @ np.linalg.inv(shot.matrices[frame, n - 1])
        homography, epipole = relative_view(
            shot.c2w[frame], shot.intrinsics[frame], shot.c2w[other], shot.intrinsics[other], move
        )
        y, x = np.nonzero(here)
        p = np.stack([x + 0.5, y + 0.5, np.ones(len(x))])
        with np.errstate(divide="ignore", invalid="ignore"):
            q = homography @ p + epipole[:, None] / depth[y, x]
            ok = q[2] > 1e-9
            vectors[y, x] = np.where(ok, q[:2] / q[2] - p[:2], 0).T
            there[y, x] = depth[y, x] * q[2]
        valid[y, x] = ok
    return Flow(vectors, valid, there)


def seen_at(shot: ShotData, found: Flow, other: int) -> NDArray[np.bool_]:
    depth = shot.depth(other)
    assert depth is not None
    rows, columns = depth.shape
    y, x = np.mgrid[:rows, :columns]
    u, v = np.floor(x + 0.5 + found.vectors[..., 0]), np.floor(y + 0.5 + found.vectors[..., 1])
    inside = found.valid & (u >= 0) & (v >= 0) & (u < columns) & (v < rows)
    at = depth[np.where(inside, v, 0).astype(int), np.where(inside, u, 0).astype(int)]
    with np.errstate(divide="ignore"):
        inverse, own = (1 / depth).astype(np.float32), 1 / found.depth_m
    place = (np.mgrid[:rows, :columns][::-1].astype(np.float32).transpose(1, 2, 0) + found.vectors).astype(np.float32)
    between = cv2.remap(inverse, place[..., 0], place[..., 1], cv2.INTER_LINEAR, None, cv2.BORDER_REPLICATE)
    near = np.minimum(1 / at, between)  # inverse depth is linear across a plane: grazing floors are not hidden
    return inside & (own * np.float32(1 + OCCLUDED_FROM) >= near)
