# SPDX-License-Identifier: GPL-3.0-or-later
"""The fixed camera moves, and a shot of each as an engine's plan wants it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
from attrs import frozen
from numpy.typing import NDArray
from second_unit_protocol.grid import Rate, SceneRange
from second_unit_protocol.planes import pack_plane
from second_unit_protocol.results import Input, Plan, PlanRequest
from second_unit_protocol.shot import (
    BlobRef,
    CameraPath,
    PlaneKind,
    PlaneSequence,
    Reference,
    ShotRequest,
)

from ..conditioning.shot_data import ShotData, pack_array
from .room import draw, room

Matrix = NDArray[np.float64]
RATE = Rate(24)
GIVEN = (Input.CAMERA, Input.DEPTH, Input.COLOUR, Input.REFERENCES, Input.PROMPT)
PROMPT = "a room with painted boxes"


@frozen
class Move:
    """``at`` takes 0 … 1 along the shot to (camera-to-world, focal length in widths)."""

    name: str
    at: Callable[[float], tuple[Matrix, float]]


def look_at(eye: tuple[float, ...], target: tuple[float, ...], roll: float = 0.0) -> Matrix:
    """(4, 4) camera-to-world, OpenCV axes, z-up world."""
    forward = np.array(target, float) - eye
    forward /= np.linalg.norm(forward)
    right = np.cross(forward, (0, 0, 1.0))
    right /= np.linalg.norm(right)
    c2w = np.eye(4)
    turn = np.array([[np.cos(roll), -np.sin(roll), 0], [np.sin(roll), np.cos(roll), 0], [0, 0, 1.0]])
    c2w[:3, :3] = np.stack([right, np.cross(forward, right), forward], 1) @ turn
    c2w[:3, 3] = eye
    return c2w


def _dolly(t: float):
    return look_at((-0.6 + 1.0 * t, -4.2 + 1.6 * t, 1.5), (0.1 * t, 4, 1.1)), 0.9


def _orbit(t: float):
    turn = 0.5 * (t - 0.5)
    return look_at((6.2 * np.sin(turn), 2.2 - 6.2 * np.cos(turn), 1.7), (0, 2.2, 0.9)), 0.9


def _pan(t: float):
    return look_at((0, -4, 1.5), (2.4 * (t - 0.5), 4, 1.1)), 0.9


def _zoom(t: float):
    return look_at((0, -4, 1.5), (0, 4, 1.1)), 0.8 + 0.4 * t


def _handheld(t: float):
    eye = (0.5 * t + 0.05 * np.sin(21 * t), -4 + 0.8 * t + 0.03 * np.sin(17 * t), 1.5 + 0.04 * np.sin(29 * t))
    return look_at(eye, (0.15 * np.sin(13 * t), 4, 1.1 + 0.08 * np.sin(19 * t)), 0.02 * np.sin(23 * t)), 0.9


MOVES = tuple(Move(f.__name__.strip("_"), f) for f in (_dolly, _orbit, _pan, _zoom, _handheld))


def plan_request(engine: str, frames: int, width: int, height: int) -> PlanRequest:
    """What an engine is asked before the shot is drawn."""
    ends = (1.0, float(frames))
    return PlanRequest(engine, SceneRange(1, frames, RATE), width, height, GIVEN, len(ends), ends)


def shot_of(
    move: Move, plan: Plan, frames: int, width: int, height: int, folder: Path, fineness: int | None = None
) -> ShotData:
    """The move drawn at the plan's own times and size, its true first and last pictures pinned; blobs in ``folder``.

    ``fineness``: as Blender captures a shot, with so many samples of a reference's depth along a pixel's side (an odd
    number), and planes that say of every pixel that nothing moves there.
    """
    folder.mkdir(parents=True, exist_ok=True)
    scene, grid = room(), plan.grid
    size = plan.capture_width, plan.capture_height
    fine = size[0] * (fineness or 1), size[1] * (fineness or 1)

    def put(data: bytes) -> BlobRef:
        ref = BlobRef(hashlib.sha256(data).hexdigest(), len(data))
        (folder / ref.digest).write_bytes(data)
        return ref

    def view(scene_frame: float) -> tuple[Matrix, Matrix]:
        time = min(max((scene_frame - 1) / max(frames - 1, 1), 0.0), 1.0)
        c2w, focal = move.at(time)
        lens = np.array([[focal * width, 0, size[0] / 2], [0, focal * width, size[1] / 2], [0, 0, 1.0]])
        return c2w, lens

    def plane(samples: NDArray, dtype: str) -> BlobRef:
        return put(pack_plane(np.ascontiguousarray(samples).tobytes(), dtype, samples.shape))

    def reference(scene_frame: float) -> Reference:
        c2w, lens = view(scene_frame)
        colour, depth = draw(scene, c2w, lens, *size)
        if fineness:
            lens = np.diag([fineness, fineness, 1.0]) @ lens
            depth = draw(scene, c2w, lens, *fine)[1]
        left, top = (size[0] - width) // 2, (size[1] - height) // 2
        picture = cv2.cvtColor(colour[top : top + height, left : left + width], cv2.COLOR_RGB2BGR)
        return Reference(
            name=f"frame {scene_frame:g}",
            scene_frame=scene_frame,
            image=put(cv2.imencode(".png", picture)[1].tobytes()),
            c2w=pack_array(c2w),
            intrinsics=pack_array(lens),
            width=fine[0],
            height=fine[1],
            depth=plane(depth, "<f4"),
            index=plane(np.zeros(fine[::-1], np.uint16), "<u2") if fineness else None,
        )

    views = [view(float(grid.scene_frame(i))) for i in range(grid.count)]
    drawn = [draw(scene, *each, *size) for each in views]
    request = ShotRequest(
        shot_id=f"bench-{move.name}",
        shot_name=move.name,
        engine=plan.engine,
        delivery=SceneRange(1, frames, RATE),
        grid=grid,
        width=width,
        height=height,
        camera=CameraPath(pack_array(np.array([c for c, _ in views])), pack_array(np.array([k for _, k in views]))),
        depth=PlaneSequence(PlaneKind.DEPTH, *size, tuple(plane(depth, "<f4") for _, depth in drawn)),
        colour=PlaneSequence(PlaneKind.COLOUR, *size, tuple(plane(colour, "|u1") for colour, _ in drawn)),
        index=PlaneSequence(PlaneKind.INDEX, *size, (plane(np.zeros(size[::-1], np.uint16), "<u2"),) * grid.count)
        if fineness
        else None,
        references=(reference(1.0), reference(float(frames))),
        prompt=PROMPT,
        seed=1,
    )
    return ShotData(request, lambda ref: folder / ref.digest)
