# SPDX-License-Identifier: GPL-3.0-or-later
"""MotionCtrl's 12-D poses: a JSON list with 12 numbers for each frame, the world-to-camera 3 × 4 row by row.

The first camera is the world. Source: Wang et al., *MotionCtrl* (2023), ``examples/camera_poses`` of its repository:
moving right by 0.1125 a frame is an x translation of -0.1125 a frame.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

from ..form import NO_LENS, NO_TIME, RELATIVE, Form, Given
from ..track import CameraTrack, inverse, square


def read(path: Path, given: Given) -> CameraTrack:
    rows = np.array(json.loads(path.read_text("utf-8")), float).reshape(-1, 3, 4)
    width, height = given.need_size(path)
    return CameraTrack.at_rate(inverse(square(rows)), given.need_lens(path, len(rows)), width, height, given.fps)


def write(track: CameraTrack, path: Path) -> None:
    rows = inverse(track.relative)[:, :3].reshape(-1, 12)
    path.write_text(json.dumps((rows + 0.0).tolist(), indent=1) + "\n", "utf-8")


def recognises(path: Path) -> bool:
    if path.suffix.lower() != ".json":
        return False
    rows = json.loads(path.read_text("utf-8"))
    return isinstance(rows, list) and len(rows[0]) == 12


FORM = Form(
    "motionctrl",
    "MotionCtrl 12-D",
    ".json",
    read,
    write,
    recognises,
    read_by="MotionCtrl (16 frames)",
    loses=(RELATIVE, NO_LENS, NO_TIME),
)
