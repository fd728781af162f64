# SPDX-License-Identifier: GPL-3.0-or-later
"""Short stamps of a camera and of a scene's objects: equal as long as nothing that the shot shows was changed.

What is animated is told by its keys, so that a stamp is the same at every frame.
"""

from __future__ import annotations

import hashlib
from collections.abc import Generator, Iterable, Iterator

import bpy

from . import look as look_of
from .animated import animated_paths, curves_of

MANY = 250  # objects whose names are read at once
_TRANSFORM = ("location", "rotation_euler", "rotation_quaternion", "rotation_axis_angle", "scale")
_LENS = ("lens", "sensor_width", "sensor_height", "sensor_fit", "shift_x", "shift_y", "clip_start", "clip_end")


def camera_stamp(camera: bpy.types.Object | None) -> str:
    """Pose, lens and keys of a camera, of its parents and of what its constraints aim at."""
    if camera is None:
        return ""
    facts: list[object] = [*_object_facts(camera), *_lens_facts(camera.data)]
    for other in _leaders(camera):
        facts += _object_facts(other)
    return digest(facts)


def scene_stamps(scene: bpy.types.Scene, camera: bpy.types.Object | None) -> Generator[None, None, dict[str, str]]:
    """Stamps of what renders but the camera, piece by piece: large scenes take longer than Blender may be kept waiting.

    Returns "scene" (where every object is, what it is made of, how it moves) and "look" (see :mod:`.look`). No data of
    Blender's is held between pieces. Where it changes in between, the stamps are of neither state.
    """
    objects, look = _Growing(), _Growing()
    blocks: dict[look_of.Block, None] = {}
    followed = look_of.key_of(camera) if camera else None
    world = ("worlds", look_of.key_of(scene.world)) if scene.world else None
    name_of_scene = look_of.key_of(scene)
    del scene, camera
    names: list[look_of.Key] = []
    while (scene := bpy.data.scenes.get(name_of_scene)) and (some := scene.objects[len(names) : len(names) + MANY]):
        names += map(look_of.key_of, some)
        del scene, some
        yield
    for name in names:
        item = bpy.data.objects.get(name)
        if item is not None and not item.hide_render:
            blocks.update(dict.fromkeys(look_of.blocks_of(item)))
            if name != followed and item.type not in {"CAMERA", "SPEAKER"}:
                objects.add((item.type, item.data.name if item.data else "", *_object_facts(item), *_shape_facts(item)))
        del item
        yield
    for block in (*blocks, *([world] if world else ())):
        for facts in look_of.facts_of(block):
            look.add(facts)
            yield
    version = ".".join(map(str, bpy.app.version[:2]))  # its nodes have other sockets than another one's
    return {"scene": objects.digest(), "look": f"{look.digest()} {version}"}


def digest(facts: object) -> str:
    """A short stamp of anything that prints the same when it is the same."""
    return hashlib.sha256(repr(facts).encode()).hexdigest()[:16]


class _Growing:
    """The digest of a list of facts that is never held as a whole."""

    def __init__(self) -> None:
        self._hash = hashlib.sha256(b"[")
        self._between = ""

    def add(self, facts: Iterable[object]) -> None:
        for fact in facts:
            self._hash.update(f"{self._between}{fact!r}".encode())
            self._between = ", "

    def digest(self) -> str:
        self._hash.update(b"]")
        return self._hash.hexdigest()[:16]


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
