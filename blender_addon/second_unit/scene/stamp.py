# SPDX-License-Identifier: GPL-3.0-or-later
"""Short stamps of a camera and of a scene's objects: equal as long as nothing that the shot shows was changed.

What is animated is told by its keys, so that a stamp is the same at every frame.
"""

from __future__ import annotations

import hashlib
from collections.abc import Generator, Iterable, Iterator
from functools import partial

import bpy

from . import look as look_of
from .animated import animated_paths
from .keys import key_facts, value_of

FORM = "2"  # of what is read: stamps of another one tell nothing of a change
MANY = 250  # objects whose names are read at once
_TRANSFORM = ("location", "rotation_euler", "rotation_quaternion", "rotation_axis_angle", "scale")
_LENS = ("lens", "sensor_width", "sensor_height", "sensor_fit", "shift_x", "shift_y", "clip_start", "clip_end")


def camera_stamp(camera: bpy.types.Object) -> Generator[None, None, str]:
    """Pose, lens and keys of a camera, of its parents and of what its constraints aim at; piece by piece."""
    growing = _Growing()
    names = [look_of.key_of(item) for item in (camera, *_leaders(camera))]
    lens = look_of.key_of(camera.data)
    growing.add(_lens_facts(camera.data))
    del camera
    for facts in key_facts(partial(bpy.data.cameras.get, lens)):
        growing.add(facts)
        yield
    for name in names:
        for facts in _object_facts(name):
            growing.add(facts)
            yield
    return f"{growing.digest()} {FORM}"


def scene_stamps(
    scene: bpy.types.Scene, camera: bpy.types.Object | None, *, plate: bool
) -> Generator[None, None, dict[str, str]]:
    """Stamps of what renders but the camera, piece by piece: large scenes take longer than Blender may be kept waiting.

    Returns "scene" (where every object is, what it is made of, how it moves) and "look" (see :mod:`.look`; ``plate``:
    whether it includes how colours are shown). No data of Blender's is held between pieces. Where it changes in
    between, the stamps are of neither state.
    """
    objects, look = _Growing(), _Growing()
    blocks: dict[look_of.Block, None] = {}
    followed = look_of.key_of(camera) if camera else None
    if plate:
        look.add(look_of.view_facts(scene))
    if scene.world:
        blocks["worlds", look_of.key_of(scene.world)] = None
    name_of_scene = look_of.key_of(scene)
    del scene, camera
    names: dict[look_of.Key, None] = {}
    yield from _gather(names, "scenes", name_of_scene, "objects")
    waiting = list(names)
    for name in waiting:  # grows
        item = bpy.data.objects.get(name)
        made_of = None
        if item is not None and _renders(item):
            blocks.update(dict.fromkeys(look_of.blocks_of(item)))
            made_of = look_of.key_of(item.instance_collection) if _instances(item) else None
            if name != followed and item.type not in {"CAMERA", "SPEAKER"}:
                objects.add((item.type, item.data.name if item.data else "", made_of, *_shape_facts(item)))
                item = None
                for facts in _object_facts(name):
                    objects.add(facts)
                    yield
        item = None
        if made_of:
            before = len(names)
            yield from _gather(names, "collections", made_of, "all_objects")
            waiting += list(names)[before:]
        yield
    told: set[look_of.Block] = set()
    while some := [block for block in blocks if block not in told]:
        for block in some:
            for facts in look_of.facts_of(block, blocks):
                look.add(facts)
                yield
        told.update(some)
    version = ".".join(map(str, bpy.app.version[:2]))  # its nodes have other sockets than another one's
    return {"scene": f"{objects.digest()} {FORM}", "look": f"{look.digest()} {version} {FORM}"}


def _gather(names: dict[look_of.Key, None], kind: str, holder: look_of.Key, part: str) -> Iterator[None]:
    """Adds the names of the objects that a scene or a collection holds."""
    done = 0
    while (found := getattr(bpy.data, kind).get(holder)) and (some := getattr(found, part)[done : done + MANY]):
        names.update(dict.fromkeys(map(look_of.key_of, some)))
        done += len(some)
        del found, some
        yield


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


def _renders(item: bpy.types.Object) -> bool:
    """Whether it does at some frame."""
    return not item.hide_render or "hide_render" in animated_paths(item)


def _instances(item: bpy.types.Object) -> bool:
    """Whether a collection stands in an object's place."""
    return item.instance_type == "COLLECTION" and item.instance_collection is not None


def _object_facts(name: look_of.Key) -> Iterator[list[object]]:
    """How an object stands and moves, in pieces."""
    yield _pose_facts(name)
    yield from key_facts(partial(bpy.data.objects.get, name))


def _pose_facts(name: look_of.Key) -> list[object]:
    item = bpy.data.objects.get(name)
    if item is None:
        return []
    animated = animated_paths(item)
    facts: list[object] = [item.name, item.parent.name if item.parent else ""]
    facts += (tuple(round(v, 5) for v in getattr(item, part)) for part in _TRANSFORM if part not in animated)
    for constraint in item.constraints:
        target = getattr(constraint, "target", None)
        mute, influence = (value_of(constraint, each, animated) for each in ("mute", "influence"))
        facts.append((constraint.type, mute, influence and round(influence, 4), target.name if target else ""))
    return facts


def _lens_facts(data: bpy.types.Camera) -> list[object]:
    animated = animated_paths(data)
    return [getattr(data, name) for name in _LENS if name not in animated]


def _shape_facts(item: bpy.types.Object) -> Iterator[object]:
    if item.type == "MESH":
        mesh = item.data
        yield (len(mesh.vertices), len(mesh.polygons))
    animated = animated_paths(item)
    for modifier in item.modifiers:
        yield (modifier.name, modifier.type, value_of(modifier, "show_render", animated))
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
