# SPDX-License-Identifier: GPL-3.0-or-later
"""A room of textured rectangles, drawn exactly by ray casting: depth everywhere, thin things, a thing that moves, sky.

Use :func:`room_shot` for a request with true pictures, or :class:`Room` to draw any other camera's view of it.
"""

from __future__ import annotations

import hashlib

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
    Motion,
    PlaneKind,
    PlaneSequence,
    Reference,
    ShotRequest,
    Track,
    TrackKind,
)

Matrix = NDArray[np.float64]
SUPERSAMPLING = 2


@define
class Rectangle:
    """``corner`` + a·``across`` + b·``up`` for a, b in 0 … 1; ``moves`` metres a second."""

    corner: Matrix
    across: Matrix
    up: Matrix
    texture: NDArray[np.uint8] = field(repr=False)
    moves: Matrix = field(factory=lambda: np.zeros(3))


@define
class Drawing:
    colour: NDArray[np.uint8] = field(repr=False)
    depth: NDArray[np.float32] = field(repr=False)
    index: NDArray[np.uint16] = field(repr=False)


def noise_texture(random: np.random.Generator, rows: int = 384, columns: int = 512) -> NDArray[np.uint8]:
    """Colourful noise at several scales."""
    total = random.uniform(70, 180, 3) + np.zeros((rows, columns, 3))
    for cells, weight in ((8, 22), (20, 18), (50, 16), (110, 12)):
        noise = random.normal(size=(cells * rows // columns, cells, 3))
        total += weight * cv2.resize(noise, (columns, rows), interpolation=cv2.INTER_CUBIC)
    return np.clip(total, 0, 255).astype(np.uint8)


class Room:
    """Back wall at y = 6, side walls at x = ±3.5, floor at z = 0, no ceiling; posts, boxes and a moving board in it."""

    def __init__(self, seed: int = 0, moving: bool = True):
        random = np.random.default_rng(seed)
        self.rectangles: list[Rectangle] = []

        def add(corner, across, up, moves=(0, 0, 0)):
            parts = [np.array(v, float) for v in (corner, across, up)]
            self.rectangles.append(Rectangle(*parts, noise_texture(random), np.array(moves, float)))

        add((-3.5, 6, 0), (7, 0, 0), (0, 0, 3.2))
        add((-3.5, -6, 0), (0, 12, 0), (0, 0, 3.2))
        add((3.5, 6, 0), (0, -12, 0), (0, 0, 3.2))
        add((-3.5, -6, 0), (7, 0, 0), (0, 12, 0))
        for _ in range(5):
            x, y = random.uniform(-2.4, 1.6), random.uniform(0.5, 4)
            width, height, deep = random.uniform(0.4, 1.0), random.uniform(0.4, 1.6), random.uniform(0.4, 0.8)
            add((x, y, 0), (width, 0, 0), (0, 0, height))
            add((x + width, y, 0), (0, deep, 0), (0, 0, height))
            add((x, y + deep, 0), (0, -deep, 0), (0, 0, height))
            add((x, y, height), (width, 0, 0), (0, deep, 0))
        for x in (-1.1, 1.3):
            add((x, 0.2, 0), (0.06, 0, 0), (0, 0, 2.6))
        if moving:
            add((-1.5, 2.0, 0.6), (0.8, 0, 0), (0, 0, 0.7), moves=(1.2, 0, 0.2))

    @classmethod
    def of(cls, *rectangles: Rectangle) -> Room:
        """A room of these alone, under the same sky."""
        room = cls.__new__(cls)
        room.rectangles = list(rectangles)
        return room

    def seen_from(self, eye: Matrix, points: Matrix, time_s: float = 0.0) -> NDArray[np.bool_]:
        """(P,) whether nothing stands between ``eye`` and each of the points (P, 3), exactly."""
        seen = np.ones(len(points), bool)
        way = points - eye
        for rectangle in self.rectangles:
            corner = rectangle.corner + rectangle.moves * time_s
            normal = np.cross(rectangle.across, rectangle.up)
            with np.errstate(divide="ignore", invalid="ignore"):
                share = ((corner - eye) @ normal) / (way @ normal)
                place = eye + share[:, None] * way - corner
                across, up = (place @ (e / (e @ e)) for e in (rectangle.across, rectangle.up))
                hit = (share > 0) & (share < 1 - 1e-4)
            seen &= ~(hit & (across >= 0) & (across <= 1) & (up >= 0) & (up <= 1))
        return seen

    def draw(self, c2w: Matrix, intrinsics: Matrix, width: int, height: int, time_s: float = 0.0) -> Drawing:
        """What ``paint`` and ``measure`` say."""
        view = c2w, intrinsics, width, height, time_s
        return Drawing(self.paint(*view), *self.measure(*view))

    def paint(self, c2w: Matrix, intrinsics: Matrix, width: int, height: int, time_s: float = 0.0) -> NDArray[np.uint8]:
        """(height, width, 3): colour filtered from 2 × 2 rays a pixel."""
        fine = self._cast(c2w, intrinsics, width, height, time_s, SUPERSAMPLING, coloured=True)[0]
        return np.round(cv2.resize(fine, (width, height), interpolation=cv2.INTER_AREA)).astype(np.uint8)

    def measure(
        self, c2w: Matrix, intrinsics: Matrix, width: int, height: int, time_s: float = 0.0
    ) -> tuple[NDArray[np.float32], NDArray[np.uint16]]:
        """Depth and index (height, width) from the ray through the pixel's centre."""
        return self._cast(c2w, intrinsics, width, height, time_s, 1, coloured=False)[1:]

    def _cast(self, c2w, intrinsics, width, height, time_s, over, coloured):
        size = (height * over, width * over)
        depth = np.full(size, np.inf, np.float32)
        index = np.zeros(size, np.uint16)
        turn = (c2w[:3, :3] @ np.linalg.inv(intrinsics)).astype(np.float32)
        colour = _sky(turn, *size, over) if coloured else None
        for rectangle in self.rectangles:
            corner = rectangle.corner + rectangle.moves * time_s
            left, top, right, bottom = _bounds(rectangle, corner, c2w, intrinsics, width, height)
            if left == right or top == bottom:
                continue
            part = slice(top * over, bottom * over), slice(left * over, right * over)
            u = (np.arange(left * over, right * over, dtype=np.float32) + 0.5) / over
            v = (np.arange(top * over, bottom * over, dtype=np.float32) + 0.5) / over

            def along(axis, u=u, v=v):
                """Dot product of every ray with a world axis."""
                by_u, by_v, one = axis.astype(np.float32) @ turn
                return np.add.outer(by_v * v + one, by_u * u)

            normal = np.cross(rectangle.across, rectangle.up)
            away = c2w[:3, 3] - corner
            across, up = (e / (e @ e) for e in (rectangle.across, rectangle.up))
            with np.errstate(divide="ignore", invalid="ignore"):
                distance = np.float32(-away @ normal) / along(normal)
                a = np.float32(away @ across) + distance * along(across)
                b = np.float32(away @ up) + distance * along(up)
                hit = (distance > 0.05) & (distance < depth[part]) & (a >= 0) & (a <= 1) & (b >= 0) & (b <= 1)
            depth[part][hit] = distance[hit]
            index[part][hit] = 1 if rectangle.moves.any() else 0
            if colour is None:
                continue
            rows, columns = rectangle.texture.shape[:2]
            map_x, map_y = np.where(hit, a * columns - 0.5, 0), np.where(hit, (1 - b) * rows - 0.5, 0)
            painted = cv2.remap(
                rectangle.texture, np.float32(map_x), np.float32(map_y), cv2.INTER_LINEAR, None, cv2.BORDER_REPLICATE
            )
            colour[part][hit] = painted[hit]
        return colour, depth, index


def _sky(turn, rows: int, columns: int, over: int) -> NDArray[np.float32]:
    """(rows, columns, 3): waves of some ten degrees, infinitely far away."""
    u, v = ((np.arange(count, dtype=np.float32) + 0.5) / over for count in (columns, rows))
    x, y, z = (np.add.outer(by_v * v + one, by_u * u) for by_u, by_v, one in turn)
    length = np.sqrt(x * x + y * y + z * z)
    x, z = x / length, z / length
    waves = np.sin(30 * x) * np.sin(26 * z) + np.sin(19 * x + 23 * z)
    return np.array((140, 170, 215), np.float32) + 14 * waves[..., None]


def _bounds(rectangle, corner, c2w, intrinsics, width, height):
    """Left, top, right, bottom of the pixels that a rectangle may cover."""
    corners = corner + np.array([a * rectangle.across + b * rectangle.up for a in (0, 1) for b in (0, 1)])
    seen = (corners - c2w[:3, 3]) @ c2w[:3, :3] @ intrinsics.T
    if (seen[:, 2] <= 0).all():
        return 0, 0, 0, 0
    if (seen[:, 2] < 0.05).any():
        return 0, 0, width, height
    pixels = seen[:, :2] / seen[:, 2:]
    low, high = np.floor(pixels.min(0)).astype(int), np.ceil(pixels.max(0)).astype(int)
    left, top = np.clip(low, 0, (width, height))
    right, bottom = np.clip(high, 0, (width, height))
    return int(left), int(top), int(right), int(bottom)


def look_at(eye, target, roll: float = 0.0) -> Matrix:
    """(4, 4) camera-to-world in a z-up world; ``roll`` in radians."""
    forward = np.array(target, float) - eye
    forward /= np.linalg.norm(forward)
    right = np.cross(forward, (0, 0, 1.0))
    right /= np.linalg.norm(right)
    down = np.cross(forward, right)
    c2w = np.eye(4)
    turn = np.array([[np.cos(roll), -np.sin(roll), 0], [np.sin(roll), np.cos(roll), 0], [0, 0, 1.0]])
    c2w[:3, :3] = np.stack([right, down, forward], 1) @ turn
    c2w[:3, 3] = eye
    return c2w


def pinhole(width: int, height: int, focal: float = 0.9) -> Matrix:
    """(3, 3) with a focal length of ``focal`` widths."""
    return np.array([[focal * width, 0, width / 2], [0, focal * width, height / 2], [0, 0, 1.0]])


def dolly(time: float) -> Matrix:
    """In and to the right with a turn, time 0 … 1."""
    return look_at((-1.2 + 1.8 * time, -4.0 + 1.6 * time, 1.5 + 0.3 * time), (0.2 * time, 4, 1.1), 0.05 * time)


@define
class RoomShot:
    """A request over a room, its blobs, and the true frames of its camera."""

    room: Room
    request: ShotRequest
    blobs: dict[BlobRef, bytes] = field(repr=False)
    truth: list[NDArray[np.uint8]] = field(repr=False)
    c2w: Matrix = field(repr=False)
    intrinsics: Matrix = field(repr=False)

    def open(self, folder) -> ShotData:
        """The shot as an engine gets it; blobs are written to ``folder``."""
        folder.mkdir(parents=True, exist_ok=True)
        for ref, data in self.blobs.items():
            (folder / ref.digest).write_bytes(data)
        return ShotData(self.request, lambda ref: folder / ref.digest)

    def along(self, path, frames: int | None = None) -> list[NDArray[np.uint8]]:
        """True frames of the same scene through another camera path (time 0 … 1 → c2w)."""
        count = frames or len(self.truth)
        size = self.request.width, self.request.height
        return [self.room.paint(path(i / max(count - 1, 1)), self.intrinsics[i], *size, i / 24) for i in range(count)]


def room_shot(
    frames: int = 13,
    width: int = 320,
    height: int = 180,
    *,
    path=dolly,
    zoom=lambda time: 0.9,
    references: tuple[float, ...] = (0,),
    moving: bool = True,
    seed: int = 0,
    margin: int = 0,
    plates: bool = False,
    fineness: int = 1,
    picture_scale: int = 1,
    room: Room | None = None,
) -> RoomShot:
    """A shot at 24 fps from scene frame 1 on.

    ``references`` are clip frames (they may lie between two), with ``fineness`` samples of depth along a pixel and
    pictures of ``picture_scale`` times the size; ``margin`` pixels are captured around the delivered size; ``plates``
    are the true frames.
    """
    room = room or Room(seed, moving)
    times = [i / max(frames - 1, 1) for i in range(frames)]
    c2w = np.array([path(t) for t in times])
    plain = np.array([pinhole(width, height, zoom(t)) for t in times])
    captured = plain.copy()
    captured[:, :2, 2] += margin
    blobs: dict[BlobRef, bytes] = {}

    def put(data: bytes) -> BlobRef:
        ref = BlobRef(hashlib.sha256(data).hexdigest(), len(data))
        blobs[ref] = data
        return ref

    def plane(samples: NDArray, dtype: str) -> BlobRef:
        return put(pack_plane(samples.tobytes(), dtype, samples.shape))

    large = width + 2 * margin, height + 2 * margin
    views = [room.draw(c2w[i], captured[i], *large, i / 24) for i in range(frames)]
    inner = slice(margin, margin + height), slice(margin, margin + width)
    truth = [np.ascontiguousarray(view.colour[inner]) for view in views]

    def board(i: float) -> Matrix:
        place = np.eye(4)[None].copy()
        place[0, :3, 3] = i / 24 * np.array((1.2, 0, 0.2))
        return place

    boards = np.array([board(i) for i in range(frames)])
    depths = tuple(plane(view.depth, "<f4") for view in views)
    indices = tuple(plane(view.index, "<u2") for view in views)

    def reference(i: float) -> Reference:
        time = i / max(frames - 1, 1)
        eye, lens = path(time), pinhole(width, height, zoom(time))
        sharp = np.diag([picture_scale, picture_scale, 1.0]) @ lens
        picture = room.paint(eye, sharp, picture_scale * width, picture_scale * height, i / 24)
        lens[:2, 2] += margin
        lens = np.diag([fineness, fineness, 1.0]) @ lens
        fine = fineness * large[0], fineness * large[1]
        depth, index = room.measure(eye, lens, *fine, i / 24)
        return Reference(
            name=f"frame {i:g}",
            scene_frame=1.0 + i,
            image=put(cv2.imencode(".png", cv2.cvtColor(picture, cv2.COLOR_RGB2BGR))[1].tobytes()),
            c2w=pack_array(eye),
            intrinsics=pack_array(lens),
            width=fine[0],
            height=fine[1],
            depth=plane(depth, "<f4"),
            index=plane(index, "<u2") if moving else None,
            matrices=pack_array(board(i)) if moving else None,
        )

    request = ShotRequest(
        shot_id="room",
        shot_name="Room",
        engine="projection",
        delivery=SceneRange(1, frames, Rate(24)),
        grid=FrameGrid(1, frames, Rate(24), Rate(24)),
        width=width,
        height=height,
        camera=CameraPath(pack_array(c2w), pack_array(captured)),
        depth=PlaneSequence(PlaneKind.DEPTH, *large, depths),
        colour=PlaneSequence(PlaneKind.COLOUR, *large, tuple(plane(view.colour, "|u1") for view in views))
        if plates
        else None,
        index=PlaneSequence(PlaneKind.INDEX, *large, indices) if moving else None,
        motion=Motion((Track("board", TrackKind.RIGID),), pack_array(boards)) if moving else None,
        references=tuple(reference(i) for i in references),
    )
    return RoomShot(room, request, blobs, truth, c2w, plain)
