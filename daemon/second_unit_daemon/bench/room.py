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
SKY = (150, 175, 215)


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
    turn = c2w[:3, :3] @ np.linalg.inv(intrinsics)
    depth = np.full((height * finer, width * finer), np.inf, np.float32)
    colour = np.full((*depth.shape, 3), SKY, np.float32)
    for face in scene:
        left, top, right, bottom = (finer * n for n in _bounds(face, c2w, intrinsics, width, height))
        if left == right or top == bottom:
            continue
        part = slice(top, bottom), slice(left, right)
        x = (np.arange(left, right, dtype=np.float32) + 0.5) / finer
        y = (np.arange(top, bottom, dtype=np.float32) + 0.5) / finer
        normal = np.cross(face.across, face.up)
        away = face.corner - c2w[:3, 3]
        across, up = (edge / (edge @ edge) for edge in (face.across, face.up))
        with np.errstate(divide="ignore", invalid="ignore"):
            distance = np.float32(away @ normal) / _along(normal, turn, x, y)
            a = distance * _along(across, turn, x, y) - np.float32(away @ across)
            b = distance * _along(up, turn, x, y) - np.float32(away @ up)
            hit = (distance > NEAREST) & (distance < depth[part]) & (a >= 0) & (a <= 1) & (b >= 0) & (b <= 1)
        rows, columns = face.texture.shape[:2]
        u = np.where(hit, a * columns - 0.5, 0).astype(np.float32)
        v = np.where(hit, (1 - b) * rows - 0.5, 0).astype(np.float32)
        painted = cv2.remap(face.texture, u, v, cv2.INTER_LINEAR, None, cv2.BORDER_REPLICATE)
        colour[part][hit], depth[part][hit] = painted[hit], distance[hit]
    return colour, depth


def _along(axis: Matrix, turn: Matrix, x: NDArray[np.float32], y: NDArray[np.float32]) -> NDArray[np.float32]:
    """(H, W) how far each ray goes along an axis of the world, for a step of 1 along the camera's own."""
    by_x, by_y, one = (np.float32(n) for n in axis @ turn)
    return np.add.outer(by_y * y + one, by_x * x)


def _bounds(face: Rectangle, c2w: Matrix, intrinsics: Matrix, width: int, height: int) -> tuple[int, int, int, int]:
    """Left, top, right, bottom of the pixels that a face may cover; all of them where it reaches behind the camera."""
    corners = face.corner + np.array([a * face.across + b * face.up for a in (0, 1) for b in (0, 1)])
    seen = (corners - c2w[:3, 3]) @ c2w[:3, :3] @ intrinsics.T
    if (seen[:, 2] <= 0).all():
        return 0, 0, 0, 0
    if (seen[:, 2] < NEAREST).any():
        return 0, 0, width, height
    pixels = seen[:, :2] / seen[:, 2:]
    left, top = np.clip(np.floor(pixels.min(0)), 0, (width, height)).astype(int)
    right, bottom = np.clip(np.ceil(pixels.max(0)), 0, (width, height)).astype(int)
    return int(left), int(top), int(right), int(bottom)


def _texture(random: np.random.Generator, rows: int = 320, columns: int = 480) -> NDArray[np.uint8]:
    total = random.uniform(70, 180, 3) + np.zeros((rows, columns, 3))
    for cells, weight in ((8, 22), (22, 18), (55, 15), (110, 11)):
        noise = random.normal(size=(cells * rows // columns, cells, 3))
        total += weight * cv2.resize(noise, (columns, rows), interpolation=cv2.INTER_CUBIC)
    return np.asarray(np.clip(total, 0, 255), np.uint8)
