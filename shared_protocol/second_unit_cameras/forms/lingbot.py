# SPDX-License-Identifier: GPL-3.0-or-later
"""LingBot-World: a folder with ``poses.npy`` (F, 4, 4) and ``intrinsics.npy`` (F, 4), float32.

Camera-to-world, OpenCV axes; fx fy cx cy in pixels of a picture of 832 × 480, which the program scales to the size that
it makes. Source: ``examples`` and ``wan/image2video.py`` of the LingBot-World repository.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from ..form import NO_TIME, Form, Given
from ..track import CameraTrack, spread, square, vectors_of

SIZE = (832, 480)


def read(path: Path, given: Given) -> CameraTrack:
    folder = path if path.is_dir() else path.parent
    poses = square(np.load(folder / "poses.npy", allow_pickle=False))
    lens = np.load(folder / "intrinsics.npy", allow_pickle=False)
    track = CameraTrack.at_rate(poses, spread(lens, len(poses)), *SIZE, given.fps)
    return track.resized(*given.size) if given.size else track


def write(track: CameraTrack, path: Path) -> None:
    np.save(path / "poses.npy", track.c2w.astype(np.float32))
    np.save(path / "intrinsics.npy", vectors_of(track.resized(*SIZE).intrinsics).astype(np.float32))


def recognises(path: Path) -> bool:
    folder = path if path.is_dir() else path.parent
    named = path.is_dir() or path.name in ("poses.npy", "intrinsics.npy")
    return named and (folder / "poses.npy").is_file() and (folder / "intrinsics.npy").is_file()


FORM = Form(
    "lingbot",
    "LingBot-World poses",
    "",
    read,
    write,
    recognises,
    read_by="LingBot-World (4k+1 frames)",
    loses=("the picture's size becomes 832 × 480", NO_TIME),
)
