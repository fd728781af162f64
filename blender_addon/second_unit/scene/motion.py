# SPDX-License-Identifier: GPL-3.0-or-later
"""Finds what moves or deforms while the shot lasts, by looking at the evaluated scene at every sampled time."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator

import bpy
import numpy as np
from attrs import Factory, define, frozen
from numpy.typing import NDArray

from ..core.camera import in_metres
from ..core.motion import Occurrence, moved
from ..protocol.shot import Track, TrackKind

GEOMETRY = {"MESH", "CURVE", "SURFACE", "META", "FONT", "CURVES", "POINTCLOUD", "VOLUME", "GREASEPENCIL", "GPENCIL"}
Key = tuple[int, int, tuple[int, ...]]  # object, its instancer or 0, place among the instancer's instances
Occurrences = dict[int, tuple[Occurrence, ...]]
_UNUSED = 2**31 - 1  # what persistent_id is padded with


@define(eq=False)
class _Seen:
    """One visible occurrence of an object over time; a history is kept from when it first moves."""

    name: str
    first: NDArray[np.float64]
    half_size: NDArray[np.float64]
    centre: NDArray[np.float64]
    history: dict[int, NDArray[np.float64]] = Factory(dict)


@frozen(eq=False)
class MotionFacts:
    """What moves. ``matrices`` (T, N, 4, 4) are object-to-world in metres at the T sampled times.

    ``by_object`` gives, for every object of which something moves (by session uid), all its occurrences; ``by_drawer``
    the same for what draws them: instances count with the object that makes them.
    """

    tracks: tuple[Track, ...]
    matrices: NDArray[np.float64]
    by_object: Occurrences
    by_drawer: Occurrences
    keys: dict[Key, int]  # track number, counted from 1, of each moving occurrence


class MotionReader:
    """Call :meth:`sample` once per time, in order, then :meth:`finish`."""

    def __init__(self, unit_scale: float):
        self._unit_scale = unit_scale
        self._seen: dict[Key, _Seen] = {}
        self._shapes: dict[int, int] = {}
        self._deforming: set[int] = set()
        self._times = 0

    def sample(self, depsgraph: bpy.types.Depsgraph) -> None:
        """Reads every visible object and instance of the evaluated scene."""
        checked: set[int] = set()
        for key, instance in occurrences(depsgraph):
            matrix = np.array(instance.matrix_world)
            thing = instance.object
            seen = self._seen.get(key)
            if seen is None:
                seen = self._seen[key] = _Seen(_name(instance), matrix, *_bounds(thing))
                if self._times:  # it was not there from the start, so its whole path is kept
                    seen.history[self._times] = matrix
            elif seen.history or moved(seen.first, matrix):
                seen.history[self._times] = matrix
            if key[0] not in checked and key[0] not in self._deforming:
                checked.add(key[0])
                self._check_shape(key[0], thing)
        self._times += 1

    def finish(self) -> MotionFacts:
        """Numbers what moves, by name. Raises OverflowError when an index plane cannot hold so many."""
        moving = [key for key, seen in self._seen.items() if seen.history or key[0] in self._deforming]
        moving.sort(key=lambda key: (self._seen[key].name, key))
        if len(moving) > np.iinfo(np.int16).max:
            raise OverflowError(len(moving))
        numbers = {key: place + 1 for place, key in enumerate(moving)}
        matrices = np.empty((self._times, len(moving), 4, 4))
        for key, number in numbers.items():
            matrices[:, number - 1] = self._path(self._seen[key])
        tracks = tuple(
            Track(self._seen[key].name, TrackKind.UNKNOWN if key[0] in self._deforming else TrackKind.RIGID)
            for key in moving
        )
        return MotionFacts(
            tracks,
            matrices,
            self._grouped(numbers, lambda key: key[0]),
            self._grouped(numbers, lambda key: key[1] or key[0]),
            numbers,
        )

    def _grouped(self, numbers: dict[Key, int], group: Callable[[Key], int]) -> Occurrences:
        """Occurrences by ``group``, of the groups in which something moves."""
        found: dict[int, list[Occurrence]] = {group(key): [] for key in numbers}
        for key, seen in self._seen.items():
            if (entries := found.get(group(key))) is not None:
                at = in_metres(seen.first, self._unit_scale)
                entries.append(Occurrence(numbers.get(key, 0), at, seen.centre, seen.half_size))
        return {uid: tuple(entries) for uid, entries in found.items()}

    def _path(self, seen: _Seen) -> NDArray[np.float64]:
        """(T, 4, 4) in metres; where the thing is not there, it stays where it last was."""
        path = np.empty((self._times, 4, 4))
        current = seen.first
        for time in range(self._times):
            current = seen.history.get(time, current)
            path[time] = in_metres(current, self._unit_scale)
        return path

    def _check_shape(self, uid: int, thing: bpy.types.Object) -> None:
        if not may_deform(thing.original):
            return
        shape = _shape(thing)
        if self._shapes.setdefault(uid, shape) != shape:
            self._deforming.add(uid)


def occurrences(depsgraph: bpy.types.Depsgraph) -> Iterator[tuple[Key, bpy.types.DepsgraphObjectInstance]]:
    """Every visible piece of geometry: objects and instances. An instance is valid until the next one is asked for."""
    for instance in depsgraph.object_instances:
        if not (instance.show_self and instance.object.type in GEOMETRY):
            continue
        uid = instance.object.original.session_uid
        if not instance.is_instance:
            yield (uid, 0, ()), instance
            continue
        place = tuple(number for number in instance.persistent_id if number != _UNUSED)
        yield (uid, instance.parent.original.session_uid, place), instance


def may_deform(thing: bpy.types.Object) -> bool:
    """Whether an object's shape could change with time, so that it is worth comparing."""
    data = thing.data
    keyed = getattr(data, "animation_data", None) or getattr(data, "shape_keys", None)
    return bool(thing.modifiers or keyed or thing.type == "META" or thing.particle_systems)


def _name(instance: bpy.types.DepsgraphObjectInstance) -> str:
    own = instance.object.original.name
    return f"{instance.parent.original.name}/{own}" if instance.is_instance else own


def _bounds(thing: bpy.types.Object) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Half the size and the centre of an object's own bounding box, in its own units."""
    corners = np.array(thing.bound_box)
    low, high = corners.min(0), corners.max(0)
    return 0.5 * (high - low), 0.5 * (high + low)


def _shape(thing: bpy.types.Object) -> int:
    """A checksum of the evaluated surface's points."""
    mesh = thing.data if thing.type == "MESH" else None
    if mesh is None:
        try:
            mesh = thing.to_mesh()
        except RuntimeError:
            return 0  # it has no surface that could be compared
    points = np.empty(3 * len(mesh.vertices), np.float32)
    mesh.vertices.foreach_get("co", points)
    if thing.type != "MESH":
        thing.to_mesh_clear()
    return zlib.crc32(points.tobytes())
