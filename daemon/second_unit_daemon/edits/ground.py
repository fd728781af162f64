# SPDX-License-Identifier: GPL-3.0-or-later
"""What is known of a scene at any time, before and after what was captured too: its camera, and what stands there."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise
from typing import Protocol

import cv2
import numpy as np
from attrs import field, frozen
from numpy.typing import NDArray
from second_unit_cameras import CameraTrack
from second_unit_protocol.shot import Reference, Track, TrackKind

from ..conditioning.pictures.resampling import between
from ..conditioning.projection.backdrop import close_gaps
from ..conditioning.projection.geometry import surfaces_of
from ..conditioning.projection.lifting import Source, lift
from ..conditioning.shot_data import ShotData

Matrix = NDArray[np.float64]
STEPS = 3  # of the path's end, over which its speed is taken
INWARD_S = 0.5  # how far inside what was captured the second view lies from which surfaces are taken
SAME_FRAME = 1e-6


@frozen(eq=False)
class View:
    """``intrinsics`` in pixels of ``depth`` (H, W) metres and ``index`` (H, W); ``matrices`` (N, 4, 4)."""

    c2w: Matrix = field(repr=False)
    intrinsics: Matrix = field(repr=False)
    matrices: Matrix = field(repr=False)
    depth: NDArray[np.float32] | None = field(default=None, repr=False)
    index: NDArray[np.uint16] | None = field(default=None, repr=False)


class Ground(Protocol):
    """``has_camera``: its camera means something; ``has_depth``: views come with depth."""

    @property
    def has_camera(self) -> bool: ...

    @property
    def has_depth(self) -> bool: ...

    @property
    def tracks(self) -> tuple[Track, ...]: ...

    @property
    def references(self) -> tuple[Reference, ...]: ...

    def view(self, time: Fraction, width: int, height: int) -> View:
        """At a scene frame, for planes of a size whose centre is the delivered picture."""
        ...


@frozen(eq=False)
class NoGround:
    """Nothing is known: the camera stands still at the origin."""

    has_camera = False
    has_depth = False
    tracks: tuple[Track, ...] = ()
    references: tuple[Reference, ...] = ()

    def view(self, time: Fraction, width: int, height: int) -> View:
        lens = np.array([[width, 0, width / 2], [0, width, height / 2], [0, 0, 1.0]])
        return View(np.eye(4), lens, np.zeros((0, 4, 4)))


class TakeGround:
    """A captured shot that goes on: its camera and what moves at the speed that they had, surfaces carried along.

    ``track``: another camera of the delivered picture, at the shot's clip rate from its first frame on.
    """

    has_camera = True

    def __init__(self, shot: ShotData, track: CameraTrack | None = None):
        self._shot = shot
        self._track = track
        self.has_depth = shot.request.depth is not None
        self.tracks = shot.tracks
        self.references = shot.request.references
        self._surfaces: dict[int, Source] = {}

    def view(self, time: Fraction, width: int, height: int) -> View:
        shot, grid = self._shot, self._shot.request.grid
        position = float(grid.clip_position(time))
        frame = round(position)
        exact = self._track is None and abs(position - frame) < SAME_FRAME and 0 <= frame < len(shot)
        if exact and shot.capture_size == (width, height):
            return View(
                shot.c2w[frame], shot.intrinsics[frame], shot.matrices[frame], shot.depth(frame), shot.index(frame)
            )
        c2w, lens = self._camera(position)
        own = self._camera_size
        lens = lens.copy()
        lens[0, 2] += (width - own[0]) / 2
        lens[1, 2] += (height - own[1]) / 2
        matrices = going_on(shot.matrices.transpose(1, 0, 2, 3), position) if len(self.tracks) else shot.matrices[0]
        if not self.has_depth:
            return View(c2w, lens, matrices)
        lifted = lift(self._sources(position, matrices), c2w, lens, width, height)
        close_gaps(lifted.inverse, lifted.index)
        with np.errstate(divide="ignore"):
            depth = np.asarray(1 / lifted.inverse, np.float32)
        return View(c2w, lens, matrices, depth, lifted.index if shot.request.index else None)

    @property
    def _camera_size(self) -> tuple[int, int]:
        """What the lens' pixels are of: another camera's the delivered picture, the shot's own its planes."""
        shot = self._shot
        own = shot.capture_size if self._track is None else None
        return own or (shot.request.width, shot.request.height)

    def _camera(self, position: float) -> tuple[Matrix, Matrix]:
        shot = self._shot
        if self._track is not None:
            found = between(self._track, np.array([position]), 24.0)
            return found.c2w[0], found.intrinsics[0]
        last = len(shot) - 1
        held = min(max(position, 0), last)
        near = round(held)
        lens = shot.intrinsics[near]
        if abs(held - near) < SAME_FRAME and held == position:
            return shot.c2w[near], lens
        return going_on(shot.c2w[None], position)[0], lens

    def _sources(self, position: float, matrices: Matrix) -> list[Source]:
        shot = self._shot
        last = len(shot) - 1
        near = min(max(round(position), 0), last)
        inward = round(INWARD_S * float(shot.request.grid.clip_rate))
        other = near - inward if near > last / 2 else near + inward
        return [self._source(frame, matrices) for frame in sorted({near, min(max(other, 0), last)})]

    def _source(self, frame: int, matrices: Matrix) -> Source:
        shot = self._shot
        if frame not in self._surfaces:
            if len(self._surfaces) > 4:
                self._surfaces.pop(next(iter(self._surfaces)))
            surfaces = surfaces_of(shot.needed_depth(frame), shot.index(frame))
            self._surfaces[frame] = Source(surfaces, shot.c2w[frame], shot.intrinsics[frame])
        known = self._surfaces[frame]
        moves = np.full((len(self.tracks), 4, 4), np.nan)
        for n, track in enumerate(self.tracks):
            if track.kind is TrackKind.RIGID:
                moves[n] = matrices[n] @ np.linalg.inv(shot.matrices[frame, n])
        return Source(known.surfaces, known.c2w, known.intrinsics, moves)


