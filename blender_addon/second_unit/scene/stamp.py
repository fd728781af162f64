# SPDX-License-Identifier: GPL-3.0-or-later
"""Short stamps of a camera and of a scene's objects: equal as long as nothing that the shot shows was changed.

What is animated is told by its keys, so that a stamp is the same at every frame.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

import bpy

from .animated import animated_paths, curves_of

_TRANSFORM = ("location", "rotation_euler", "rotation_quaternion", "rotation_axis_angle", "scale")
_LENS = ("lens", "sensor_width", "sensor_height", "sensor_fit", "shift_x", "shift_y", "clip_start", "clip_end")


def camera_stamp(camera: bpy.types.Object | None) -> str:
    """Pose, lens and keys of a camera, of its parents and of what its constraints aim at."""
    if camera is None:
        return ""
    facts: list[object] = [*_object_facts(camera), *_lens_facts(camera.data)]
    for other in _leaders(camera):
        facts += _object_facts(other)
    return _short(facts)


def scene_stamp(scene: bpy.types.Scene, camera: bpy.types.Object | None) -> str:
    """Every object that renders but the camera: where it is, what it is made of, how it moves."""
    facts: list[object] = []
    for item in scene.objects:
        if item is camera or item.hide_render or item.type in {"CAMERA", "SPEAKER"}:
            continue
        facts += (item.type, item.data.name if item.data else "", *_object_facts(item), *_shape_facts(item))
    return _short(facts)


def digest(facts: object) -> str:
    """A short stamp of anything that prints the same when it is the same."""
    return hashlib.sha256(repr(facts).encode()).hexdigest()[:16]


def _short(facts: list[object]) -> str:
    return digest(facts)


def _object_facts(item: bpy.types.Object) -> Iterator[object]:
    animated = animated_paths(item)
    yield item.name
    for name in _TRANSFORM:
        if name not in animated:
            yield tuple(round(value, 5) for value in getattr(item, name))
    yield from _key_facts(item)
    yield item.parent.name if item.parent else ""
    for constraint in item.constraints:
        target = getattr(constraint, "target", None)
        yield (constraint.type, constraint.mute, round(constraint.influence, 4), target.name if target else "")


def _lens_facts(data: bpy.types.Camera) -> Iterator[object]:
    animated = animated_paths(data)
    for name in _LENS:
        if name not in animated:
            yield getattr(data, name)
    yield from _key_facts(data)


def _key_facts(block: bpy.types.ID) -> Iterator[object]:
    for curve in curves_of(block):
        points = curve.keyframe_points
        flat = [0.0] * (2 * len(points))
        points.foreach_get("co", flat)
        yield (curve.data_path, curve.array_index, tuple(round(value, 5) for value in flat), len(curve.modifiers))


def _shape_facts(item: bpy.types.Object) -> Iterator[object]:
    if item.type == "MESH":
        mesh = item.data
        yield (len(mesh.vertices), len(mesh.polygons))
    for modifier in item.modifiers:
        yield (modifier.name, modifier.type, modifier.show_render)
    for slot in item.material_slots:
        yield slot.material.name if slot.material else ""


def _leaders(camera: bpy.types.Object) -> list[bpy.types.Object]:
    found: list[bpy.types.Object] = []
    waiting = [camera]
    while waiting:
        item = waiting.pop()
        targets = [getattr(constraint, "target", None) for constraint in item.constraints]
        for other in (item.parent, *targets):
            if other is not None and other not in found and other is not camera:
                found.append(other)
                waiting.append(other)
    return found
