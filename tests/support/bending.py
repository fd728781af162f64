# SPDX-License-Identifier: GPL-3.0-or-later
"""A sheet that bends before a wall, drawn by intersecting every ray with every triangle; nothing of the daemon is used.

:func:`bending_shot` gives the shot, true pictures, and where every visible surface point is at every time.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

import cv2
import numpy as np
from attrs import define, field
from numpy.typing import NDArray
from second_unit_daemon.conditioning.shot_data import ShotData, pack_array
from second_unit_protocol.grid import FrameGrid, Rate, SceneRange
from second_unit_protocol.planes import pack_plane
from second_unit_protocol.shot import (
    BlobRef,
    CameraPath,
    Deformation,
    Motion,
    PlaneKind,
    PlaneSequence,
    Reference,
    ShotRequest,
    Track,
    TrackKind,
)

from .room import look_at, noise_texture

SIDE = 10  # cells of the sheet
WALL_M = 8.0  # away along y


@define
class Drawn:
    depth: NDArray[np.float32] = field(repr=False)
    index: NDArray[np.uint16] = field(repr=False)
    colour: NDArray[np.uint8] = field(repr=False)
    triangle: NDArray[np.int64] = field(repr=False)  # (H, W), -1 where the wall is
    weights: NDArray[np.float64] = field(repr=False)  # (H, W, 3) of its corners


@define
class BendingShot:
    request: ShotRequest = field(repr=False)
    blobs: dict[BlobRef, bytes] = field(repr=False)
    drawn: list[Drawn] = field(repr=False)
    positions: list[NDArray[np.float32]] = field(repr=False)
    triangles: NDArray[np.uint32] = field(repr=False)

    def open(self, folder: Path) -> ShotData:
        folder.mkdir(parents=True, exist_ok=True)
        for ref, data in self.blobs.items():
            (folder / ref.digest).write_bytes(data)
        return ShotData(self.request, lambda ref: folder / ref.digest)

    def place(self, frame: int, other: int) -> NDArray[np.float64]:
        """(H, W, 2) where each pixel's surface point lies in the picture of clip frame ``other``."""
        seen, (c2w, intrinsics) = self.drawn[frame], self._camera(frame)
        points = _rays(c2w, intrinsics, seen.depth.shape) * seen.depth[..., None] + c2w[:3, 3]
        corners = self.positions[other][self.triangles].astype(float)
        moved = (corners[seen.triangle] * seen.weights[..., None]).sum(-2) + self._matrix(other)[:3, 3]
        points = np.where((seen.triangle >= 0)[..., None], moved, points)
        c2w, intrinsics = self._camera(other)
        local = (points - c2w[:3, 3]) @ c2w[:3, :3] @ intrinsics.T
        return local[..., :2] / local[..., 2:]

    def _camera(self, frame: int):
        path = self.request.camera
        return (np.frombuffer(a.data, a.dtype).reshape(a.shape)[frame] for a in (path.c2w, path.intrinsics))

    def _matrix(self, frame: int):
        matrices = self.request.motion.matrices
        return np.frombuffer(matrices.data, "<f8").reshape(matrices.shape)[frame, 0]


