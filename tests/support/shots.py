# SPDX-License-Identifier: GPL-3.0-or-later
"""Small synthetic shots with everything a real capture brings: a textured wall, a camera that slides along it.

The wall is the plane y = 0, the camera looks along +y from ``distance`` metres before it, so every picture of it is
known exactly. An optional box floats halfway and moves sideways (track 1). Use :func:`wall_shot`.
"""

from __future__ import annotations

import hashlib
from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np
from attrs import define, field
from numpy.typing import NDArray
from second_unit_daemon.conditioning.shot_data import pack_array
from second_unit_protocol.grid import FrameGrid, Rate, SceneRange
from second_unit_protocol.planes import pack_plane
from second_unit_protocol.shot import (
    BlobRef,
    CameraPath,
    Motion,
    PlaneKind,
    PlaneSequence,
    Reference,
    ShotRequest,
    Track,
    TrackKind,
)

FACING = np.array([[1.0, 0, 0], [0, 0, 1], [0, -1, 0]])  # columns: right, down, forward, in a z-up world
BOX_SIDE_M = 0.6
DTYPES = {np.dtype(np.uint8): "|u1", np.dtype(np.uint16): "<u2", np.dtype(np.float32): "<f4"}


@define
class SyntheticShot:
    """A request, the bytes of every blob it names, and the true picture of every clip frame (H, W, 3)."""

    request: ShotRequest
    blobs: dict[BlobRef, bytes] = field(repr=False)
    truth: list[NDArray[np.uint8]] = field(repr=False)

    def write(self, folder: Path) -> dict[BlobRef, Path]:
        """Writes each blob to a file of its own, as a client uploads them."""
        folder.mkdir(parents=True, exist_ok=True)
        paths = {ref: folder / ref.digest for ref in self.blobs}
        for ref, path in paths.items():
            path.write_bytes(self.blobs[ref])
        return paths


class _Blobs(dict[BlobRef, bytes]):
    def add(self, data: bytes) -> BlobRef:
        ref = BlobRef(hashlib.sha256(data).hexdigest(), len(data))
        self[ref] = data
        return ref

    def plane(self, samples: NDArray) -> BlobRef:
        return self.add(pack_plane(samples.tobytes(), DTYPES[samples.dtype], samples.shape))


@define
class _View:
    colour: NDArray[np.uint8]
    depth: NDArray[np.float32]
    index: NDArray[np.uint16]


@define
class WallScene:
    """The scene itself: ``texture`` (h, w, 3) covers ``extent_m`` metres of wall around the origin."""

    width: int
    height: int
    texture: NDArray[np.uint8] = field(repr=False)
    extent_m: float = 8.0
    moving_box: bool = False

    @property
    def intrinsics(self) -> NDArray[np.float64]:
        """(3, 3): about 53 degrees across."""
        return np.array([[self.width, 0, self.width / 2], [0, self.width, self.height / 2], [0, 0, 1.0]])

    def camera(self, time: float) -> NDArray[np.float64]:
        """(4, 4) camera-to-world at ``time`` 0 … 1: slides right, rises a little and moves in."""
        c2w = np.eye(4)
        c2w[:3, :3] = FACING
        c2w[:3, 3] = (-0.5 + time, -4.0 + 0.6 * time, 0.1 * time)
        return c2w

    def box(self, time: float) -> NDArray[np.float64]:
        """(4, 4) object-to-world of the moving box's front."""
        placed = np.eye(4)
        placed[:3, 3] = (0.8 - 1.2 * time, -1.5, 0.0)
        return placed

    def view(self, time: float) -> _View:
        """Renders colour, planar depth and object index at ``time``."""
        eye = self.camera(time)[:3, 3]
        colour, depth, index = self._plane(eye, 0.0, np.zeros(3), self.extent_m, 0)
        if self.moving_box:
            place = self.box(time)[:3, 3]
            near = self._plane(eye, place[1], place, BOX_SIDE_M, 1)
            hit = near[2] > 0
            colour[hit], depth[hit], index[hit] = near[0][hit], near[1][hit], 1
        return _View(colour, depth, index)

    def _plane(self, eye, y: float, centre, extent: float, number: int):
        distance = y - eye[1]
        u, v = np.meshgrid(np.arange(self.width) + 0.5, np.arange(self.height) + 0.5)
        x = eye[0] + (u - self.width / 2) / self.width * distance - centre[0]
        z = eye[2] - (v - self.height / 2) / self.width * distance - centre[2]
        rows, columns = self.texture.shape[:2]
        map_x = ((x / self.extent_m + 0.5) * columns - 0.5).astype(np.float32)
        map_y = ((0.5 - z / self.extent_m) * rows - 0.5).astype(np.float32)
        colour = cv2.remap(self.texture, map_x, map_y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT)
        inside = (np.abs(x) < extent / 2) & (np.abs(z) < extent / 2)
        return colour, np.full(u.shape, distance, np.float32), np.where(inside, number, 0).astype(np.uint16)


