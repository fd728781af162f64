# SPDX-License-Identifier: GPL-3.0-or-later
"""What a clip's parts hide, as its other frames show it: exactly with the shot's depth, else by tracked motion.

A part that moves, or a camera that moves around it, lets the clip see what is behind it sooner or later.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import cv2
import numpy as np
from attrs import field, frozen
from numpy.typing import NDArray

from .flow import flow_of_cameras
from .projection.backdrop import close_gaps
from .shot_data import ShotData
from .source_clip import SourceStream

Picture = NDArray[np.uint8]
KEPT = 9  # frames of the clip that are held, evenly over its length
RIM_PX = 3  # around a part, which has its mixed colours
SAME_DEPTH = 0.03  # relative: what is farther off in the other frame is another surface
UNLIKE = 24.0  # levels: a frame whose picture differs so much around the hole does not fit it
ACROSS = 480  # pixels, for tracking
LEAST_TRACKS = 12


@frozen(eq=False)
class _Frame:
    """One that is held: its picture (H, W, 3), and where parts are in it (H, W)."""

    number: int
    picture: Picture = field(repr=False)
    parts: NDArray[np.bool_] = field(repr=False)


class Behind:
    """``bring`` takes a delivered picture to the size of the planes. Reads the clip once, when first asked."""

    def __init__(self, shot: ShotData, bring: Callable[[Picture], Picture] = lambda picture: picture):
        self._shot, self._bring = shot, bring
        self._kept: list[_Frame] | None = None
        self._ways = np.zeros((0, 3, 3))  # from the first frame's picture to each one's

    def fill(self, frame: int, image: Picture, known: Picture) -> None:
        """Writes into ``image`` (H, W, 3) what other frames show where ``known`` (H, W) is 0, and 255 there."""
        for other in sorted(self._frames(), key=lambda kept: abs(kept.number - frame)):
            if known.all():
                return
            if other.number != frame:
                self._fill_from(other, frame, image, known)

    def _fill_from(self, other: _Frame, frame: int, image: Picture, known: Picture) -> None:
        place, there = self._place(frame, other.number, known)
        if place is None:
            return
        x, y = place[..., 0], place[..., 1]
        height, width = known.shape
        inside = there & (x >= 0) & (y >= 0) & (x <= width - 1) & (y <= height - 1)
        taken = cv2.remap(other.parts.astype(np.uint8), x, y, cv2.INTER_NEAREST, borderMode=cv2.BORDER_REPLICATE) > 0
        seen = inside & ~taken
        found = (known == 0) & seen
        if not found.any():
            return
        colours = np.asarray(cv2.remap(other.picture, x, y, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE), np.uint8)
        around = np.asarray(cv2.dilate((known == 0).astype(np.uint8), np.ones((9, 9), np.uint8)), np.uint8) > 0
        rim = around & (known > 0) & seen & ~self._parts(frame)
        if rim.any():
            apart = image[rim].astype(np.float32) - colours[rim]
            if np.abs(apart - np.median(apart, 0)).mean() > UNLIKE:
                return
            colours = np.clip(np.rint(colours + np.median(apart, 0)), 0, 255).astype(np.uint8)
        image[found], known[found] = colours[found], 255

    # --- where what is behind lies in another frame

    def _place(self, frame: int, other: int, known: Picture) -> tuple[NDArray[np.float32] | None, NDArray[np.bool_]]:
        """(H, W, 2) pixels in the other frame's picture, and where that is to be believed."""
        y, x = np.indices(known.shape, np.float32)
        here = np.dstack([x, y])
        depth, depth_there = self._shot.depth(frame), self._shot.depth(other)
        if depth is None or depth_there is None or depth.shape != known.shape:
            way = self._ways[other] @ np.linalg.inv(self._ways[frame])
            there = np.asarray(cv2.perspectiveTransform(here.reshape(-1, 1, 2), way), np.float32)
            return there.reshape(here.shape), known >= 0
        with np.errstate(divide="ignore"):
            inverse = (1 / depth).astype(np.float32)
        inverse[known == 0] = -1
        index = np.zeros(depth.shape, np.uint16)
        close_gaps(inverse, index)
        with np.errstate(divide="ignore"):
            behind = (1 / inverse).astype(np.float32)
        shot = self._shot
        cameras = [(shot.c2w[f], shot.intrinsics[f]) for f in (frame, other)]
        found = flow_of_cameras(behind, cameras[0], cameras[1])
        place = np.asarray(here + found.vectors, np.float32)
        at = cv2.remap(depth_there, place[..., 0], place[..., 1], cv2.INTER_NEAREST, borderMode=cv2.BORDER_REPLICATE)
        moves = shot.index(other)
        still = np.ones(at.shape, np.bool_)
        if moves is not None:
            still = cv2.remap(moves, place[..., 0], place[..., 1], cv2.INTER_NEAREST) == 0
        with np.errstate(invalid="ignore"):
            same = (at == found.depth_m) | (np.abs(at - found.depth_m) <= SAME_DEPTH * found.depth_m)
        return place, found.valid & still & same

    # --- the clip, read once

    def _frames(self) -> list[_Frame]:
        if self._kept is None:
            last = len(self._shot) - 1
            wanted = {round(n * last / (KEPT - 1)) for n in range(KEPT)}
            self._kept, ways = [], []
            for number, picture, way in self._tracked():
                ways.append(way)
                if number in wanted:
                    self._kept.append(_Frame(number, picture, self._parts(number)))
            self._ways = np.array(ways)
        return self._kept

    def _tracked(self) -> Iterator[tuple[int, Picture, NDArray[np.float64]]]:
        stream, before, way = SourceStream(self._shot), None, np.eye(3)
        for number in range(len(self._shot)):
            picture = stream.at(number)
            if picture is None:
                return
            picture = self._bring(picture)
            if self._shot.request.depth is None:
                small = _small(picture)
                free = np.asarray(cv2.resize(self._parts(number).astype(np.uint8), small.shape[::-1]), np.uint8) == 0
                if before is not None:
                    scale = np.diag([small.shape[1] / picture.shape[1], small.shape[0] / picture.shape[0], 1.0])
                    way = np.linalg.inv(scale) @ _way(*before, small) @ scale @ way
                before = small, free
            yield number, picture, way

    def _parts(self, frame: int) -> NDArray[np.bool_]:
        """(H, W) where any of the parts is seen, with its rim."""
        masks = [self._shot.part(number, frame) for number in range(len(self._shot.request.moving))]
        disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * RIM_PX + 1, 2 * RIM_PX + 1))
        return np.asarray(cv2.dilate((np.max(masks, axis=0) > 0).astype(np.uint8), disc), np.uint8) > 0


def _small(picture: Picture) -> Picture:
    height, width = picture.shape[:2]
    share = min(1.0, ACROSS / width)
    size = (max(round(width * share), 1), max(round(height * share), 1))
    return np.asarray(
        cv2.cvtColor(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), cv2.COLOR_RGB2GRAY), np.uint8
    )


def _way(before: Picture, free: NDArray[np.bool_], now: Picture) -> NDArray[np.float64]:
    """(3, 3) that takes the background of one grey picture to the next; untracked, it stands still."""
    corners = cv2.goodFeaturesToTrack(before, 400, 0.01, 5, mask=free.astype(np.uint8))
    if corners is None or len(corners) < LEAST_TRACKS:
        return np.eye(3)
    moved, there, _ = cv2.calcOpticalFlowPyrLK(before, now, corners, np.empty_like(corners))
    keep = there.ravel() == 1
    if keep.sum() < LEAST_TRACKS:
        return np.eye(3)
    found, _ = cv2.findHomography(corners[keep], moved[keep], cv2.RANSAC, 1.0)
    return np.eye(3) if found is None else np.asarray(found, np.float64)