def bending_shot(count: int = 5, width: int = 160, height: int = 90, references: tuple[int, ...] = (0,)) -> BendingShot:
    """The camera moves, the sheet slides (its matrix) and curls (its vertices); references have the clip's geometry."""
    steps = np.linspace(-1, 1, SIDE + 1)
    flat = np.array([(x, z) for z in steps for x in steps])
    row = SIDE + 1
    cells = [(j * row + i, j * row + i + 1, (j + 1) * row + i) for j in range(SIDE) for i in range(SIDE)]
    triangles = np.array([t for a, b, c in cells for t in ((a, b, c), (b, c + 1, c))], np.uint32)
    textures = [noise_texture(np.random.default_rng(seed)) for seed in (3, 4)]
    focal = 1.1 * width
    intrinsics = np.array([[focal, 0, width / 2], [0, focal, height / 2], [0, 0, 1.0]])
    cameras, positions, matrices, drawn = [], [], [], []
    for frame in range(count):
        t = frame / 4
        cameras.append(look_at((-0.6 + 1.6 * t, -4, 0.3), (0, 0, 0)))
        curl = 0.9 * t * flat[:, 0] ** 2 + 0.3 * t * np.sin(2 * flat[:, 1])
        positions.append(np.stack([flat[:, 0] * (1 - 0.1 * t), curl, flat[:, 1]], -1).astype(np.float32))
        matrix = np.eye(4)
        matrix[:3, 3] = (0.2 * t, 0.1 * t, 0.15 * t)
        matrices.append(matrix[None])
        world = positions[-1][triangles].astype(float) + matrix[:3, 3]
        drawn.append(_draw(cameras[-1], intrinsics, (height, width), world, flat[triangles], textures))
    blobs: dict[BlobRef, bytes] = {}

    def add(content: bytes) -> BlobRef:
        ref = BlobRef(hashlib.sha256(content).hexdigest(), len(content))
        blobs[ref] = content
        return ref

    def plane(samples: NDArray, dtype: str) -> BlobRef:
        return add(pack_plane(np.ascontiguousarray(samples).tobytes(), dtype, samples.shape))

    def planes(kind: PlaneKind, dtype: str) -> PlaneSequence:
        return PlaneSequence(kind, width, height, tuple(plane(getattr(d, kind.value), dtype) for d in drawn))

    shapes = tuple(plane(p, "<f4") for p in positions)
    request = ShotRequest(
        shot_id="bending",
        shot_name="Bending",
        engine="projection",
        delivery=SceneRange(1, count, Rate(24)),
        grid=FrameGrid(1, count, Rate(24), Rate(24)),
        width=width,
        height=height,
        camera=CameraPath(pack_array(np.stack(cameras)), pack_array(np.stack([intrinsics] * count))),
        depth=planes(PlaneKind.DEPTH, "<f4"),
        index=planes(PlaneKind.INDEX, "<u2"),
        motion=Motion(
            (Track("sheet", TrackKind.DEFORMING, 0),),
            pack_array(np.stack(matrices)),
            Deformation(plane(triangles, "<u4"), (len(triangles),), shapes),
        ),
        references=tuple(
            Reference(
                name=f"frame {r}",
                scene_frame=1.0 + r,
                image=add(cv2.imencode(".png", drawn[r].colour[..., ::-1])[1].tobytes()),
                c2w=pack_array(cameras[r]),
                intrinsics=pack_array(intrinsics),
                width=width,
                height=height,
                depth=plane(drawn[r].depth, "<f4"),
                index=plane(drawn[r].index, "<u2"),
                matrices=pack_array(matrices[r]),
                positions=shapes[r],
            )
            for r in references
        ),
    )
    return BendingShot(request, blobs, drawn, positions, triangles)


def _rays(c2w, intrinsics, size) -> NDArray[np.float64]:
    """(H, W, 3) in the world, one metre long along the view axis."""
    height, width = size
    u, v = np.meshgrid(np.arange(width) + 0.5, np.arange(height) + 0.5)
    return np.stack([u, v, np.ones_like(u)], -1) @ np.linalg.inv(intrinsics).T @ c2w[:3, :3].T


def _draw(c2w, intrinsics, size, world, uv, textures) -> Drawn:
    """Möller and Trumbore (1997) for every pixel and triangle; a wall at y = WALL_M behind."""
    rays, eye = _rays(c2w, intrinsics, size), c2w[:3, 3]
    nearest = (WALL_M - eye[1]) / rays[..., 1]
    triangle, weights = np.full(size, -1), np.zeros((*size, 3))
    wall = rays * nearest[..., None] + eye
    colour = _texture(textures[0], 0.5 + wall[..., 0] / 16, 0.5 + wall[..., 2] / 16)
    for n, (a, b, c) in enumerate(world):
        p = np.cross(rays, c - a)
        scale = 1.0 / ((b - a) @ p[..., None])[..., 0]
        along = ((eye - a) @ p[..., None])[..., 0] * scale
        q = np.cross(eye - a, b - a)
        up, far = (rays @ q) * scale, (c - a) @ q * scale
        here = (along >= 0) & (up >= 0) & (along + up <= 1) & (far > 0) & (far < nearest)
        nearest = np.where(here, far, nearest)
        triangle[here] = n
        weights[here] = np.stack([1 - along - up, along, up], -1)[here]
    on = triangle >= 0
    place = (uv[triangle] * weights[..., None]).sum(-2)
    colour[on] = _texture(textures[1], 0.5 + place[..., 0] / 2.2, 0.5 + place[..., 1] / 2.2)[on]
    return Drawn(nearest.astype(np.float32), on.astype(np.uint16), colour, triangle, weights)


def _texture(texture, u, v) -> NDArray[np.uint8]:
    x, y = (u * texture.shape[1]).astype(np.float32), (v * texture.shape[0]).astype(np.float32)
    smooth = cv2.GaussianBlur(texture, (0, 0), 3.0)
    return np.asarray(cv2.remap(smooth, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT), np.uint8)
