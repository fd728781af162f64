# SPDX-License-Identifier: GPL-3.0-or-later
"""A room of textured rectangles, drawn exactly by casting rays: something to shoot that is the same everywhere."""

from __future__ import annotations

import cv2
import numpy as np
from attrs import field, frozen
from numpy.typing import NDArray

Matrix = NDArray[np.float64]
SEED = 7
FINER = 2  # rays along a pixel's side
NEAREST = 0.05  # metres


@frozen(eq=False)
class Rectangle:
    """``corner`` + a · ``across`` + b · ``up``, a and b from 0 to 1, metres in a z-up world."""

    corner: Matrix
    across: Matrix
    up: Matrix
    texture: NDArray[np.uint8] = field(repr=False)


def room() -> tuple[Rectangle, ...]:
    """Floor, three walls, and boxes of three sides each, so that there is parallax and something hides something."""
    random = np.random.default_rng(SEED)
    places = [
        ((-4, 6, 0), (8, 0, 0), (0, 0, 3.4)),
        ((-4, -7, 0), (0, 13, 0), (0, 0, 3.4)),
        ((4, 6, 0), (0, -13, 0), (0, 0, 3.4)),
        ((-4, -7, 0), (8, 0, 0), (0, 13, 0)),
    ]
    for _ in range(6):
        x, y = random.uniform(-2.8, 2.0), random.uniform(0.3, 4.2)
        wide, high, deep = random.uniform(0.4, 1.0), random.uniform(0.5, 1.7), random.uniform(0.4, 0.8)
        places += [
            ((x, y, 0), (wide, 0, 0), (0, 0, high)),
            ((x + wide, y, 0), (0, deep, 0), (0, 0, high)),
            ((x, y + deep, 0), (0, -deep, 0), (0, 0, high)),
            ((x, y, high), (wide, 0, 0), (0, deep, 0)),
        ]
    edges = [[np.array(v, float) for v in place] for place in places]
    return tuple(Rectangle(corner, across, up, _texture(random)) for corner, across, up in edges)


def draw(scene: tuple[Rectangle, ...], c2w: Matrix, intrinsics: Matrix, width: int, height: int):
    """(colour (H, W, 3) uint8, depth (H, W) float32 planar metres, +inf for nothing)."""
    fine = _cast(scene, c2w, intrinsics, width, height, FINER)[0]
    colour = cv2.resize(fine, (width, height), interpolation=cv2.INTER_AREA)
    depth = _cast(scene, c2w, intrinsics, width, height, 1)[1]
    return np.asarray(np.round(colour), np.uint8), depth


def _cast(scene, c2w: Matrix, intrinsics: Matrix, width: int, height: int, finer: int):
    x, y = np.meshgrid((np.arange(width * finer) + 0.5) / finer, (np.arange(height * finer) + 0.5) / finer)
    rays = np.stack([x, y, np.ones_like(x)], -1) @ (c2w[:3, :3] @ np.linalg.inv(intrinsics)).T
    depth = np.full(x.shape, np.inf, np.float32)
    colour = np.full((*x.shape, 3), (150, 175, 215), np.float32)
    for face in scene:
        normal = np.cross(face.across, face.up)
        away = face.corner - c2w[:3, 3]
        with np.errstate(divide="ignore", invalid="ignore"):
            distance = (away @ normal) / (rays @ normal)
            place = distance[..., None] * rays - away
            a, b = (place @ (edge / (edge @ edge)) for edge in (face.across, face.up))
            hit = (distance > NEAREST) & (distance < depth) & (a >= 0) & (a <= 1) & (b >= 0) & (b <= 1)
        rows, columns = face.texture.shape[:2]
        u, v = np.where(hit, a * columns - 0.5, 0), np.where(hit, (1 - b) * rows - 0.5, 0)
        u, v = np.asarray(u, np.float32), np.asarray(v, np.float32)
        painted = cv2.remap(face.texture, u, v, cv2.INTER_LINEAR, None, cv2.BORDER_REPLICATE)
        colour[hit], depth[hit] = painted[hit], distance[hit]
    return colour, depth


def _texture(random: np.random.Generator, rows: int = 320, columns: int = 480) -> NDArray[np.uint8]:
    total = random.uniform(70, 180, 3) + np.zeros((rows, columns, 3))
    for cells, weight in ((8, 22), (22, 18), (55, 15), (110, 11)):
        noise = random.normal(size=(cells * rows // columns, cells, 3))
        total += weight * cv2.resize(noise, (columns, rows), interpolation=cv2.INTER_CUBIC)
    return np.asarray(np.clip(total, 0, 255), np.uint8)