def wall_texture(side: int = 1024, seed: int = 7) -> NDArray[np.uint8]:
    """Smooth noise at several scales: full of features, free of aliasing."""
    random = np.random.default_rng(seed)
    total = np.zeros((side, side, 3))
    for cells in (6, 14, 30, 60):
        noise = random.normal(size=(cells, cells, 3))
        total += cv2.resize(noise, (side, side), interpolation=cv2.INTER_CUBIC)
    return np.clip(128 + 38 * total, 0, 255).astype(np.uint8)


def wall_shot(
    frames: int = 8,
    width: int = 96,
    height: int = 64,
    *,
    rate: Rate | None = None,
    clip_rate: Rate | None = None,
    grid: FrameGrid | None = None,
    capture: tuple[int, int] | None = None,
    first: int = 1,
    engine: str = "projection",
    references: int = 2,
    moving_box: bool = False,
    colour: bool = True,
    name: str = "Wall",
    **fields,
) -> SyntheticShot:
    """A shot of ``frames`` scene frames from ``first`` on; ``fields`` are ShotRequest's (prompt, seed, options …).

    ``capture``: (width, height) of the planes where they are larger than the clip; ``truth`` has their size.
    """
    rate = rate or Rate(24)
    planes_width, planes_height = capture or (width, height)
    scene = WallScene(planes_width, planes_height, wall_texture(), moving_box=moving_box)
    delivery = SceneRange(first, first + frames - 1, rate)
    clip_rate = clip_rate or rate
    count = int((delivery.count - 1) * clip_rate.fraction / rate.fraction + Fraction(1, 2)) + 1
    grid = grid or FrameGrid(first, count, rate, clip_rate)
    count = grid.count
    span = max(frames - 1, 1)
    times = [float(grid.scene_frame(i) - first) / span for i in range(count)]
    blobs = _Blobs()
    views = [scene.view(t) for t in times]

    def planes(kind: PlaneKind, samples: list[NDArray]) -> PlaneSequence:
        return PlaneSequence(kind, scene.width, scene.height, tuple(blobs.plane(s) for s in samples))

    boxes = np.array([[scene.box(t)] for t in times])
    request = ShotRequest(
        shot_id=f"shot-{name.lower()}",
        shot_name=name,
        engine=engine,
        delivery=delivery,
        grid=grid,
        width=width,
        height=height,
        camera=CameraPath(
            pack_array(np.array([scene.camera(t) for t in times])), pack_array(np.array([scene.intrinsics] * count))
        ),
        depth=planes(PlaneKind.DEPTH, [v.depth for v in views]),
        colour=planes(PlaneKind.COLOUR, [v.colour for v in views]) if colour else None,
        index=planes(PlaneKind.INDEX, [v.index for v in views]) if moving_box else None,
        motion=Motion((Track("box", TrackKind.RIGID),), pack_array(boxes)) if moving_box else None,
        references=tuple(
            _reference(scene, blobs, first, span, n, references, (width, height)) for n in range(references)
        ),
        **fields,
    )
    return SyntheticShot(request, dict(blobs), [v.colour for v in views])


def _reference(
    scene: WallScene, blobs: _Blobs, first: int, span: int, number: int, count: int, size: tuple[int, int]
) -> Reference:
    offset = round(number * span / max(count - 1, 1)) if count > 1 else 0
    time = offset / span
    view = scene.view(time)
    left, top = (scene.width - size[0]) // 2, (scene.height - size[1]) // 2
    framed = np.ascontiguousarray(view.colour[top : top + size[1], left : left + size[0]])
    picture = cv2.imencode(".png", cv2.cvtColor(framed, cv2.COLOR_RGB2BGR))[1].tobytes()
    return Reference(
        name=f"ref {number + 1}",
        scene_frame=float(first + offset),
        image=blobs.add(picture),
        c2w=pack_array(scene.camera(time)),
        intrinsics=pack_array(scene.intrinsics),
        width=scene.width,
        height=scene.height,
        depth=blobs.plane(view.depth),
        index=blobs.plane(view.index) if scene.moving_box else None,
        matrices=pack_array(scene.box(time)[None]) if scene.moving_box else None,
    )
