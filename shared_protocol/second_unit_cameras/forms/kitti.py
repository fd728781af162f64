# SPDX-License-Identifier: GPL-3.0-or-later
"""KITTI odometry poses: 12 numbers a line, the camera-to-world 3 × 4 row by row, OpenCV axes, metres.

Source: Geiger et al., KITTI odometry benchmark, development kit.
"""

from __future__ import annotations

from pathlib import Path

from ..form import NO_LENS, NO_TIME, Form, Given
from ..text import has_columns, numbers, table
from ..track import CameraTrack, square


def read(path: Path, given: Given) -> CameraTrack:
    poses = square(table(path, 12).reshape(-1, 3, 4))
    width, height = given.need_size(path)
    return CameraTrack.at_rate(poses, given.need_lens(path, len(poses)), width, height, given.fps)


def write(track: CameraTrack, path: Path) -> None:
    path.write_text("".join(numbers(pose[:3].ravel()) + "\n" for pose in track.c2w), "utf-8")


FORM = Form(
    "kitti",
    "KITTI poses",
    ".txt",
    read,
    write,
    lambda path: has_columns(path, 12),
    read_by="evo and other trajectory evaluation",
    loses=(NO_LENS, NO_TIME),
)
