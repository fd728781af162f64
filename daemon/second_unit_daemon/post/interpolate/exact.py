# SPDX-License-Identifier: GPL-3.0-or-later
"""Frames in between of our own shots: no motion is estimated, because depth, cameras and moving things are known."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np
from attrs import define, field, frozen
from numpy.typing import NDArray

from ...conditioning.cameras import Matrix, relative_view, scaled_intrinsics
from ...conditioning.projection.backdrop import close_gaps
from ...conditioning.projection.background import fill_from_background
from ...conditioning.projection.geometry import surfaces_of
from ...conditioning.projection.jit import kernel
from ...conditioning.projection.references import crop_of
from ...conditioning.shot_data import ShotData
from .flow import FlowBetween
from .silhouettes import SAME_SURFACE, Surfaces, Unmixed, looked_up, surfaces, unmixed

if TYPE_CHECKING:
    from ..stream import Picture

FINER = 2  # samples along a pixel's side: surfaces end between pixels
SAME_COLOUR, OTHER_COLOUR = 10, 40  # levels: behind a silhouette, what differs by less stays; by more, it is exchanged


@frozen(eq=False)
class _Side:
    """A captured frame: its surfaces, and how far each pixel is from where one ends."""

    frame: int
    surfaces: Surfaces = field(repr=False)
    away: NDArray[np.float32] = field(repr=False)  # (H, W) pixels to the nearest edge of a surface


@frozen(eq=False)
class _Carried:
    """Of each sample at the new time, where a frame shows it: pixels of the capture, inverse depth there (−1: nowhere),
    and the pixel whose surface was carried."""

    x: NDArray[np.float32] = field(repr=False)
    y: NDArray[np.float32] = field(repr=False)
    inverse: NDArray[np.float32] = field(repr=False)
    source: NDArray[np.int32] = field(repr=False)


@define(eq=False)
class _Part:
    """Three channels of the two frames that are held: their pictures, and these taken apart."""

    pictures: tuple[Picture, ...]
    views: tuple[Unmixed, ...]
    flow: FlowBetween | None = None


class ExactBetween:
    """For each new pixel the points of both neighbours that show its surface, to a fraction of a pixel.

    The depth of both frames is carried to the new time (nearest surface wins), then the place in the frame is refined
    on the surface's local plane. Silhouettes are taken apart first (silhouettes.py): what they hold of the near surface
    is laid over what is then behind it. What deforms, or neither frame shows, is left to optical flow.
    """

    def __init__(self, shot: ShotData, frames: list[int]):
        """``frames``: clip frame of the shot that each frame of the stream shows."""
        self._shot, self._frames = shot, frames
        self._sides: dict[int, _Side] = {}
        planes = shot.request.depth
        assert planes is not None
        self._crop = crop_of(shot, planes.width, planes.height)

    def facts(self) -> dict[str, str]:
        return {"method": "exact", "estimator": "depth and motion of the shot"}

    def begin(self, index: int, before: Picture, after: Picture) -> None:
        self._at = index
        wanted = self._frames[index], self._frames[index + 1]
        self._sides = {frame: self._sides.get(frame) or self._side(frame) for frame in wanted}
        pairs = [tuple(np.ascontiguousarray(picture[..., :3]) for picture in (before, after))]
        if before.shape[2] == 4:  # alpha as a grey picture
            pairs.append(tuple(np.repeat(picture[..., 3:], 3, axis=2) for picture in (before, after)))
        self._parts = [
            _Part(
                pair,
                tuple(
                    unmixed(self._sides[frame].surfaces, picture, self._crop)
                    for frame, picture in zip(wanted, pair, strict=True)
                ),
            )
            for pair in pairs
        ]

    def at(self, time: float) -> Picture:
        made = [self._made(part, time) for part in self._parts]
        return made[0] if len(made) == 1 else np.dstack((made[0], made[1][..., 1]))

    def _made(self, part: _Part, time: float) -> Picture:
        sides = [self._sides[frame] for frame in self._frames[self._at : self._at + 2]]
        position = sides[0].frame + time * (sides[1].frame - sides[0].frame)
        nearest = np.full([FINER * side for side in self._crop[:1:-1]], np.inf, np.float32)
        front, share, rest, known = self._layer(part, sides, position, time, nearest, of_front=True)
        below = np.where(known & (share < 1), nearest * (1 - 2 * SAME_SURFACE), -1).astype(np.float32)
        behind, _, more, beneath = self._layer(part, sides, position, time, below, of_front=False)
        change = np.where(beneath[..., None], (1 - share[..., None]) * (behind + more) - rest, 0)
        size = np.abs(change).max(axis=2) / np.maximum(1 - share, 0.1)
        change *= np.clip((size - SAME_COLOUR) / (OTHER_COLOUR - SAME_COLOUR), 0, 1)[..., None]
        mixed = front + rest + change
        mixed *= known[..., None]
        height, width = part.pictures[0].shape[:2]
        shown = cv2.resize(known.astype(np.float32), (width, height), interpolation=cv2.INTER_AREA)
        seen = np.asarray(shown, np.float32)[..., None]
        mixed = cv2.resize(mixed, (width, height), interpolation=cv2.INTER_AREA)
        if (seen < 1).any():
            mixed = mixed + self._unseen(part, mixed, seen, nearest, time) * (1 - seen)
        return np.round(mixed.clip(0, 255)).astype(np.uint8)

    def _layer(
        self, part: _Part, sides: list[_Side], position: float, time: float, limit: NDArray[np.float32], of_front: bool
    ) -> tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.float32], NDArray[np.bool_]]:
        """(colour times share, share, what was taken away, known) of the nearest surfaces beneath ``limit`` (1/m).

        ``limit`` becomes their inverse depth.
        """
        carried = [self._carried(side, position, limit, of_front) for side in sides]
        near = np.maximum(carried[0].inverse, carried[1].inverse)
        total = np.zeros(near.shape, np.float32)
        sums = np.zeros((*near.shape, 7), np.float32)
        for view, side, place, amount in zip(part.views, sides, carried, (1 - time, time), strict=True):
            shown = (place.inverse >= 0) & (place.inverse >= near * (1 - SAME_SURFACE) - 1e-6)
            weight = np.where(shown, amount * self._clean(side, place), 0.0).astype(np.float32)
            colour, share, rest = looked_up(view, side.surfaces, place.x, place.y, place.source, of_front)
            total += weight
            sums += weight[..., None] * np.concatenate((colour, share[..., None], rest), axis=2)
        sums /= np.maximum(total, 1e-6)[..., None]
        limit[:] = near
        return sums[..., :3], sums[..., 3], sums[..., 4:], total > 0

    def _clean(self, side: _Side, place: _Carried) -> NDArray[np.float32]:
        """How far a place in a frame can be trusted: little beside the edge of a surface, whose colour is mixed in."""
        away = cv2.remap(side.away, place.x - 0.5, place.y - 0.5, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
        return np.clip(away - 1.0, 0.02, 1.0)

    def _unseen(
        self,
        part: _Part,
        mixed: NDArray[np.float32],
        seen: NDArray[np.float32],
        nearest: NDArray[np.float32],
        time: float,
    ) -> Picture:
        """What neither frame shows: what lies behind goes on there. In shots with things that deform, which have no
        place in the depth that is carried, optical flow's picture."""
        if not self._shot.rigid.all():
            if part.flow is None:
                part.flow = FlowBetween()
                part.flow.begin(0, *part.pictures)
            return part.flow.at(time)
        height, width = mixed.shape[:2]
        inverse = np.array(cv2.resize(nearest, (width, height), interpolation=cv2.INTER_NEAREST), np.float32)
        index = np.zeros(inverse.shape, np.uint16)
        close_gaps(inverse, index)
        known = (seen[..., 0] >= 0.5).astype(np.uint8)
        made = np.round((mixed / np.maximum(seen, 1e-3)).clip(0, 255)).astype(np.uint8)
        with np.errstate(divide="ignore"):
            fill_from_background(made, known, surfaces_of(1 / inverse, index))
        return made

    def _side(self, frame: int) -> _Side:
        depth = self._shot.depth(frame)
        assert depth is not None
        found = surfaces(depth, self._shot.index(frame))
        return _Side(frame, found, np.asarray(cv2.distanceTransform(1 - found.mixed, cv2.DIST_L2, 3), np.float32))

    def _carried(self, side: _Side, position: float, limit: NDArray[np.float32], of_front: bool) -> _Carried:
        """What a frame shows of the nearest surfaces beneath ``limit`` (1/m, per sample) at clip ``position``."""
        shot = self._shot
        c2w = _between(shot.c2w, position, rigid=True)
        left, top = self._crop[:2]
        intrinsics = scaled_intrinsics(_between(shot.intrinsics, position), FINER, FINER, left, top)
        matrices = _between(shot.matrices, position) if shot.matrices.shape[1] else shot.matrices[0]
        views = []
        for track in range(shot.matrices.shape[1] + 1):
            move = None
            if track and shot.rigid[track - 1]:
                move = matrices[track - 1] @ np.linalg.inv(shot.matrices[side.frame, track - 1])
            homography, epipole = relative_view(
                shot.c2w[side.frame], shot.intrinsics[side.frame], c2w, intrinsics, move
            )
            views.append(np.column_stack((homography, epipole)))
        known = np.concatenate(([True], shot.rigid))
        x, y = (np.zeros(limit.shape, np.float32) for _ in range(2))
        nearest = np.full(limit.shape, -1.0, np.float32)
        source = np.full(limit.shape, -1, np.int32)
        found = side.surfaces
        planes = (
            (found.front, found.slopes, found.index) if of_front else (found.own, found.own_slopes, found.own_index)
        )
        _carry(*planes, np.array(views), known, limit, x, y, nearest, source)
        _gathered(x, y, nearest)
        return _Carried(x, y, nearest, source)


