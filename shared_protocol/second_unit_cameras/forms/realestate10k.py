# SPDX-License-Identifier: GPL-3.0-or-later
"""RealEstate10K text: a URL, then a line for each frame.

``timestamp fx fy cx cy 0 0`` and the world-to-camera 3 × 4, row by row: 19 columns. Timestamps are microseconds,
intrinsics are divided by the picture's width and height. Source: Zhou et al., *Stereo Magnification* (2018), the
data set's page; CameraCtrl's ``inference.py`` reads it so.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from ..form import Form, Given
from ..text import has_columns, numbers
from ..track import CameraTrack, inverse, matrices_of, square, vectors_of

COLUMNS = 19
FIRST_LINE = "https://second-unit.invalid/camera"  # readers skip the first line whatever it says


def read(path: Path, given: Given) -> CameraTrack:
    width, height = given.need_size(path)
    lines = [line.split() for line in path.read_text("utf-8").splitlines() if line.strip()]
    if lines and len(lines[0]) != COLUMNS:
        lines = lines[1:]
    rows = np.array([[float(word) for word in line] for line in lines])
    if rows.ndim != 2 or rows.shape[1] != COLUMNS:
        raise ValueError(f"each line after the first must have {COLUMNS} numbers")
    intrinsics = matrices_of(rows[:, 1:5] * np.array([width, height, width, height], float))
    return CameraTrack(inverse(square(rows[:, 7:].reshape(-1, 3, 4))), intrinsics, width, height, rows[:, 0] / 1e6)


def write(track: CameraTrack, path: Path) -> None:
    lens = vectors_of(track.intrinsics) / [track.width, track.height, track.width, track.height]
    lines = [FIRST_LINE]
    for time, vector, pose in zip(track.times_s, lens, track.w2c, strict=True):
        lines.append(f"{round(time * 1e6)} {numbers(vector)} 0 0 {numbers(pose[:3].ravel())}")
    path.write_text("\n".join(lines) + "\n", "utf-8")


FORM = Form(
    "realestate10k",
    "RealEstate10K text",
    ".txt",
    read,
    write,
    lambda path: has_columns(path, COLUMNS, skip=1),
    read_by="CameraCtrl, CamI2V, AC3D, VideoX-Fun (Wan-Fun Camera), EasyAnimate",
    loses=("the picture's size is lost: intrinsics are divided by it",),
)
