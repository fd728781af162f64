# SPDX-License-Identifier: GPL-3.0-or-later
"""ReCamMaster's two forms. Source: Bai et al., *ReCamMaster* (2025), ``inference_recammaster.py`` of its repository.

``recammaster`` is what its model takes: (⌈F/4⌉, 12) float32 in an .npy, every fourth frame's camera-to-world 3 × 4
row by row, OpenCV axes, metres, the first camera is the world.

``recammaster_cameras`` is ``camera_extrinsics.json`` of its MultiCamVideo data: for each frame and camera a matrix
written row by row in brackets, which is the transpose of the camera-to-world in Unreal's axes (x forward, y right, z
up, left-handed) and centimetres. The world's y is mirrored between here and there.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

from ..form import NO_LENS, NO_TIME, RELATIVE, Form, Given
from ..text import natural, numbers
from ..track import CameraTrack, Matrices, square

EVERY = 4  # frames from one pose to the next; the VAE's temporal stride
MIRROR = np.diag([1.0, -1.0, 1.0, 1.0])
CAMERA = "cam01"


def read(path: Path, given: Given) -> CameraTrack:
    poses = square(np.load(path, allow_pickle=False).reshape(-1, 3, 4))
    width, height = given.need_size(path)
    return CameraTrack.at_rate(poses, given.need_lens(path, len(poses)), width, height, given.fps / EVERY)


def write(track: CameraTrack, path: Path) -> None:
    with path.open("wb") as file:
        np.save(file, track.relative[::EVERY, :3].reshape(-1, 12).astype(np.float32))


def recognises(path: Path) -> bool:
    return path.suffix.lower() == ".npy" and np.load(path, allow_pickle=False, mmap_mode="r").shape[1:] == (12,)


def read_cameras(path: Path, given: Given) -> CameraTrack:
    whole = json.loads(path.read_text("utf-8"))
    names = sorted((name for name in whole if name.startswith("frame")), key=natural)
    camera = given.camera or min(whole[names[0]])
    unreal = np.array([_matrix(whole[name][camera]).T for name in names])
    c2w = MIRROR @ unreal @ _inverse_axes()
    c2w[:, :3, 3] /= 100.0
    width, height = given.need_size(path)
    return CameraTrack.at_rate(c2w, given.need_lens(path, len(c2w)), width, height, given.fps)


def write_cameras(track: CameraTrack, path: Path) -> None:
    c2w = track.c2w.copy()
    c2w[:, :3, 3] *= 100.0
    rows = (MIRROR @ c2w @ np.linalg.inv(_inverse_axes())).transpose(0, 2, 1)
    whole = {f"frame{i}": {CAMERA: " ".join(f"[{numbers(row)}]" for row in matrix)} for i, matrix in enumerate(rows)}
    path.write_text(json.dumps(whole, indent=2) + "\n", "utf-8")


def _inverse_axes() -> Matrices:
    """From OpenCV's camera axes to Unreal's: its right, down, forward in terms of forward, right, up."""
    return np.array([[0.0, 0, 1, 0], [1, 0, 0, 0], [0, -1, 0, 0], [0, 0, 0, 1]])


def _matrix(text: str) -> Matrices:
    return np.array([float(word) for word in text.replace("[", " ").replace("]", " ").split()]).reshape(4, 4)


def recognises_cameras(path: Path) -> bool:
    if path.suffix.lower() != ".json":
        return False
    whole = json.loads(path.read_text("utf-8"))
    return isinstance(whole, dict) and isinstance(whole["frame0"], dict)


FORM = Form(
    "recammaster",
    "ReCamMaster 12-D",
    ".npy",
    read,
    write,
    recognises,
    read_by="ReCamMaster (81 frames, 21 poses)",
    loses=(RELATIVE, NO_LENS, NO_TIME, "only every fourth frame is kept"),
)
CAMERAS = Form(
    "recammaster_cameras",
    "ReCamMaster camera_extrinsics.json",
    ".json",
    read_cameras,
    write_cameras,
    recognises_cameras,
    read_by="ReCamMaster's scripts (cam_type 1), MultiCamVideo's loaders",
    loses=(NO_LENS, NO_TIME),
)