def _between(values: Matrix, position: float, rigid: bool = False) -> Matrix:
    """Matrices (F, …) at a position between frames: a cubic through four neighbours (Catmull-Rom).

    ``rigid``: the rotation is made one again (the nearest in the sense of Frobenius).
    """
    last = len(values) - 1
    i = min(int(position), max(last - 1, 0))
    t = position - i
    p0, p1, p2, p3 = (values[min(max(i + k, 0), last)] for k in (-1, 0, 1, 2))
    if i == 0:  # what would go before the first goes on as the three after it bend
        p0 = 3 * p1 - 3 * p2 + p3 if last > 1 else 2 * p1 - p2
    if i + 2 > last:
        p3 = 3 * p2 - 3 * p1 + p0 if last > 1 else 2 * p2 - p1
    mixed = p1 + 0.5 * t * (p2 - p0 + t * (2 * p0 - 5 * p1 + 4 * p2 - p3 + t * (3 * (p1 - p2) + p3 - p0)))
    if rigid:
        u, _, v = np.linalg.svd(mixed[:3, :3])
        mixed[:3, :3] = u @ v
    return mixed


@kernel
def _carry(inverse, slopes, index, views, known, limit, out_x, out_y, nearest, source):  # pragma: no cover - compiled
    """Splats every pixel as 4×4 samples of its surface; the nearest surface beneath the limit keeps each sample."""
    rows, columns = inverse.shape
    target_rows, target_columns = nearest.shape
    for y in range(rows):
        for x in range(columns):
            track = index[y, x]
            if track >= len(known) or not known[track]:
                continue
            view = views[track]
            sx, sy = slopes[y, x, 0], slopes[y, x, 1]
            for part in range(16):
                ox, oy = (part % 4) / 4 - 0.375, (part // 4) / 4 - 0.375
                px, py = x + 0.5 + ox, y + 0.5 + oy
                w = max(inverse[y, x] + sx * ox + sy * oy, 0.0)
                q = view[2, 0] * px + view[2, 1] * py + view[2, 2] + view[2, 3] * w
                if q <= 1e-6:
                    continue
                u = (view[0, 0] * px + view[0, 1] * py + view[0, 2] + view[0, 3] * w) / q
                v = (view[1, 0] * px + view[1, 1] * py + view[1, 2] + view[1, 3] * w) / q
                tx, ty = int(np.floor(u)), int(np.floor(v))
                if tx < 0 or ty < 0 or tx >= target_columns or ty >= target_rows:
                    continue
                if w / q <= nearest[ty, tx] * 1.0001 or w / q > limit[ty, tx]:
                    continue
                # From where it fell to the target pixel's centre, along the surface's own plane.
                for _ in range(3):
                    px += (tx + 0.5 - u) / FINER
                    py += (ty + 0.5 - v) / FINER
                    w = max(inverse[y, x] + sx * (px - x - 0.5) + sy * (py - y - 0.5), 0.0)
                    q = view[2, 0] * px + view[2, 1] * py + view[2, 2] + view[2, 3] * w
                    u = (view[0, 0] * px + view[0, 1] * py + view[0, 2] + view[0, 3] * w) / q
                    v = (view[1, 0] * px + view[1, 1] * py + view[1, 2] + view[1, 3] * w) / q
                out_x[ty, tx], out_y[ty, tx], nearest[ty, tx] = px, py, w / q
                source[ty, tx] = y * columns + x


@kernel
def _gathered(out_x, out_y, nearest):  # pragma: no cover - compiled
    """Samples of one pixel on one surface all look at the middle of where they do: the mean of four looked-up colours
    would be softer than the picture is."""
    rows, columns = nearest.shape
    for top in range(0, rows - FINER + 1, FINER):
        for left in range(0, columns - FINER + 1, FINER):
            x, y = 0.0, 0.0
            low, high = np.float32(1e30), np.float32(-1e30)
            low_x, high_x, low_y, high_y = 1e30, -1e30, 1e30, -1e30
            for v in range(top, top + FINER):
                for u in range(left, left + FINER):
                    low, high = min(low, nearest[v, u]), max(high, nearest[v, u])
                    low_x, high_x = min(low_x, out_x[v, u]), max(high_x, out_x[v, u])
                    low_y, high_y = min(low_y, out_y[v, u]), max(high_y, out_y[v, u])
                    x, y = x + out_x[v, u], y + out_y[v, u]
            one = low >= 0 and high - low <= SAME_SURFACE * high + 1e-6
            if one and high_x - low_x < 1.5 and high_y - low_y < 1.5:
                for v in range(top, top + FINER):
                    for u in range(left, left + FINER):
                        out_x[v, u], out_y[v, u] = x / (FINER * FINER), y / (FINER * FINER)
