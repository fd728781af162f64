# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes camera paths as ordinary keys, which the artist edits like any others."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

import bpy
import numpy as np
from mathutils import Euler, Matrix

from ...core.camera import upright
from ...scene.animated import curves_of

if TYPE_CHECKING:
    from ...cameras.moves import Path, Pose

HANDHELD = "Second Unit Handheld"
HANDHELD_M = 0.02  # sway at full strength, metres
HANDHELD_RAD = 0.012
HANDHELD_FRAMES = 18.0  # about how long one sway takes

_EASING = {"IN_OUT": "EASE_IN_OUT", "IN": "EASE_IN", "OUT": "EASE_OUT"}
_ROTATIONS = {"QUATERNION": "rotation_quaternion", "AXIS_ANGLE": "rotation_axis_angle"}


def pose_of(camera: bpy.types.Object) -> Pose | None:
    """Where the camera stands now; None where its matrix is no rotation."""
    from ...cameras.moves import Pose

    matrix = upright(camera.matrix_world)
    return None if matrix is None else Pose(matrix, camera.data.lens)


def refusal(camera: bpy.types.Object | None) -> str:
    """Why this camera cannot be given keys; empty where it can."""
    if camera is None:
        return "The shot has no camera: choose one, or use Camera From View"
    if camera.library or (camera.data.library and camera.data.library != camera.library):
        return f"The camera {camera.name} is linked from another file: make a library override of it"
    if any(not constraint.mute and constraint.influence > 0 for constraint in camera.constraints):
        return f"The camera {camera.name} follows a constraint: mute or remove it first"
    if not _is_upright(tuple(map(tuple, camera.matrix_world))):
        return f"The camera {camera.name} is mirrored, flat or sheared: apply its scale and that of its parents"
    return ""


@lru_cache(maxsize=8)
def _is_upright(matrix_world: tuple[tuple[float, ...], ...]) -> bool:
    """Asked by every button whenever the panel is drawn: worked out when the camera has moved."""
    return upright(matrix_world) is not None


def rotation_path(camera: bpy.types.Object) -> str:
    """The property that turns the camera in its rotation mode."""
    return _ROTATIONS.get(camera.rotation_mode, "rotation_euler")


def write_path(camera: bpy.types.Object, path: Path, first: int, last: int, ease: str) -> None:
    """Gives the camera the path's keys from frame ``first`` to ``last``; its own keys there go, for the properties
    that the path is about."""
    frames = [first + key.time * (last - first) for key in path.keys]
    wanted = []
    if path.location or path.rotation:
        places = [key.pose.matrix for key in path.keys]
        wanted += write_places(camera, places, frames, location=path.location, rotation=path.rotation)
    if path.lens:
        clear_keys(camera.data, ["lens"], first, last)
        for key, frame in zip(path.keys, frames, strict=True):
            camera.data.lens = key.pose.lens_mm
            camera.data.keyframe_insert("lens", frame=frame)
        wanted.append((camera.data, "lens"))
    for owner, name in wanted:
        shape(owner, name, frames, ease)


def write_places(
    camera: bpy.types.Object, places: Sequence, frames: Sequence[float], *, location: bool = True, rotation: bool = True
) -> list[tuple[bpy.types.ID, str]]:
    """Keys at ``frames`` so that the camera's world matrix is ``places`` (each (4, 4), no scale), as far as location
    and rotation go. Returns the animated (datablock, property) pairs."""
    names = (["location"] if location else []) + ([rotation_path(camera)] if rotation else [])
    clear_keys(camera, names, frames[0], frames[-1])
    into_own = _into_own(camera)
    before: Euler | None = None
    for place, frame in zip(places, frames, strict=True):
        own = into_own @ Matrix(np.asarray(place).tolist())
        if location:
            camera.location = own.to_translation()
        if rotation:
            before = _turn(camera, own, before)
        for name in names:
            camera.keyframe_insert(name, frame=frame)
    return [(camera, name) for name in names]


def clear_keys(owner: bpy.types.ID, names: Iterable[str], first: float, last: float) -> None:
    """Removes keys of these properties between two frames, both included."""
    for curve in _curves(owner, set(names)):
        points = curve.keyframe_points
        for place in reversed(range(len(points))):
            if first - 1e-3 <= points[place].co.x <= last + 1e-3:
                points.remove(points[place], fast=True)
        curve.update()


def sway(camera: bpy.types.Object, strength: float, first: int, last: int, unit_scale: float) -> None:
    """A hand's sway on top of the camera's animation, as noise modifiers; 0 takes it away again."""
    rotation = rotation_path(camera)
    amounts = {"location": HANDHELD_M / unit_scale * strength}
    if rotation == "rotation_euler":
        amounts[rotation] = HANDHELD_RAD * strength
    for name in amounts:
        if strength and len(list(_curves(camera, {name}))) < 3:
            camera.keyframe_insert(name, frame=first)
    for curve in _curves(camera, set(amounts)):
        for modifier in [m for m in curve.modifiers if m.name.startswith(HANDHELD)]:
            curve.modifiers.remove(modifier)
        if strength:
            _add_noise(curve, amounts[curve.data_path], first, last)
        curve.update()


def _add_noise(curve: bpy.types.FCurve, amount: float, first: int, last: int) -> None:
    noise = curve.modifiers.new("NOISE")
    noise.name = HANDHELD
    noise.scale = HANDHELD_FRAMES
    noise.strength = 2.0 * amount  # the modifier's noise spans half of its strength either way
    noise.phase = 17.3 * curve.array_index + (101.7 if curve.data_path == "location" else 3.1)
    noise.depth = 1
    noise.use_restricted_range = True
    noise.frame_start, noise.frame_end = first, last


def _into_own(camera: bpy.types.Object) -> Matrix:
    """From the world to what location and rotation are given in: a parent's space, as it stands now."""
    if camera.parent is None:
        return Matrix.Identity(4)
    return (camera.matrix_world @ camera.matrix_basis.inverted()).inverted()


def _turn(camera: bpy.types.Object, own: Matrix, before: Euler | None) -> Euler | None:
    name = rotation_path(camera)
    if name == "rotation_euler":
        now = own.to_euler(camera.rotation_mode, before or camera.rotation_euler)
        camera.rotation_euler = now
        return now
    turn = own.to_quaternion()
    if name == "rotation_axis_angle":
        axis, angle = turn.to_axis_angle()
        camera.rotation_axis_angle = (angle, *axis)
    else:
        turn.make_compatible(camera.rotation_quaternion)
        camera.rotation_quaternion = turn
    return None


def _curves(owner: bpy.types.ID, names: set[str]) -> list[bpy.types.FCurve]:
    return [curve for curve in curves_of(owner) if curve.data_path in names]


def shape(owner: bpy.types.ID, name: str, frames: Sequence[float], ease: str) -> None:
    """How a property's keys between two frames are joined.

    Two keys: Blender's own easing. More: the easing is in the values, and the curve runs smoothly through them.
    """
    for curve in _curves(owner, {name}):
        for point in curve.keyframe_points:
            if not frames[0] - 1e-3 <= point.co.x <= frames[-1] + 1e-3:
                continue
            if ease == "LINEAR":
                point.interpolation = "LINEAR"
            elif len(frames) == 2:
                point.interpolation, point.easing = "SINE", _EASING[ease]
            else:
                point.interpolation = "BEZIER"
                point.handle_left_type = point.handle_right_type = "AUTO_CLAMPED"
        curve.update()
