# SPDX-License-Identifier: GPL-3.0-or-later
"""Which pixels show something that a reference saw: by casting rays in Blender, apart from every engine's own sums."""

from __future__ import annotations

import bpy
import numpy as np
from mathutils import Matrix, Vector

FAR_M = 1e5
NEAR_ENOUGH = 1e-3  # of the distance: a ray that meets the same surface lands closer than this
HALF_PIXEL = ((0.0, 0.0), (-0.5, -0.5), (0.5, -0.5), (-0.5, 0.5), (0.5, 0.5))


class _View:
    """The scene's camera at one frame. Pixels count from the top left; their centres are at +0.5."""

    def __init__(self, scene: bpy.types.Scene, frame: int):
        scene.frame_set(frame)
        self.scene, self.depsgraph = scene, bpy.context.evaluated_depsgraph_get()
        camera = scene.camera.evaluated_get(self.depsgraph)
        self.size = scene.render.resolution_x, scene.render.resolution_y
        self._to_clip = camera.calc_matrix_camera(self.depsgraph, x=self.size[0], y=self.size[1])
        self._from_clip = self._to_clip.inverted()
        self._world = camera.matrix_world.normalized()
        self.origin = self._world.translation

    def direction(self, x: float, y: float) -> Vector:
        """World direction, unit length, through a point of the picture in pixels."""
        clip = Vector((2.0 * x / self.size[0] - 1.0, 1.0 - 2.0 * y / self.size[1], 0.5, 1.0))
        there = self._from_clip @ clip
        return (self._world.to_3x3() @ Vector(there[:3]) / there[3]).normalized()

    def pixel(self, towards: Vector) -> tuple[float, float] | None:
        """Where a world direction from the camera meets the picture, in pixels; None outside of it."""
        clip = self._to_clip @ (self._world.to_3x3().inverted() @ towards).to_4d()
        if clip[3] <= 0.0:
            return None
        x = (clip[0] / clip[3] + 1.0) * 0.5 * self.size[0]
        y = (1.0 - clip[1] / clip[3]) * 0.5 * self.size[1]
        return (x, y) if 0.0 <= x < self.size[0] and 0.0 <= y < self.size[1] else None

    def cast(self, direction: Vector) -> tuple[Vector, str, Matrix] | None:
        """First surface: place, name of its object, and that object's matrix; None for the sky."""
        hit, place, _normal, _face, thing, matrix = self.scene.ray_cast(
            self.depsgraph, self.origin, direction, distance=FAR_M
        )
        return (place, thing.name, matrix.copy()) if hit else None

    def sees(self, point: Vector) -> bool:
        """Whether a ray from the camera, or one half a pixel beside it, meets the surface at ``point``."""
        towards = point - self.origin
        middle = self.pixel(towards)
        if middle is None:
            return False
        distance = towards.length
        pixel_m = distance * self.direction(*middle).angle(self.direction(middle[0] + 1.0, middle[1]))
        for dx, dy in HALF_PIXEL:
            met = self.cast(self.direction(middle[0] + dx, middle[1] + dy))
            allowed = NEAR_ENOUGH * distance + (2.0 * pixel_m if dx else 0.0)
            if met and (met[0] - point).length < allowed:
                return True
        return False

    def sees_sky(self, direction: Vector) -> bool:
        middle = self.pixel(direction)
        if middle is None:
            return False
        return any(self.cast(self.direction(middle[0] + dx, middle[1] + dy)) is None for dx, dy in HALF_PIXEL)


def samples(scene: bpy.types.Scene, frame: int, references: list[int], count: int) -> dict[str, list]:
    """``count`` random pixels (``x``, ``y``) of a frame, and whether any reference ``seen`` what each shows.

    A surface of a moving object is followed to where it is at the reference's frame. The frame is left changed.
    """
    rng = np.random.default_rng(frame)
    width, height = scene.render.resolution_x, scene.render.resolution_y
    pixels = np.stack([rng.integers(0, width, count), rng.integers(0, height, count)], axis=1)
    target = _View(scene, frame)
    directions = [target.direction(x + 0.5, y + 0.5) for x, y in pixels.tolist()]
    local = [_on_object(target.cast(direction)) for direction in directions]
    seen = [False] * count
    for reference in references:
        view = _View(scene, reference)
        for place in range(count):
            if not seen[place]:
                seen[place] = _seen(view, local[place], directions[place])
    return {"x": pixels[:, 0].tolist(), "y": pixels[:, 1].tolist(), "seen": seen}


def _on_object(hit: tuple[Vector, str, Matrix] | None) -> tuple[str, Vector] | None:
    """A surface point in its object's own coordinates."""
    return (hit[1], hit[2].inverted() @ hit[0]) if hit else None


def _seen(view: _View, point: tuple[str, Vector] | None, direction: Vector) -> bool:
    if point is None:
        return view.sees_sky(direction)
    matrix = view.scene.objects[point[0]].evaluated_get(view.depsgraph).matrix_world
    return view.sees(matrix @ point[1])
