# SPDX-License-Identifier: GPL-3.0-or-later
"""Normals and lines of the captured geometry as video."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.lib.format import open_memmap
from numpy.typing import NDArray

from ..normals import Normals, lines_of, normals_of
from ..shot_data import ShotData
from .base import Export, Options
from .labels import white
from .pictures import FILES, cropped, open_frames

NOTHING = np.array([0.0, 0.0, -1.0], np.float32)  # drawn as a surface that faces the camera


def normals(shot: ShotData) -> Iterator[Normals]:
    """(H, W, 3) of each frame at the delivered size, as :func:`normals_of` has them."""
    for frame in range(len(shot)):
        yield cropped(shot, normals_of(shot.needed_depth(frame), shot.intrinsics[frame]))


def colours(found: Normals) -> NDArray[np.uint8]:
    """(H, W, 3): red right, green up, blue towards the camera, each from -1 (0) to 1 (255)."""
    solid = np.where(found.any(-1, keepdims=True), found, NOTHING)
    return np.rint((solid * [1.0, -1.0, -1.0] + 1.0) * 127.5).astype(np.uint8)


def lines(shot: ShotData) -> Iterator[NDArray[np.bool_]]:
    """(H, W) of each frame at the delivered size; borders of what moves and of names count where they are known."""
    for frame in range(len(shot)):
        known = (shot.index(frame), shot.objects(frame), shot.materials(frame))
        labels = tuple(plane for plane in known if plane is not None)
        yield cropped(shot, lines_of(shot.needed_depth(frame), shot.intrinsics[frame], labels))


def _write_normals(shot: ShotData, path: Path, options: Options) -> None:
    """An .npy (F, H, W, 3) of unit vectors in camera axes, else pictures."""
    if path.suffix.lower() == ".npy":
        target = open_memmap(path, "w+", np.float32, (len(shot), shot.request.height, shot.request.width, 3))
        for frame, found in enumerate(normals(shot)):
            target[frame] = found
        target.flush()
        return
    with open_frames(path, shot) as frames:
        for found in normals(shot):
            frames.write(colours(found))


def _write_edges(shot: ShotData, path: Path, options: Options) -> None:
    with open_frames(path, shot, grey=True) as frames:
        for drawn in lines(shot):
            frames.write(white(drawn))


EXPORTS = (
    Export(
        "normals",
        "surface normals in camera axes; red right, green up, blue towards the camera",
        f"{FILES}; .npy holds vectors",
        "normal ControlNets, relighting",
        _write_normals,
    ),
    Export(
        "edges",
        "line art: silhouettes, creases and borders, white on black",
        FILES,
        "line-art and edge ControlNets",
        _write_edges,
    ),
)
