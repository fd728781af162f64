# SPDX-License-Identifier: GPL-3.0-or-later
"""TUM trajectories: ``timestamp tx ty tz qx qy qz qw`` a line: camera-to-world, OpenCV axes, seconds and metres.

Source: Sturm et al., TUM RGB-D benchmark, *File Formats*.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from ..form import NO_LENS, Form, Given
from ..text import has_columns, numbers, quaternions, rotations, table
from ..track import CameraTrack


def read(path: Path, given: Given) -> CameraTrack:
    rows = table(path, 8)
    c2w = np.tile(np.eye(4), (len(rows), 1, 1))
    c2w[:, :3, 3] = rows[:, 1:4]
    c2w[:, :3, :3] = rotations(rows[:, [7, 4, 5, 6]])
    width, height = given.need_size(path)
    return CameraTrack(c2w, given.need_lens(path, len(rows)), width, height, rows[:, 0])


def write(track: CameraTrack, path: Path) -> None:
    turns = quaternions(track.c2w[:, :3, :3])[:, [1, 2, 3, 0]]
    rows = np.concatenate([track.times_s[:, None], track.c2w[:, :3, 3], turns], 1)
    path.write_text("".join(numbers(row) + "\n" for row in rows), "utf-8")


FORM = Form(
    "tum",
    "TUM trajectory",
    ".txt",
    read,
    write,
    lambda path: has_columns(path, 8),
    read_by="evo and other trajectory evaluation; DROID-SLAM and DPVO write it",
    loses=(NO_LENS,),
)
