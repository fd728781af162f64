# SPDX-License-Identifier: GPL-3.0-or-later
"""Daylight baked into points: a hard sun, and what sky and ground add where nothing is in the way."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from mathutils import Vector
from mathutils.bvhtree import BVHTree

REACH_M = 2.5  # how far away a surface may be to keep skylight off another
RAYS = 8
OFF_M = 0.02  # rays start this far off their own surface


class Daylight(NamedTuple):
    """Linear colours of light on a white surface; ``to_sun`` points at the sun."""

    to_sun: tuple[float, float, float]
    sun: tuple[float, float, float] = (1.20, 0.98, 0.70)
    sky: tuple[float, float, float] = (0.44, 0.54, 0.72)
    ground: tuple[float, float, float] = (0.34, 0.28, 0.22)

    def at(self, points: np.ndarray, normals: np.ndarray, occluders: BVHTree) -> np.ndarray:
        """(V, 4) light on each of the (V, 3) points."""
        to_sun = np.asarray(self.to_sun) / np.linalg.norm(self.to_sun)
        open_to, sunny = _exposure(points, normals, to_sun, occluders)
        lift = 0.5 + 0.5 * normals[:, 2:]
        ambient = (np.asarray(self.ground) * (1 - lift) + np.asarray(self.sky) * lift) * open_to[:, None]
        direct = np.asarray(self.sun) * (sunny * np.clip(normals @ to_sun, 0, None))[:, None]
        return np.concatenate([ambient + direct, np.ones((len(points), 1))], 1)


def _exposure(points, normals, to_sun, occluders: BVHTree) -> tuple[np.ndarray, np.ndarray]:
    """Per point: share of the sky that it is open to (nearer surfaces count more), and 1 where the sun reaches it."""
    cast = occluders.ray_cast
    sun = Vector(to_sun)
    open_to, sunny = np.ones(len(points)), np.zeros(len(points))
    fans: dict[tuple, list[Vector]] = {}
    toward = normals @ to_sun
    for i, (point, normal) in enumerate(zip(points.tolist(), normals.round(4).tolist(), strict=True)):
        fan = fans.get(tuple(normal))
        if fan is None:
            fan = fans[tuple(normal)] = _fan(Vector(normal))
        start = Vector(point) + fan[0] * OFF_M
        dark = 0.0
        for direction in fan[1:]:
            distance = cast(start, direction, REACH_M)[3]
            if distance is not None:
                dark += 1.0 - distance / REACH_M
        open_to[i] = 1.0 - dark / RAYS
        if toward[i] > 0 and cast(start, sun)[3] is None:
            sunny[i] = 1.0
    return open_to, sunny


def _fan(normal: Vector) -> list[Vector]:
    """The normal, then RAYS directions around it, spread by the golden angle and weighted by the cosine."""
    side = normal.orthogonal().normalized()
    over = normal.cross(side)
    turn = np.arange(RAYS) * 2.399963
    height = np.sqrt(1 - (np.arange(RAYS) + 0.5) / RAYS)
    wide = np.sqrt(1 - height**2)
    local = np.stack([wide * np.cos(turn), wide * np.sin(turn), height], -1).tolist()
    return [normal, *(side * x + over * y + normal * z for x, y, z in local)]
