# SPDX-License-Identifier: GPL-3.0-or-later
"""COLMAP text: a folder with ``cameras.txt`` and ``images.txt``.

World-to-camera as a quaternion (w x y z) and a translation, OpenCV axes; intrinsics in pixels, the centre of the top
left pixel at (0.5, 0.5). Source: COLMAP's manual, *Output Format*, and its list of camera models.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from ..errors import warn
from ..form import NO_TIME, Form, Given
from ..text import natural, numbers, quaternions, rotations
from ..track import CameraTrack, Matrices, inverse, matrices_of, vectors_of

# Models whose first numbers are a perspective lens: how many focal lengths come before cx, cy.
FOCALS = {"SIMPLE_PINHOLE": 1, "SIMPLE_RADIAL": 1, "RADIAL": 1, "PINHOLE": 2, "OPENCV": 2, "FULL_OPENCV": 2}


def read(path: Path, given: Given) -> CameraTrack:
    folder = path if path.is_dir() else path.parent
    lenses, size = _read_cameras(folder / "cameras.txt")
    poses: list[tuple[str, list[float], str]] = []
    lines = [line for line in (folder / "images.txt").read_text("utf-8").splitlines() if not line.startswith("#")]
    at = 0
    while at < len(lines):
        words = lines[at].split(maxsplit=9)
        if words:  # the line after it holds the image's 2D points, and may be empty
            poses.append((words[9] if len(words) > 9 else words[0], [float(word) for word in words[1:8]], words[8]))
            at += 1
        at += 1
    poses.sort(key=lambda pose: natural(pose[0]))
    values = np.array([numbers for _, numbers, _ in poses]).reshape(-1, 7)
    w2c = np.tile(np.eye(4), (len(poses), 1, 1))
    w2c[:, :3, :3] = rotations(values[:, :4])
    w2c[:, :3, 3] = values[:, 4:]
    intrinsics = np.array([lenses[camera] for _, _, camera in poses])
    return CameraTrack(inverse(w2c), intrinsics, *size, np.arange(len(poses)) / given.fps)


def _read_cameras(path: Path) -> tuple[dict[str, Matrices], tuple[int, int]]:
    lenses: dict[str, Matrices] = {}
    sizes: set[tuple[int, int]] = set()
    for line in path.read_text("utf-8").splitlines():
        words = line.split("#")[0].split()
        if not words:
            continue
        name, model, parameters = words[0], words[1], [float(word) for word in words[4:]]
        if model not in FOCALS:
            raise ValueError(f"its camera model {model} is not a perspective one")
        focals = FOCALS[model]
        lens = [parameters[0], parameters[focals - 1], *parameters[focals : focals + 2]]
        if any(parameters[focals + 2 :]):
            warn(f"{path.name}: lens distortion is left out")
        lenses[name] = matrices_of(np.array(lens))
        sizes.add((int(words[2]), int(words[3])))
    if len(sizes) != 1:
        raise ValueError("its pictures must all have one size")
    return lenses, sizes.pop()


def write(track: CameraTrack, path: Path) -> None:
    lenses: dict[tuple[float, ...], int] = {}
    images = ["# IMAGE_ID QW QX QY QZ TX TY TZ CAMERA_ID NAME, then a line of 2D points (none)"]
    w2c = track.w2c
    turns = quaternions(w2c[:, :3, :3])
    digits = max(4, len(str(len(track))))
    for number, (lens, turn, pose) in enumerate(zip(vectors_of(track.intrinsics), turns, w2c, strict=True), 1):
        camera = lenses.setdefault(tuple(lens.tolist()), len(lenses) + 1)
        name = f"frame_{number:0{digits}d}.png"
        images += [f"{number} {numbers(turn)} {numbers(pose[:3, 3])} {camera} {name}", ""]
    cameras = ["# CAMERA_ID MODEL WIDTH HEIGHT FX FY CX CY"]
    for lens, camera in lenses.items():
        cameras.append(f"{camera} PINHOLE {track.width} {track.height} {numbers(lens)}")
    (path / "cameras.txt").write_text("\n".join(cameras) + "\n", "utf-8")
    (path / "images.txt").write_text("\n".join(images) + "\n", "utf-8")
    (path / "points3D.txt").write_text("# no points\n", "utf-8")


def recognises(path: Path) -> bool:
    folder = path if path.is_dir() else path.parent
    named = path.is_dir() or path.name in ("cameras.txt", "images.txt")
    return named and (folder / "cameras.txt").is_file() and (folder / "images.txt").is_file()


FORM = Form(
    "colmap",
    "COLMAP text",
    "",
    read,
    write,
    recognises,
    read_by="COLMAP, Gaussian-splatting trainers, ViewCrafter's tools",
    loses=(NO_TIME,),
)
