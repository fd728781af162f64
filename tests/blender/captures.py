# SPDX-License-Identifier: GPL-3.0-or-later
"""Shots to capture in tests, what came of them, and Blender's own answer to where surfaces are."""

from __future__ import annotations

import hashlib
from fractions import Fraction
from pathlib import Path

import bpy
import numpy as np
from bl_ext.user_default.second_unit.capture.captured import CapturedShot
from bl_ext.user_default.second_unit.capture.headless import HeadlessBackend
from bl_ext.user_default.second_unit.capture.session import CaptureSession
from bl_ext.user_default.second_unit.core.spec import ShotSpec
from bl_ext.user_default.second_unit.protocol.grid import FrameGrid, Rate
from bl_ext.user_default.second_unit.protocol.planes import unpack_plane
from bl_ext.user_default.second_unit.protocol.results import Input, Plan
from bl_ext.user_default.second_unit.protocol.shot import PlaneKind
from bl_ext.user_default.second_unit.scene.camera import View
from mathutils import Vector

WIDTH, HEIGHT = 96, 64
RATE = Rate(24)
ALL = (Input.CAMERA, Input.DEPTH, Input.MOTION, Input.COLOUR)


def spec_of(scene: bpy.types.Scene, camera: bpy.types.Object | None, **changed: object) -> ShotSpec:
    """Frames 1 to 3 of ``camera`` at WIDTH × HEIGHT; ``changed`` are fields of ShotSpec."""
    fields = dict(
        uid="shot", name="Street", scene=scene.name, view_layer=scene.view_layers[0].name,
        camera=camera.name if camera else "", frame_start=1, frame_end=3, handle_before=0, handle_after=0,
        scene_rate=RATE, width=WIDTH, height=HEIGHT, engine="projection",
    )  # fmt: skip
    return ShotSpec(**{**fields, **changed})


def plan_of(
    spec: ShotSpec, *, captures=ALL, clip_rate: Rate = RATE, count: int = 0, size: tuple[int, int] | None = None
) -> Plan:
    """A plan that follows every scene frame of the delivery, unless told otherwise."""
    first, last = spec.frame_start - spec.handle_before, spec.frame_end + spec.handle_after
    grid = FrameGrid(first, count or last - first + 1, spec.scene_rate, clip_rate)
    width, height = size or (spec.width, spec.height)
    return Plan(spec.engine, grid, width, height, tuple(captures), tuple(captures), (), 0, 0.0)


def session_of(spec: ShotSpec, folder: Path, *, backend=None, options=None, **plan: object) -> CaptureSession:
    return CaptureSession(spec, plan_of(spec, **plan), folder / "spool", backend or HeadlessBackend(), options, "1.2.3")


def capture(spec: ShotSpec, folder: Path, **more: object) -> CapturedShot:
    """The whole capture at once, depth and what moves only unless ``captures`` says more."""
    return session_of(spec, folder, **{"captures": (Input.DEPTH, Input.MOTION), **more}).run()


def plane(shot: CapturedShot, kind: PlaneKind, time: float | Fraction, *, pinned: bool = False) -> np.ndarray:
    """A captured plane, read back from its file, which holds what its name says; ``pinned``: that of a reference."""
    ref = shot.refs[(kind, "reference", Fraction(time)) if pinned else (kind, Fraction(time))]
    content = shot.files[ref.digest].read_bytes()
    assert len(content) == ref.size and hashlib.sha256(content).hexdigest() == ref.digest
    samples, dtype, shape = unpack_plane(content)
    return np.frombuffer(samples, dtype).reshape(shape)


def view_at(shot: CapturedShot, time: float | Fraction) -> View:
    return shot.views[shot.times.index(Fraction(time))]


def track(shot: CapturedShot, name: str) -> int:
    """A moving thing's number in the index plane."""
    return [entry.name for entry in shot.motion.tracks].index(name) + 1


