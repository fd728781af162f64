# SPDX-License-Identifier: GPL-3.0-or-later
"""``transforms.json`` as NeRF programs keep it: camera-to-world with OpenGL axes (x right, y up, z backwards).

Lens in pixels (``fl_x fl_y cx cy w h``), for all frames or frame by frame, or ``camera_angle_x`` in radians alone.
Source: Mildenhall et al., *NeRF* (2020), the Blender scenes; instant-ngp and Nerfstudio's data conventions.
"""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import numpy as np

from ..errors import warn
from ..form import Form, Given
from ..text import natural
from ..track import CameraTrack, Matrices, matrices_of, square, vectors_of

OPENGL = np.diag([1.0, -1.0, -1.0, 1.0])
DISTORTION = ("k1", "k2", "k3", "k4", "p1", "p2")


def read(path: Path, given: Given) -> CameraTrack:
    whole = json.loads(path.read_text("utf-8"))
    frames: list[dict[str, Any]] = list(whole["frames"])
    if all("file_path" in frame for frame in frames):
        frames.sort(key=lambda frame: natural(str(frame["file_path"])))
    facts = [{**whole, **frame} for frame in frames]
    if "fisheye" in str(whole.get("camera_model", "")).lower():
        raise ValueError("it is a fisheye lens, and only perspective ones can be read")
    if any(abs(float(fact.get(name, 0.0))) > 0 for fact in facts for name in DISTORTION):
        warn(f"{path.name}: lens distortion is left out")
    width, height = _size(path, whole, given)
    c2w = np.array([square(frame["transform_matrix"]) for frame in frames]) @ OPENGL
    times = np.arange(len(frames)) / float(whole.get("fps", given.fps))
    return CameraTrack(c2w, np.array([_lens(fact, width, height) for fact in facts]), width, height, times)


def _size(path: Path, whole: dict[str, Any], given: Given) -> tuple[int, int]:
    if "w" in whole and "h" in whole:
        return int(whole["w"]), int(whole["h"])
    return given.need_size(path)


def _lens(fact: dict[str, Any], width: int, height: int) -> Matrices:
    if "fl_x" in fact:
        fx = float(fact["fl_x"])
    elif "camera_angle_x" in fact:
        fx = 0.5 * width / math.tan(0.5 * float(fact["camera_angle_x"]))
    else:
        raise ValueError("neither fl_x nor camera_angle_x says what the lens is")
    fy = float(fact.get("fl_y", fx))
    return matrices_of(np.array([fx, fy, float(fact.get("cx", width / 2)), float(fact.get("cy", height / 2))]))


def write(track: CameraTrack, path: Path) -> None:
    lens = [dict(zip(("fl_x", "fl_y", "cx", "cy"), row, strict=True)) for row in vectors_of(track.intrinsics).tolist()]
    same = all(one == lens[0] for one in lens)
    whole: dict[str, Any] = {"camera_model": "PINHOLE", "w": track.width, "h": track.height}
    if same:
        whole |= {"camera_angle_x": 2 * math.atan(0.5 * track.width / lens[0]["fl_x"]), **lens[0]}
    if track.fps is not None:
        whole["fps"] = track.fps
    else:
        warn("transforms.json: uneven times are lost")
    digits = max(4, len(str(len(track))))
    whole["frames"] = [
        {
            "file_path": f"images/frame_{number + 1:0{digits}d}.png",
            **({} if same else lens[number]),
            "transform_matrix": pose.tolist(),
        }
        for number, pose in enumerate(track.c2w @ OPENGL)
    ]
    path.write_text(json.dumps(whole, indent=2) + "\n", "utf-8")


def recognises(path: Path) -> bool:
    if path.suffix.lower() != ".json":
        return False
    whole = json.loads(path.read_text("utf-8"))
    return isinstance(whole, dict) and "transform_matrix" in whole["frames"][0]


FORM = Form(
    "transforms_json",
    "NeRF transforms.json",
    ".json",
    read,
    write,
    recognises,
    read_by="Nerfstudio, instant-ngp, SEVA, splat trainers",
)
