# SPDX-License-Identifier: GPL-3.0-or-later
"""Where a camera is at other frames, without going there: from its keys, or from when the scene was last there.

For display only. Capture goes to every frame, whatever moves the camera.
"""

from __future__ import annotations

import bpy
from mathutils import Euler, Matrix, Quaternion, Vector

from .animated import curves_of

REMEMBERED = 4000

_seen: dict[tuple[str, float], tuple[Matrix, float]] = {}  # (camera, frame) -> where it was, and its lens


def note(scene: bpy.types.Scene, camera: bpy.types.Object | None) -> None:
    """Remembers where the camera is at the scene's present frame."""
    if camera is None:
        return
    if len(_seen) > REMEMBERED:
        _seen.clear()
    _seen[camera.name, scene.frame_current_final] = (camera.matrix_world.copy(), camera.data.lens)


def clear() -> None:
    """Something was edited: what was seen may not hold any more."""
    _seen.clear()


def pose_at(camera: bpy.types.Object, frame: float) -> tuple[Matrix, float] | None:
    """(matrix_world, lens in millimetres); None where only a change of frame could tell."""
    if not _follows_keys_alone(camera):
        return _seen.get((camera.name, frame))
    own = _matrix(camera, {(c.data_path, c.array_index): c.evaluate(frame) for c in curves_of(camera)})
    lens = next((c.evaluate(frame) for c in curves_of(camera.data) if c.data_path == "lens"), camera.data.lens)
    if camera.parent is None:
        return own, lens
    return camera.matrix_world @ camera.matrix_basis.inverted() @ own, lens


def _follows_keys_alone(camera: bpy.types.Object) -> bool:
    """No constraint, no driver, no strip of the NLA, and parents that stand still."""
    if any(not constraint.mute for constraint in camera.constraints):
        return False
    for block in (camera, camera.data):
        data = block.animation_data
        if data and (data.drivers or any(not track.mute for track in data.nla_tracks)):
            return False
    parent = camera.parent
    while parent is not None:
        if parent.animation_data or parent.constraints or camera.parent_type != "OBJECT":
            return False
        parent = parent.parent
    return True


def _matrix(camera: bpy.types.Object, keyed: dict[tuple[str, int], float]) -> Matrix:
    """matrix_basis with keyed values in place of the present ones."""

    def vector(name: str) -> list[float]:
        return [keyed.get((name, i), value) for i, value in enumerate(getattr(camera, name))]

    if camera.rotation_mode == "QUATERNION":
        turn = Quaternion(vector("rotation_quaternion")).normalized()
    elif camera.rotation_mode == "AXIS_ANGLE":
        angle, *axis = vector("rotation_axis_angle")
        turn = Quaternion(axis, angle)
    else:
        turn = Euler(vector("rotation_euler"), camera.rotation_mode).to_quaternion()
    return Matrix.LocRotScale(Vector(vector("location")), turn, Vector(vector("scale")))