def box(name: str, place=(0.0, 0.0, 0.0), size=1.0) -> bpy.types.Object:
    """A cube; ``size`` is its side, one number or three."""
    half = np.broadcast_to(np.array(size, float), 3) / 2
    corners = np.array([(x, y, z) for x in (-1, 1) for y in (-1, 1) for z in (-1, 1)]) * half
    mesh = bpy.data.meshes.new(name)
    mesh.from_pydata(
        corners.tolist(), [], [(0, 1, 3, 2), (4, 6, 7, 5), (0, 4, 5, 1), (2, 3, 7, 6), (0, 2, 6, 4), (1, 5, 7, 3)]
    )
    made = bpy.data.objects.new(name, mesh)
    made.location = place
    bpy.context.scene.collection.objects.link(made)
    return made


def ground(size: float = 400.0) -> bpy.types.Object:
    """A floor at z = 0."""
    half = size / 2
    mesh = bpy.data.meshes.new("Ground")
    mesh.from_pydata([(-half, -half, 0), (half, -half, 0), (half, half, 0), (-half, half, 0)], [], [(0, 1, 2, 3)])
    made = bpy.data.objects.new("Ground", mesh)
    bpy.context.scene.collection.objects.link(made)
    return made


def camera(place=(0.0, -6.0, 1.6), aim=(0.0, 0.0, 1.0), name: str = "Camera") -> bpy.types.Object:
    """The scene's camera."""
    made = bpy.data.objects.new(name, bpy.data.cameras.new(name))
    made.location = place
    made.rotation_euler = (Vector(aim) - Vector(place)).to_track_quat("-Z", "Y").to_euler()
    bpy.context.scene.collection.objects.link(made)
    bpy.context.scene.camera = made
    return made


def key(owner: bpy.types.bpy_struct, path: str, values: dict[int, object]) -> None:
    """Keys a property: value by frame."""
    for frame, value in values.items():
        setattr(owner, path, value)
        owner.keyframe_insert(path, frame=frame)


def standard_scene() -> bpy.types.Object:
    """A floor, a still box, a box that slides and turns, and a camera that dollies; returns the camera."""
    ground()
    box("Still", (1.6, 1.0, 0.75), 1.5)
    mover = box("Mover", (-1.5, 0.0, 0.6), 1.0)
    key(mover, "location", {1: (-1.8, 0.0, 0.6), 5: (-0.6, -0.6, 0.9)})
    key(mover, "rotation_euler", {1: (0, 0, 0), 5: (0, 0, 0.8)})
    made = camera()
    key(made, "location", {1: (0.0, -6.0, 1.6), 5: (0.6, -5.0, 1.8)})
    bpy.context.scene.frame_set(1)
    return made


def cast(view: View, scene: bpy.types.Scene, time: float, step: int = 5) -> list[tuple[int, int, float, str]]:
    """(row, column, planar depth in metres, object's name) along rays through every ``step``-th pixel's centre."""
    scene.frame_set(int(time // 1), subframe=float(time % 1))
    depsgraph = bpy.context.evaluated_depsgraph_get()
    found = []
    turn = view.c2w[:3, :3]
    eye = view.c2w[:3, 3] / view.unit_scale
    inverse = np.linalg.inv(view.intrinsics)
    for row in range(1, view.height, step):
        for column in range(1, view.width, step):
            along = turn @ inverse @ (column + 0.5, row + 0.5, 1.0)
            hit, place, _, _, thing, _ = scene.ray_cast(depsgraph, Vector(eye), Vector(along).normalized())
            depth = float((np.array(place) - eye) @ turn[:, 2]) * view.unit_scale if hit else np.inf
            found.append((row, column, depth, thing.name if hit else ""))
    return found


def disagreement(depth: np.ndarray, truth: list[tuple[int, int, float, str]]) -> np.ndarray:
    """Relative differences between a depth plane and rays (1 where only one of both has a surface).

    Away from silhouettes: a ray and a pixel's centre may fall on two sides of one.
    """
    errors = []
    for row, column, true, _ in truth:
        near = depth[max(row - 1, 0) : row + 2, max(column - 1, 0) : column + 2]
        if not np.isfinite(near).all():
            if not np.isfinite(near).any():
                errors.append(0.0 if true == np.inf else 1.0)
            continue
        if near.max() > 1.2 * near.min():
            continue
        errors.append(abs(depth[row, column] - true) / true if np.isfinite(true) else 1.0)
    return np.array(errors)
