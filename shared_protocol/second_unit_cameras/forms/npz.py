# SPDX-License-Identifier: GPL-3.0-or-later
"""Plain arrays in an .npz: ``c2w`` or ``w2c`` (F, 4, 4), ``intrinsics`` (F, 3, 3) in pixels, ``width``, ``height``,
``times_s``. OpenCV axes, metres.

Read as well: (F, 3, 4) poses, one lens for all frames, fx fy cx cy as (4,) or (F, 4), and the names that structure
from motion programs use (``cam_c2w`` and ``intrinsic`` of MegaSaM and CUT3R, ``extrinsics``, ``K``).
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ..form import Form, Given
from ..track import CameraTrack, inverse, spread, square

POSES = {"c2w": ("c2w", "cam_c2w", "c2ws"), "w2c": ("w2c", "w2cs", "extrinsics", "extrinsic")}
LENSES = ("intrinsics", "intrinsic", "K", "Ks")


def first_of(arrays: Mapping[str, NDArray], names: tuple[str, ...]) -> NDArray | None:
    """The array that has the first of these names that there is."""
    return next((arrays[name] for name in names if name in arrays), None)


def _read(path: Path, given: Given, kind: str) -> CameraTrack:
    with np.load(path, allow_pickle=False) as arrays:
        found = first_of(arrays, POSES[kind])
        if found is None:
            raise ValueError(f"it has no array called {' or '.join(POSES[kind])}")
        poses = square(found)
        lens = first_of(arrays, LENSES)
        if "width" in arrays and "height" in arrays:
            width, height = int(arrays["width"]), int(arrays["height"])
        else:
            width, height = given.need_size(path)
        intrinsics = given.need_lens(path, len(poses)) if lens is None else spread(lens, len(poses))
        times = np.asarray(arrays["times_s"]) if "times_s" in arrays else np.arange(len(poses)) / given.fps
    return CameraTrack(poses if kind == "c2w" else inverse(poses), intrinsics, width, height, times)


def _write(track: CameraTrack, path: Path, **poses: NDArray) -> None:
    with path.open("wb") as file:  # np.savez would add .npz to another name
        np.savez(
            file,
            intrinsics=track.intrinsics,
            width=np.int64(track.width),
            height=np.int64(track.height),
            times_s=track.times_s,
            **poses,
        )


def _recognises(path: Path, kind: str) -> bool:
    if path.suffix.lower() != ".npz":
        return False
    with np.load(path, allow_pickle=False) as arrays:
        return first_of(arrays, POSES[kind]) is not None


C2W = Form(
    "c2w_npz",
    "camera-to-world .npz",
    ".npz",
    lambda path, given: _read(path, given, "c2w"),
    lambda track, path: _write(track, path, c2w=track.c2w),
    lambda path: _recognises(path, "c2w"),
    read_by="any numpy program; MegaSaM and CUT3R write a near kin",
)
W2C = Form(
    "w2c_npz",
    "world-to-camera .npz",
    ".npz",
    lambda path, given: _read(path, given, "w2c"),
    lambda track, path: _write(track, path, w2c=track.w2c),
    lambda path: _recognises(path, "w2c"),
    read_by="any numpy program; GEN3C's and Voyager's loaders take such arrays",
)
