# SPDX-License-Identifier: GPL-3.0-or-later
"""Finds what moves or deforms while the shot lasts, by looking at the evaluated scene at every sampled time."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator

import bpy
import numpy as np
from numpy.typing import NDArray

from ..core.camera import in_metres
from ..core.motion import Occurrence, moved
from ..protocol.late import Factory, astuple, define, evolve, frozen
from ..protocol.shot import Track, TrackKind
from .shapes import Shape, ShapeReader, positions_of, surface_of

BECOMES_MESH = {"CURVE", "SURFACE", "META", "FONT"}
GEOMETRY = BECOMES_MESH | {"MESH", "CURVES", "POINTCLOUD"}  # neither volumes nor grease pencil have depth
MOST_NUMBERS = 2**15 - 1  # what Blender's pass index and an object's colour hold
MOST_VERTICES = 4_000_000  # of one deforming mesh: 48 MB a frame
Key = tuple[int, int, tuple[int, ...]]  # object, its instancer or 0, place among the instancer's instances
Occurrences = dict[int, tuple[Occurrence, ...]]
_UNUSED = 2**31 - 1  # what persistent_id is padded with


@define(eq=False)
class _Seen:
    """One visible occurrence of an object over time; a history is kept from when it first moves."""

    name: str
    first: NDArray[np.float64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]
    history: dict[int, NDArray[np.float64]] = Factory(dict)
    shape: Shape | None = None  # at the first time
    deforms: bool = False
    steady: bool = True  # its topology is what it was
    trail: int = 0  # checksum of its shapes over time: occurrences with the same one share a mesh
    triangles: NDArray[np.uint32] | None = None

    @property
    def followed(self) -> bool:
        """Whether all its points are known at all times."""
        return self.steady and self.shape is not None and self.shape.vertices <= MOST_VERTICES


@frozen(eq=False)
class DeformingMesh:
    """A mesh whose ``vertices`` move: where to find it, and its ``triangles`` (M, 3)."""

    key: Key
    vertices: int
    triangles: NDArray[np.uint32]


@frozen
class Label:
    """What is told apart by name: an object, by session uid, as it stands by itself (``maker`` 0) or is instanced."""

    name: str
    thing: int
    maker: int


@frozen(eq=False)
class MotionFacts:
    """What moves. ``matrices`` (T, N, 4, 4) are object-to-world in metres at the T sampled times.

    ``by_object`` gives, for every object of which something moves or has a label (by session uid), all its occurrences;
    ``by_drawer`` the same for what draws them: instances count with the object that makes them. ``lost`` names what
    deforms and cannot be followed. ``labels`` are what is told apart by name, label n being entry n - 1.
    """

    tracks: tuple[Track, ...]
    matrices: NDArray[np.float64]
    by_object: Occurrences
    by_drawer: Occurrences
    keys: dict[Key, int]  # track number, counted from 1, of each moving occurrence
    meshes: tuple[DeformingMesh, ...] = ()
    lost: tuple[str, ...] = ()
    labels: tuple[Label, ...] = ()


class MotionReader:
    """Call :meth:`sample` once per time, in order, then :meth:`finish`."""

    def __init__(self, unit_scale: float):
        self._unit_scale = unit_scale
        self._seen: dict[Key, _Seen] = {}
        self._labels: dict[tuple[int, int], int] = {}
        self._times = 0

    def sample(self, depsgraph: bpy.types.Depsgraph) -> None:
        """Reads every visible object and instance of the evaluated scene."""
        shapes = ShapeReader()
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
            if may_deform(thing.original):
                self._compare(seen, thing, shapes)
        self._times += 1

    def finish(self, labelled: Callable[[int, int], bool] = lambda thing, maker: False) -> MotionFacts:
        """Numbers what moves, and what is ``labelled`` (object's and maker's uid), each by name.

        Raises OverflowError with what is too many for a plane of numbers to hold.
        """
        moving = [key for key, seen in self._seen.items() if seen.history or seen.deforms]
        moving.sort(key=lambda key: (self._seen[key].name, key))
        labels = sorted({Label(s.name, *key[:2]) for key, s in self._seen.items() if labelled(*key[:2])}, key=astuple)
        for what, count in (("things move", len(moving)), ("things have a label", len(labels))):
            if count > MOST_NUMBERS:
                raise OverflowError(f"{count} {what}")
        self._labels = {(label.thing, label.maker): place + 1 for place, label in enumerate(labels)}
        numbers = {key: place + 1 for place, key in enumerate(moving)}
        matrices = np.empty((self._times, len(moving), 4, 4))
        for key, number in numbers.items():
            matrices[:, number - 1] = self._path(self._seen[key])
        meshes: dict[tuple, int] = {}
        found: list[DeformingMesh] = []
        tracks = []
        for key in moving:
            seen = self._seen[key]
            if not seen.deforms:
                tracks.append(Track(seen.name, TrackKind.RIGID))
            elif not seen.followed:
                tracks.append(Track(seen.name, TrackKind.UNKNOWN))
            else:
                place = meshes.setdefault((seen.shape, seen.trail), len(meshes))
                if place == len(found):
                    found.append(DeformingMesh(key, seen.shape.vertices, seen.triangles))
                tracks.append(Track(seen.name, TrackKind.DEFORMING, place))
        return MotionFacts(
            tuple(tracks),
            matrices,
            self._grouped(numbers, lambda key: key[0]),
            self._grouped(numbers, lambda key: key[1] or key[0]),
            numbers,
            tuple(found),
            tuple(track.name for track in tracks if track.kind is TrackKind.UNKNOWN),
            tuple(labels),
        )

    def _grouped(self, numbers: dict[Key, int], group: Callable[[Key], int]) -> Occurrences:
        """Occurrences by ``group``, of the groups in which something moves or has a label."""
        found: dict[int, list[Occurrence]] = {
            group(key): [] for key in self._seen if key in numbers or key[:2] in self._labels
        }
        for key, seen in self._seen.items():
            if (entries := found.get(group(key))) is not None:
                at = in_metres(seen.first, self._unit_scale)
                centre, half = 0.5 * (seen.high + seen.low), 0.5 * (seen.high - seen.low)
                entries.append(Occurrence(numbers.get(key, 0), at, centre, half, self._labels.get(key[:2], 0)))
        return {uid: tuple(entries) for uid, entries in found.items()}

    def _path(self, seen: _Seen) -> NDArray[np.float64]:
        """(T, 4, 4) in metres; where the thing is not there, it stays where it last was."""
        path = np.empty((self._times, 4, 4))
        current = seen.first
        for time in range(self._times):
            current = seen.history.get(time, current)
            path[time] = in_metres(current, self._unit_scale)
        return path

    def _compare(self, seen: _Seen, thing: bpy.types.Object, shapes: ShapeReader) -> None:
        """Takes note of how a surface differs from what it was; its box grows to hold it at all times."""
        shape = shapes.shape(thing)
        seen.trail = zlib.crc32(f"{self._times} {shape.points}".encode(), seen.trail)
        if seen.shape is None:
            seen.shape = shape
        if shape == seen.shape:
            return
        seen.deforms = True
        seen.steady = seen.steady and shape.topology is not None and shape.topology == seen.shape.topology
        low, high = _bounds(thing)
        seen.low, seen.high = np.minimum(seen.low, low), np.maximum(seen.high, high)
        if seen.followed and seen.triangles is None:
            seen.triangles = shapes.triangles(thing)


def with_unknown(motion: MotionFacts, name: str) -> MotionFacts:
    """One thing more, the last, that cannot be followed and that no occurrence belongs to."""
    still = np.broadcast_to(np.eye(4), (len(motion.matrices), 1, 4, 4))
    return evolve(
        motion,
        tracks=(*motion.tracks, Track(name, TrackKind.UNKNOWN)),
        matrices=np.concatenate([motion.matrices, still], 1),
    )


def positions_at(depsgraph: bpy.types.Depsgraph, motion: MotionFacts, unit_scale: float) -> NDArray[np.float32]:
    """(V, 3) vertices of all deforming meshes, one after another, in their objects' own axes, metres.

    NaN where one is not there at the depsgraph's time.
    """
    starts = np.cumsum([0, *(mesh.vertices for mesh in motion.meshes)])
    positions = np.full((starts[-1], 3), np.nan, np.float32)
    wanted = {mesh.key: place for place, mesh in enumerate(motion.meshes)}
    for key, instance in occurrences(depsgraph):
        place = wanted.get(key)
        if place is None:
            continue
        with surface_of(instance.object) as surface:
            if surface is not None and len(surface.vertices) == motion.meshes[place].vertices:
                positions[starts[place] : starts[place + 1]] = positions_of(surface) * np.float32(unit_scale)
    return positions


def triangles_of(motion: MotionFacts) -> NDArray[np.uint32]:
    """(M, 3) of all deforming meshes, corners as rows of :func:`positions_at`."""
    starts = np.cumsum([0, *(mesh.vertices for mesh in motion.meshes)])[:-1].astype(np.uint32)
    return np.concatenate([mesh.triangles + start for mesh, start in zip(motion.meshes, starts, strict=True)])


def occurrences(depsgraph: bpy.types.Depsgraph) -> Iterator[tuple[Key, bpy.types.DepsgraphObjectInstance]]:
    """Every visible piece of geometry: objects and instances. An instance is valid until the next one is asked for.

    Of a curve, a text or a metaball only the mesh that it becomes counts, which Blender lists as an instance of itself.
    """
    for instance in depsgraph.object_instances:
        if not (instance.show_self and instance.object.type in GEOMETRY):
            continue
        if instance.object.type in BECOMES_MESH and not instance.is_instance:
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
    return bool(thing.modifiers or keyed or thing.type in BECOMES_MESH or thing.particle_systems)


def _name(instance: bpy.types.DepsgraphObjectInstance) -> str:
    own = instance.object.original.name
    if not instance.is_instance or instance.parent.original == instance.object.original:
        return own
    return f"{instance.parent.original.name}/{own}"


def _bounds(thing: bpy.types.Object) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Lowest and highest corner of an object's own bounding box, in its own axes and units."""
    corners = np.array(thing.bound_box)
    return corners.min(0), corners.max(0)
