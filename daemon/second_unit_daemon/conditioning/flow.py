# SPDX-License-Identifier: GPL-3.0-or-later
"""Exact optical flow between any two clip frames: camera, rigid and deforming motion. Nothing is estimated."""

from __future__ import annotations

import cv2
import numpy as np
from attrs import field, frozen
from numpy.typing import NDArray

from .cameras import relative_view
from .motion import Movement, movement_at
from .projection.jit import kernel, over_rows
from .shot_data import Instant, ShotData

Camera = tuple[NDArray[np.float64], NDArray[np.float64]]
OCCLUDED_FROM = 0.01  # relative: a surface this much nearer hides the point


@frozen(eq=False)
class Flow:
    """``vectors`` (H, W, 2) float32: pixels to the right and down from where a surface point is seen, at a pixel's
    centre, to where it lies in the other frame's picture, inside it or not.

    ``valid`` (H, W): False where that place is not known or lies behind the camera; its vectors are 0. ``depth_m``
    (H, W) float32 is the point's planar depth in the other frame, +inf for the sky.
    """

    vectors: NDArray[np.float32] = field(repr=False)
    valid: NDArray[np.bool_] = field(repr=False)
    depth_m: NDArray[np.float32] = field(repr=False)


def flow(shot: ShotData, frame: int, other: int) -> Flow:
    """Flow from clip frame ``frame`` to ``other``, forward or backward. Raises SecondUnitError without depth."""
    return flow_of(movement_at(shot, frame), shot.needed_depth(frame), shot.instant(other))


def flow_of(seen: Movement, depth: NDArray[np.float32], there: Instant) -> Flow:
    """The same for what is at hand already: what moves in a view, its depth (H, W), and another time."""
    maps = seen.to(there)
    return _flow(depth, seen.place, maps.homography, maps.epipole)


def flow_of_cameras(
    depth: NDArray[np.float32],
    here: Camera,
    there: Camera,
    index: NDArray[np.integer] | None = None,
    moves: NDArray[np.float64] | None = None,
) -> Flow:
    """Flow between two cameras, each (c2w (4, 4), intrinsics (3, 3)), of what stands still, and of rigid things.

    ``index`` (H, W): 0 stands still, n is carried by ``moves[n - 1]`` (4, 4) from where it is to where it will be.
    """
    steps = [np.eye(4), *(moves if moves is not None else ())]
    maps = [relative_view(*here, *there, step) for step in steps]
    place = np.zeros(depth.shape, np.int32) if index is None else index.astype(np.int32)
    return _flow(depth, place, np.array([h for h, _ in maps]), np.array([e for _, e in maps]))


def _flow(
    depth: NDArray[np.float32], place: NDArray[np.int32], homography: NDArray[np.float64], epipole: NDArray[np.float64]
) -> Flow:
    vectors = np.zeros((*depth.shape, 2), np.float32)
    valid = np.zeros(depth.shape, np.bool_)
    depth_there = np.zeros(depth.shape, np.float32)
    over_rows(_flow_rows, len(depth), depth, place, homography, epipole, vectors, valid, depth_there)
    return Flow(vectors, valid, depth_there)


def seen_at(shot: ShotData, found: Flow, other: int) -> NDArray[np.bool_]:
    """(H, W) which points the camera of clip frame ``other`` sees: inside its picture and hidden by nothing nearer."""
    depth = shot.needed_depth(other)
    rows, columns = depth.shape
    y, x = np.mgrid[:rows, :columns]
    u, v = np.floor(x + 0.5 + found.vectors[..., 0]), np.floor(y + 0.5 + found.vectors[..., 1])
    inside = found.valid & (u >= 0) & (v >= 0) & (u < columns) & (v < rows)
    at = depth[np.where(inside, v, 0).astype(int), np.where(inside, u, 0).astype(int)]
    with np.errstate(divide="ignore"):
        inverse, own = (1 / depth).astype(np.float32), 1 / found.depth_m
    place = (np.stack([x, y], -1) + found.vectors).astype(np.float32)
    between = cv2.remap(inverse, place[..., 0], place[..., 1], cv2.INTER_LINEAR, None, cv2.BORDER_REPLICATE)
    near = np.minimum(1 / at, between)  # inverse depth is linear across a plane: grazing floors are not hidden
    return inside & (own * np.float32(1 + OCCLUDED_FROM) >= near)


@kernel
def _flow_rows(first, end, depth, place, homography, epipole, vectors, valid, depth_there):
    for y in range(first, end):
        for x in range(depth.shape[1]):
            h, e, z = homography[place[y, x]], epipole[place[y, x]], depth[y, x]
            w, px, py = 1.0 / z if 0.0 < z < np.inf else 0.0, x + 0.5, y + 0.5
            scale = h[2, 0] * px + h[2, 1] * py + h[2, 2] + w * e[2]
            if not scale > 1e-9:
                continue
            u = (h[0, 0] * px + h[0, 1] * py + h[0, 2] + w * e[0]) / scale
            v = (h[1, 0] * px + h[1, 1] * py + h[1, 2] + w * e[1]) / scale
            vectors[y, x, 0], vectors[y, x, 1] = np.float32(u - px), np.float32(v - py)
            valid[y, x] = True
            depth_there[y, x] = np.float32(z * scale) if z < np.inf else np.float32(np.inf)
