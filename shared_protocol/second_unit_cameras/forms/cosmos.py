# SPDX-License-Identifier: GPL-3.0-or-later
"""Cosmos 3's ``camera_pose`` actions: (F-1, 9) float32 in an .npy, one step from each frame to the next.

A step is Tᵢ⁻¹ Tᵢ₊₁ of the camera-to-world matrices, OpenCV axes, metres, as translation (3) and the rotation's first
two columns (6; Zhou et al., *On the Continuity of Rotation Representations*, 2019). Source: Cosmos 3's unified action
representation, as ``Cosmos3OmniPipeline`` of diffusers takes it (``raw_actions``, domain ``camera_pose``).
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from ..errors import CameraFileError
from ..form import NO_LENS, NO_TIME, RELATIVE, Form, Given
from ..track import CameraTrack, Matrices, inverse


def steps(c2w: Matrices) -> Matrices:
    """(F-1, 9) from (F, 4, 4)."""
    moves = inverse(c2w[:-1]) @ c2w[1:]
    return np.concatenate([moves[:, :3, 3], moves[:, :3, 0], moves[:, :3, 1]], 1)


def poses(actions: Matrices) -> Matrices:
    """(F, 4, 4) from (F-1, 9), the first at the origin; rotations are made orthonormal (Gram and Schmidt)."""
    result = [np.eye(4)]
    for action in actions:
        x = action[3:6] / np.linalg.norm(action[3:6])
        y = action[6:9] - x * (x @ action[6:9])
        y /= np.linalg.norm(y)
        move = np.eye(4)
        move[:3] = np.stack([x, y, np.cross(x, y), action[:3]], 1)
        result.append(result[-1] @ move)
    return np.array(result)


def read(path: Path, given: Given) -> CameraTrack:
    c2w = poses(np.load(path, allow_pickle=False).astype(np.float64).reshape(-1, 9))
    width, height = given.need_size(path)
    return CameraTrack.at_rate(c2w, given.need_lens(path, len(c2w)), width, height, given.fps)


def write(track: CameraTrack, path: Path) -> None:
    if len(track) < 2:
        raise CameraFileError(
            "Cosmos actions lead from one frame to the next, and there is only one", "Use more frames"
        )
    with path.open("wb") as file:
        np.save(file, steps(track.c2w).astype(np.float32))


def recognises(path: Path) -> bool:
    return path.suffix.lower() == ".npy" and np.load(path, allow_pickle=False, mmap_mode="r").shape[1:] == (9,)


FORM = Form(
    "cosmos",
    "Cosmos 3 camera actions",
    ".npy",
    read,
    write,
    recognises,
    read_by="Cosmos 3 (Cosmos3OmniPipeline, forward_dynamics)",
    loses=(RELATIVE, NO_LENS, NO_TIME),
)
