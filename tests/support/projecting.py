# SPDX-License-Identifier: GPL-3.0-or-later
"""Running the projection engine over a drawn shot, and judging what comes out."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from attrs import evolve
from numpy.typing import NDArray
from second_unit_daemon.conditioning.shot_data import ShotData
from second_unit_daemon.engines.base import EngineFrame, JobControl
from second_unit_daemon.engines.projection import ProjectionEngine
from second_unit_protocol.shot import ShotRequest

from .room import RoomShot

Picture = NDArray[np.uint8]
Bits = NDArray[np.bool_]


def project(shot: ShotData) -> list[EngineFrame]:
    """Every frame of the shot."""
    return list(ProjectionEngine().frames(shot, JobControl.silent()))


def altered(shot: ShotData, change: Callable[[ShotRequest], ShotRequest]) -> ShotData:
    """The same blobs under another request."""
    return ShotData(change(shot.request), shot.blob_path)


def only_references(*numbers: int) -> Callable[[ShotRequest], ShotRequest]:
    """A change that keeps some of the references."""
    return lambda request: evolve(request, references=tuple(request.references[n] for n in numbers))


def psnr_db(a: Picture, b: Picture, where: Bits | None = None) -> float:
    """Peak signal-to-noise ratio of two pictures, over the pixels of ``where``."""
    error = (a.astype(np.float64) - b) ** 2
    mean = error.mean() if where is None else error[where].mean()
    return float(10 * np.log10(255**2 / mean)) if mean else np.inf


def iou(a: Bits, b: Bits) -> float:
    """Intersection over union of two masks."""
    return float((a & b).sum() / max((a | b).sum(), 1))


def truly_seen(drawn: RoomShot, shot: ShotData, frame: int) -> Bits:
    """(H, W) whether any reference's camera sees the surface under a pixel: exact rays, its picture's bounds."""
    depth, index = shot.depth(frame), shot.index(frame)
    assert depth is not None
    height, width = depth.shape
    u, v = np.meshgrid(np.arange(width) + 0.5, np.arange(height) + 0.5)
    c2w = shot.c2w[frame]
    rays = np.stack([u, v, np.ones_like(u)], -1) @ np.linalg.inv(shot.intrinsics[frame]).T @ c2w[:3, :3].T
    solid = np.isfinite(depth)
    far = np.where(solid, depth, 1e6)  # the sky: so far away that no step of a camera shows
    points = (rays * far[..., None] + c2w[:3, 3]).reshape(-1, 3)
    seen = np.zeros(points.shape[0], bool)
    for reference in shot.references:
        time_s = reference.clip_position / 24
        placed = points.copy()
        for n in range(shot.matrices.shape[1]):
            own = (index == n + 1).ravel() if index is not None else np.zeros(len(points), bool)
            move = reference.matrices[n] @ np.linalg.inv(shot.matrices[frame, n])
            placed[own] = points[own] @ move[:3, :3].T + move[:3, 3]
        local = (placed - reference.c2w[:3, 3]) @ reference.c2w[:3, :3] @ reference.intrinsics.T
        with np.errstate(divide="ignore", invalid="ignore"):
            x, y = local[:, 0] / local[:, 2], local[:, 1] / local[:, 2]
        inside = (local[:, 2] > 0) & (x >= 0) & (x <= width) & (y >= 0) & (y <= height)
        seen |= inside & drawn.room.seen_from(reference.c2w[:3, 3], placed, time_s)
    return seen.reshape(height, width)
