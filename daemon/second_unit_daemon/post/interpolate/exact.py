# SPDX-License-Identifier: GPL-3.0-or-later
"""Frames in between of our own shots: no motion is estimated, because depth, cameras and moving things are known."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np
from attrs import field, frozen
from numpy.typing import NDArray

from ...conditioning.cameras import Matrix, relative_view, scaled_intrinsics
from ...conditioning.projection.jit import kernel
from ...conditioning.projection.references import crop_of
from ...conditioning.shot_data import ShotData
from .flow import FlowBetween

if TYPE_CHECKING:
    from ..stream import Picture

FINER = 2  # samples along a pixel's side: surfaces end between pixels
GROWN = 0.02  # relative difference of depth at which a surface ends before another
SAME_SURFACE = 0.02  # relative difference of depth up to which two frames show the same surface


@frozen(eq=False)
class _Side:
    """A captured frame: inverse depth and what moves at every pixel, its slopes inside the surface."""

    frame: int
    inverse: NDArray[np.float32] = field(repr=False)
    slopes: NDArray[np.float32] = field(repr=False)  # (H, W, 2)
    index: NDArray[np.uint16] = field(repr=False)
    away: NDArray[np.float32] = field(repr=False)  # (H, W) pixels to the nearest edge of a surface


class ExactBetween:
    """For each new pixel the points of both neighbours that show its surface, to a fraction of a pixel.

    The depth of both frames is carried to the new time (nearest surface wins), then the place in the frame is refined
    on the surface's local plane. What deforms, or neither frame shows, is left to optical flow.
    """

    def __init__(self, shot: ShotData, frames: list[int]):
        """``frames``: clip frame of the shot that each frame of the stream shows."""
        self._shot, self._frames = shot, frames
        self._flow = FlowBetween()
        self._sides: dict[int, _Side] = {}
        planes = shot.request.depth
        assert planes is not None
        self._crop = crop_of(shot, planes.width, planes.height)

    def facts(self) -> dict[str, str]:
        return {"method": "exact", "estimator": "depth and motion of the shot"}

    def begin(self, index: int, before: Picture, after: Picture) -> None:
        self._at = index
        self._pictures = before, after
        self._flow_ready = False
        wanted = self._frames[index], self._frames[index + 1]
        self._sides = {frame: self._sides.get(frame) or self._side(frame) for frame in wanted}

    def at(self, time: float) -> Picture:
        first, second = (self._sides[frame] for frame in self._frames[self._at : self._at + 2])
        position = first.frame + time * (second.frame - first.frame)
        maps = [self._carried(side, position) for side in (first, second)]
        near = np.maximum(maps[0][2], maps[1][2])
        colours, weights = [], []
        for picture, side, (x, y, inverse), share in zip(
            self._pictures, (first, second), maps, (1 - time, time), strict=True
        ):
            colours.append(self._sampled(picture, x, y))
            shown = (inverse >= 0) & (inverse >= near * (1 - SAME_SURFACE) - 1e-6)
            weights.append(np.where(shown, share * self._clean(side, x, y, inverse), 0.0).astype(np.float32))
        total = weights[0] + weights[1]
        share = np.where(total > 0, weights[0] / np.maximum(total, 1e-6), 0)[..., None]
        known = (total > 0).astype(np.float32)
        mixed = (colours[0] * share + colours[1] * (1 - share)) * known[..., None]
        height, width = self._pictures[0].shape[:2]
        seen = cv2.resize(known, (width, height), interpolation=cv2.INTER_AREA)[..., None]
        mixed = cv2.resize(mixed, (width, height), interpolation=cv2.INTER_AREA)
        if (seen < 1).any():
            mixed = mixed + self._estimated(time) * (1 - seen)
        return np.round(mixed.clip(0, 255)).astype(np.uint8)

    def _clean(
        self, side: _Side, x: NDArray[np.float32], y: NDArray[np.float32], inverse: NDArray
    ) -> NDArray[np.float32]:
        """How far a place in a frame can be trusted: little beside the edge of a surface, whose colour is mixed in."""
        away = cv2.remap(side.away, x - 0.5, y - 0.5, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
        return np.clip(away - 1.0, 0.02, 1.0)

    def _estimated(self, time: float) -> Picture:
        if not self._flow_ready:
            self._flow.begin(0, *self._pictures)
            self._flow_ready = True
        return self._flow.at(time)

    def _sampled(self, picture: Picture, x: NDArray[np.float32], y: NDArray[np.float32]) -> NDArray[np.float32]:
        """The picture at places given in pixels of the capture, for the stream's own size."""
        left, top, width, height = self._crop
        scale_x, scale_y = picture.shape[1] / width, picture.shape[0] / height
        map_x, map_y = (x - left) * scale_x - 0.5, (y - top) * scale_y - 0.5
        source = picture.astype(np.float32)
        made = cv2.remap(source, map_x, map_y, cv2.INTER_LANCZOS4, borderMode=cv2.BORDER_REPLICATE)
        return np.asarray(made, np.float32)

    def _side(self, frame: int) -> _Side:
        depth = self._shot.depth(frame)
        assert depth is not None
        index = self._shot.index(frame)
        if index is None:
            index = np.zeros(depth.shape, np.uint16)
        inverse = np.ascontiguousarray(1 / depth, np.float32)
        slopes = np.zeros((*depth.shape, 2), np.float32)
        _slopes(inverse, index, slopes)
        inverse, slopes, index = _grown(inverse, slopes, index)
        return _Side(frame, inverse, slopes, index, _away_from_edges(inverse, slopes, index))

    def _carried(self, side: _Side, position: float) -> tuple[NDArray[np.float32], NDArray[np.float32], NDArray]:
        """(x, y, inverse depth) per pixel at clip ``position``: the place in ``side`` that shows it; −1 for none."""
        shot = self._shot
        c2w = _between(shot.c2w, position, rigid=True)
        left, top, width, height = self._crop
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
        size = FINER * height, FINER * width
        x, y = (np.zeros(size, np.float32) for _ in range(2))
        nearest = np.full(size, -1.0, np.float32)
        _carry(side.inverse, side.slopes, side.index, np.array(views), known, x, y, nearest)
        _gathered(x, y, nearest)
        return x, y, nearest


