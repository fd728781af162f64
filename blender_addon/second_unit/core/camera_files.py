# SPDX-License-Identifier: GPL-3.0-or-later
"""Camera paths from files as Blender's cameras, and back: axes, units, frames, lens."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ..protocol.late import frozen
from .camera import FLIP, Lens, Matrix, lens_of

if TYPE_CHECKING:
    from ..cameras import CameraTrack

ON_FRAME = 1e-3  # frames; times in files are rounded to microseconds
SAME_SHAPE = 1e-4  # relative


class World(StrEnum):
    """Which of a file's axes points up."""

    Z_UP = "Z_UP"  # as Blender's
    Y_DOWN = "Y_DOWN"  # an OpenCV camera's own: structure from motion, paths relative to the first frame
    Y_UP = "Y_UP"  # OpenGL's


# Rotations from the file's world to Blender's.
TO_BLENDER: dict[World, Matrix] = {
    World.Z_UP: np.eye(4),
    World.Y_DOWN: np.array([[1.0, 0, 0, 0], [0, 0, 1, 0], [0, -1, 0, 0], [0, 0, 0, 1]]),
    World.Y_UP: np.array([[1.0, 0, 0, 0], [0, 0, -1, 0], [0, 1, 0, 0], [0, 0, 0, 1]]),
}


@frozen(eq=False)
class Pose:
    """A key: ``frame`` may lie between two; ``matrix`` (4, 4) is the object's, Blender's axes and units."""

    frame: float
    matrix: Matrix
    lens: Lens


def world_of(track: CameraTrack) -> World:
    """Which world the path was most likely made in: the one whose up is nearest to the cameras' own, on average."""
    up = -track.c2w[:, :3, 1].mean(0)
    ups = {World.Z_UP: up[2], World.Y_DOWN: -up[1], World.Y_UP: up[1]}
    return max(ups, key=lambda world: ups[world])


def pixel_shape(track: CameraTrack) -> float | None:
    """A pixel's height over its width, or None where it changes along the path."""
    shapes: NDArray[np.float64] = track.intrinsics[:, 0, 0] / track.intrinsics[:, 1, 1]
    return float(shapes[0]) if np.ptp(shapes) <= SAME_SHAPE * shapes[0] else None


def poses_of(track: CameraTrack, world: World, first: int, fps: float, unit_scale: float, shape: float) -> list[Pose]:
    """Keys of a camera from frame ``first`` on, in a scene of ``fps`` frames a second.

    ``unit_scale`` is metres per Blender unit, ``shape`` a pixel's height over its width.
    """
    matrices = TO_BLENDER[world] @ track.c2w @ FLIP
    matrices[:, :3, 3] /= unit_scale
    frames = first + (track.times_s - track.times_s[0]) * fps
    whole = np.round(frames)
    frames = np.where(np.abs(frames - whole) < ON_FRAME, whole, frames)
    return [
        Pose(float(frame), matrix, lens_of(intrinsics, track.width, track.height, shape))
        for frame, matrix, intrinsics in zip(frames, matrices, track.intrinsics, strict=True)
    ]


def track_from(c2w: Matrix, intrinsics: Matrix, size: tuple[int, int], fps: float, world: World) -> CameraTrack:
    """A path from canonical cameras (F, 4, 4) and (F, 3, 3) of Blender's world, into a file's world."""
    from ..cameras import CameraTrack

    return CameraTrack.at_rate(TO_BLENDER[world].T @ c2w, intrinsics, *size, fps)
