# SPDX-License-Identifier: GPL-3.0-or-later
"""Meshes built from patches: quads with UVs in metres and the light of sky and ground baked into every point."""

from __future__ import annotations

import bpy
import numpy as np
from mathutils.bvhtree import BVHTree

from .daylight import Daylight

LIGHT = "light"


class Patches:
    """Collects quads for one object. Points are metres; ``material`` is a name that ``build`` looks up.

    Quads are cut into cells for the light to be baked at; cells grow with the distance from ``focus``.
    """

    def __init__(self, focus: tuple[float, float, float] = (0.0, 2.0, 2.0)) -> None:
        self.focus = np.asarray(focus)
        self.points: list[np.ndarray] = []
        self.faces: list[np.ndarray] = []
        self.uvs: list[np.ndarray] = []
        self.normals: list[np.ndarray] = []
        self.materials: list[str] = []
        self.material_of: list[np.ndarray] = []
        self.count = 0

    def _slot(self, material: str) -> int:
        if material not in self.materials:
            self.materials.append(material)
        return self.materials.index(material)

    def grid(self, points: np.ndarray, uvs: np.ndarray, material: str, normals: np.ndarray) -> None:
        """Adds a (rows, columns) lattice: ``points`` and ``normals`` (rows, columns, 3), ``uvs`` (rows, columns, 2)."""
        rows, columns = points.shape[:2]
        number = np.arange(rows * columns).reshape(rows, columns)
        quads = np.stack([number[:-1, :-1], number[:-1, 1:], number[1:, 1:], number[1:, :-1]], -1).reshape(-1, 4)
        self.points.append(points.reshape(-1, 3))
        self.normals.append(normals.reshape(-1, 3))
        self.uvs.append(uvs.reshape(-1, 2))
        self.faces.append(quads + self.count)
        self.material_of.append(np.full(len(quads), self._slot(material)))
        self.count += rows * columns

    def quad(self, origin, along, up, material: str, tile: float = 1.0, cell: float = 0.4) -> None:
        """A rectangle spanned by two vectors; its normal is along × up. ``tile``: metres that the picture covers."""
        origin, along, up = (np.asarray(v, float) for v in (origin, along, up))
        wide, tall = np.linalg.norm(along), np.linalg.norm(up)
        cell *= max(1.0, float(np.linalg.norm(origin + 0.5 * (along + up) - self.focus)) / 12.0)
        s = np.linspace(0, 1, max(int(np.ceil(wide / cell)), 1) + 1)
        t = np.linspace(0, 1, max(int(np.ceil(tall / cell)), 1) + 1)
        points = origin + s[None, :, None] * along + t[:, None, None] * up
        shift = np.array([origin @ along / wide, origin @ up / tall])
        uvs = (np.stack(np.broadcast_arrays(s[None, :] * wide, t[:, None] * tall), -1) + shift) / tile
        normal = np.cross(along, up)
        self.grid(points, uvs, material, np.broadcast_to(normal / np.linalg.norm(normal), points.shape))

    def box(self, low, high, material: str, tile: float = 1.0, cell: float = 0.4, skip: str = "") -> None:
        """An axis-aligned box; ``skip`` names sides to leave out, as in "-z+y"."""
        (x0, y0, z0), (x1, y1, z1) = low, high
        dx, dy, dz = (x1 - x0, 0, 0), (0, y1 - y0, 0), (0, 0, z1 - z0)
        sides = {
            "-x": ((x0, y1, z0), (0, y0 - y1, 0), dz), "+x": ((x1, y0, z0), dy, dz),
            "-y": ((x0, y0, z0), dx, dz), "+y": ((x1, y1, z0), (x0 - x1, 0, 0), dz),
            "-z": ((x0, y1, z0), dx, (0, y0 - y1, 0)), "+z": ((x0, y0, z1), dx, dy),
        }  # fmt: skip
        for name, (origin, along, up) in sides.items():
            if name not in skip:
                self.quad(origin, along, up, material, tile, cell)

    def tube(self, path: list, radius: float, material: str, sides: int = 10, tile: float = 1.0) -> None:
        """A round bar along a polyline; ``radius`` may be a list, one per point."""
        path = np.asarray(path, float)
        radii = np.broadcast_to(np.asarray(radius, float), (len(path),))
        turn = np.linspace(0, 2 * np.pi, sides + 1)
        tangent = np.gradient(path, axis=0)
        tangent /= np.linalg.norm(tangent, axis=1, keepdims=True)
        helper = np.where(np.abs(tangent[:, 2:]) > 0.9, [[1.0, 0, 0]], [[0, 0, 1.0]])
        side = np.cross(tangent, helper)
        side /= np.linalg.norm(side, axis=1, keepdims=True)
        over = np.cross(side, tangent)
        normals = side[:, None] * np.cos(turn)[None, :, None] + over[:, None] * np.sin(turn)[None, :, None]
        points = path[:, None] + normals * radii[:, None, None]
        length = np.concatenate([[0], np.cumsum(np.linalg.norm(np.diff(path, axis=0), axis=1))])
        round_m = turn * radii.mean()
        uvs = np.stack(np.broadcast_arrays(round_m[None, :], length[:, None]), -1) / tile
        self.grid(points, uvs, material, normals)

    def arrays(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """(V, 3) points, (V, 3) normals, (P, 4) faces."""
        return np.concatenate(self.points), np.concatenate(self.normals), np.concatenate(self.faces)

    def build(
        self, name: str, materials: dict[str, bpy.types.Material], daylight: Daylight, occluders: BVHTree
    ) -> bpy.types.Object:
        """Makes the object (not linked to a scene), its UVs, and the light on it as a point attribute."""
        points, normals, faces = self.arrays()
        mesh = bpy.data.meshes.new(name)
        mesh.vertices.add(len(points))
        mesh.vertices.foreach_set("co", points.astype(np.float32).ravel())
        mesh.loops.add(faces.size)
        mesh.loops.foreach_set("vertex_index", faces.astype(np.int32).ravel())
        mesh.polygons.add(len(faces))
        mesh.polygons.foreach_set("loop_start", np.arange(0, faces.size, 4, dtype=np.int32))
        mesh.polygons.foreach_set("material_index", np.concatenate(self.material_of).astype(np.int32))
        mesh.polygons.foreach_set("use_smooth", np.ones(len(faces), bool))
        layer = mesh.uv_layers.new(name="UVMap")
        layer.data.foreach_set("uv", np.concatenate(self.uvs)[faces].astype(np.float32).ravel())
        light = mesh.attributes.new(LIGHT, "FLOAT_COLOR", "POINT")
        light.data.foreach_set("color", daylight.at(points, normals, occluders).astype(np.float32).ravel())
        for material in self.materials:
            mesh.materials.append(materials[material])
        mesh.update(calc_edges=True)
        return bpy.data.objects.new(name, mesh)


def occluders_of(parts: list[Patches]) -> BVHTree:
    """One search tree of all parts, for ``build``."""
    points, faces, start = [], [], 0
    for part in parts:
        own_points, _, own_faces = part.arrays()
        points.append(own_points)
        faces.append(own_faces + start)
        start += len(own_points)
    return BVHTree.FromPolygons(np.concatenate(points).tolist(), np.concatenate(faces).tolist())