def _away_from_edges(inverse: NDArray, slopes: NDArray, index: NDArray) -> NDArray[np.float32]:
    """(H, W) distance in pixels to the nearest pixel whose neighbour lies on another surface."""
    edge = np.zeros(inverse.shape, np.uint8)
    for axis, slope in ((1, slopes[..., 0]), (0, slopes[..., 1])):
        ahead = np.roll(inverse, -1, axis)
        jump = np.abs(ahead - inverse - slope) > SAME_SURFACE * np.maximum(ahead, inverse) + 1e-6
        jump |= np.roll(index, -1, axis) != index
        jump[(slice(None), -1) if axis else (-1, slice(None))] = False
        edge |= jump.astype(np.uint8) | np.roll(jump, 1, axis)
    return cv2.distanceTransform(1 - edge, cv2.DIST_L2, 3)


def _between(values: Matrix, position: float, rigid: bool = False) -> Matrix:
    """Matrices (F, …) at a position between frames: a cubic through four neighbours (Catmull-Rom).

    ``rigid``: the rotation is made one again (the nearest in the sense of Frobenius).
    """
    last = len(values) - 1
    i = min(int(position), max(last - 1, 0))
    t = position - i
    p0, p1, p2, p3 = (values[min(max(i + k, 0), last)] for k in (-1, 0, 1, 2))
    if i == 0:
        p0 = 2 * p1 - p2
    if i + 2 > last:
        p3 = 2 * p2 - p1
    mixed = p1 + 0.5 * t * (p2 - p0 + t * (2 * p0 - 5 * p1 + 4 * p2 - p3 + t * (3 * (p1 - p2) + p3 - p0)))
    if rigid:
        u, _, v = np.linalg.svd(mixed[:3, :3])
        mixed[:3, :3] = u @ v
    return mixed


@kernel
def _slopes(inverse, index, slopes):  # pragma: no cover - compiled
    """Change of inverse depth per pixel along x and y, taken on the side that belongs to the same surface."""
    rows, columns = inverse.shape
    for y in range(rows):
        for x in range(columns):
            here = inverse[y, x]
            for axis in range(2):
                best, size = 0.0, 0.25 * here
                for step in (-1, 1):
                    u = x + step if axis == 0 else x
                    v = y if axis == 0 else y + step
                    if 0 <= u < columns and 0 <= v < rows and index[v, u] == index[y, x]:
                        slope = (inverse[v, u] - here) * step
                        if abs(slope) < size:
                            best, size = slope, abs(slope)
                slopes[y, x, axis] = best


@kernel
def _grown(inverse, slopes, index):  # pragma: no cover - compiled
    """Surfaces reach a pixel beyond their silhouette, over what is farther: there their colour is mixed in, and it is
    they that carry it along."""
    rows, columns = inverse.shape
    out, out_slopes, out_index = inverse.copy(), slopes.copy(), index.copy()
    for y in range(rows):
        for x in range(columns):
            for step in range(4):
                u = x + (1 if step == 0 else -1 if step == 1 else 0)
                v = y + (1 if step == 2 else -1 if step == 3 else 0)
                if not (0 <= u < columns and 0 <= v < rows):
                    continue
                reached = inverse[v, u] + slopes[v, u, 0] * (x - u) + slopes[v, u, 1] * (y - v)
                if reached > out[y, x] * (1 + GROWN) + 1e-6 and reached > inverse[y, x] * (1 + GROWN) + 1e-6:
                    out[y, x], out_index[y, x] = reached, index[v, u]
                    out_slopes[y, x, 0], out_slopes[y, x, 1] = slopes[v, u, 0], slopes[v, u, 1]
    return out, out_slopes, out_index


@kernel
def _carry(inverse, slopes, index, views, known, out_x, out_y, nearest):  # pragma: no cover - compiled
    """Splats every pixel as 4×4 samples of its surface; the nearest surface keeps each target sample."""
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
                if w / q <= nearest[ty, tx] * 1.0001:
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