class CardGround:
    """A clip without a scene: its picture on a card, the camera going on as the picture has moved at that end.

    ``motion``: what takes a picture to the next one, as (shift x, shift y in widths, turn in radians, scale).
    """

    has_camera = True
    has_depth = True
    tracks: tuple[Track, ...] = ()
    references: tuple[Reference, ...] = ()
    DISTANCE_M = 10.0

    def __init__(self, motion: tuple[float, float, float, float], origin: Fraction, step: Fraction):
        self._motion, self._origin, self._step = motion, origin, step

    def view(self, time: Fraction, width: int, height: int) -> View:
        steps = float((time - self._origin) / self._step)
        x, y, turn, scale = self._motion
        distance = self.DISTANCE_M / scale**steps
        c2w = np.eye(4)
        c2w[:3, :3] = cv2.Rodrigues(np.array([0.0, 0.0, -turn * steps]))[0]
        middle = np.array([-x * steps, -y * steps, 0.0]) * self.DISTANCE_M  # a lens as long as the picture is wide
        c2w[:3, 3] = middle + np.array([0.0, 0.0, self.DISTANCE_M - distance])
        lens = np.array([[width, 0, width / 2], [0, width, height / 2], [0, 0, 1.0]])
        return View(c2w, lens, np.zeros((0, 4, 4)), np.full((height, width), distance, np.float32))


def picture_motion(pictures: list[NDArray[np.uint8]]) -> tuple[float, float, float, float]:
    """What takes a picture to the next one, on average: tracked corners, a similarity about the picture's middle."""
    found = [_similarity(a, b) for a, b in pairwise(pictures)]
    known = np.array([motion for motion in found if motion is not None] or [(0.0, 0.0, 0.0, 0.0)])
    x, y, turn, log_scale = np.median(known, axis=0)
    return float(x), float(y), float(turn), float(np.exp(log_scale))


def _similarity(a: NDArray[np.uint8], b: NDArray[np.uint8]) -> tuple[float, float, float, float] | None:
    grey = [np.asarray(cv2.cvtColor(p, cv2.COLOR_RGB2GRAY), np.uint8) for p in (a, b)]
    corners = cv2.goodFeaturesToTrack(grey[0], 400, 0.01, 5)
    if corners is None or len(corners) < 8:
        return None
    moved, there, _ = cv2.calcOpticalFlowPyrLK(grey[0], grey[1], corners, np.empty_like(corners))
    keep = there.ravel() == 1
    height, width = grey[0].shape
    middle = np.array([width / 2, height / 2], np.float32)
    if keep.sum() < 8:
        return None
    matrix, _ = cv2.estimateAffinePartial2D(corners[keep][:, 0] - middle, moved[keep][:, 0] - middle)
    if matrix is None:
        return None
    scale, turn = np.hypot(matrix[0, 0], matrix[1, 0]), np.arctan2(matrix[1, 0], matrix[0, 0])
    return matrix[0, 2] / width, matrix[1, 2] / width, turn, np.log(scale)


def going_on(poses: Matrix, position: float) -> Matrix:
    """(N, 4, 4) of N series (N, F, 4, 4) at a frame, between two of theirs or beyond their ends at the speed there.

    The speed is that of the last steps in the thing's own axes, so that an orbit goes on as an orbit.
    """
    last = poses.shape[1] - 1
    if last == 0:
        return poses[:, 0]
    if 0 <= position <= last:
        first = min(int(position), last - 1)
        return np.stack([_moved(p[first], _step(p[first], p[first + 1]), position - first) for p in poses])
    ahead = position > last
    out = []
    for series in poses:
        ordered = series if ahead else series[::-1]
        recent = ordered[-1 - min(STEPS, last) :]
        steps = np.mean([_step(a, b) for a, b in pairwise(recent)], axis=0)
        out.append(_moved(ordered[-1], steps, position - last if ahead else -position))
    return np.stack(out)


def _step(a: Matrix, b: Matrix) -> Matrix:
    """(6,) rotation vector and shift from ``a`` to ``b`` in the axes of ``a``."""
    relative = np.linalg.inv(a) @ b
    turn, _ = cv2.Rodrigues(relative[:3, :3])
    return np.concatenate([turn.ravel(), relative[:3, 3]]).astype(np.float64)


def _moved(pose: Matrix, step: Matrix, times: float) -> Matrix:
    whole = int(times)
    for share in (*[1.0] * whole, times - whole):
        change = np.eye(4)
        change[:3, :3] = cv2.Rodrigues(step[:3] * share)[0]
        change[:3, 3] = step[3:] * share
        pose = pose @ change
    return pose
