# SPDX-License-Identifier: GPL-3.0-or-later
"""Evaluated surfaces: whether one is still what it was, its triangles, and where its vertices are."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from contextlib import contextmanager

import bpy
import numpy as np
from numpy.typing import NDArray

from ..protocol.late import frozen


@frozen
class Shape:
    """Checksums of a surface. ``topology`` is None where its points cannot be followed: hair, point clouds."""

    topology: int | None
    points: int
    vertices: int


class ShapeReader:
    """Reads shapes at one time; those that instances share are read once."""

    def __init__(self) -> None:
        self._shapes: dict[int, Shape] = {}
        self._triangles: dict[int, NDArray[np.uint32]] = {}

    def shape(self, thing: bpy.types.Object) -> Shape:
        """Of an evaluated object or instance."""
        key = _identity(thing)
        if key not in self._shapes:
            with surface_of(thing) as mesh:
                self._shapes[key] = _shape_of(mesh) if mesh is not None else _cloud(thing)
        return self._shapes[key]

    def triangles(self, thing: bpy.types.Object) -> NDArray[np.uint32]:
        """(M, 3) vertex numbers."""
        key = _identity(thing)
        if key not in self._triangles:
            with surface_of(thing) as mesh:
                self._triangles[key] = _triangles_of(mesh)
        return self._triangles[key]


@contextmanager
def surface_of(thing: bpy.types.Object) -> Iterator[bpy.types.Mesh | None]:
    """The evaluated mesh, which ends with the context; None for what has no surface."""
    if thing.type == "MESH":
        yield thing.data
        return
    try:
        mesh = thing.to_mesh()
    except RuntimeError:
        yield None
        return
    try:
        yield mesh
    finally:
        thing.to_mesh_clear()


def positions_of(mesh: bpy.types.Mesh) -> NDArray[np.float32]:
    """(V, 3) in the object's own axes and Blender units."""
    points = np.empty(3 * len(mesh.vertices), np.float32)
    mesh.vertices.foreach_get("co", points)
    return points.reshape(-1, 3)


def _identity(thing: bpy.types.Object) -> int:
    """Equal for two instances of one surface, for as long as the depsgraph stands still."""
    return (thing.data if thing.type == "MESH" else thing.original).as_pointer()


def _shape_of(mesh: bpy.types.Mesh) -> Shape:
    corners = np.empty(len(mesh.loops), np.int32)
    mesh.loops.foreach_get("vertex_index", corners)
    starts = np.empty(len(mesh.polygons), np.int32)
    mesh.polygons.foreach_get("loop_start", starts)
    topology = zlib.crc32(starts.tobytes(), zlib.crc32(corners.tobytes(), len(mesh.vertices)))
    return Shape(topology, zlib.crc32(positions_of(mesh).tobytes()), len(mesh.vertices))


def _cloud(thing: bpy.types.Object) -> Shape:
    """Of strands and points, as far as it can be told that they changed."""
    attributes = getattr(thing.data, "attributes", None)
    place = attributes.get("position") if attributes is not None else None
    if place is None:
        return Shape(None, 0, 0)
    points = np.empty(3 * len(place.data), np.float32)
    place.data.foreach_get("vector", points)
    return Shape(None, zlib.crc32(points.tobytes()), 0)


def _triangles_of(mesh: bpy.types.Mesh | None) -> NDArray[np.uint32]:
    if mesh is None:
        return np.zeros((0, 3), np.uint32)
    mesh.calc_loop_triangles()
    found = np.empty(3 * len(mesh.loop_triangles), np.int32)
    mesh.loop_triangles.foreach_get("vertices", found)
    return found.reshape(-1, 3).astype(np.uint32)
