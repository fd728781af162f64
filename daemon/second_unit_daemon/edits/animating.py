# SPDX-License-Identifier: GPL-3.0-or-later
"""Clips without a scene: a still that a camera moves over, or words alone, with a camera path or without."""

from __future__ import annotations

import math
import re
from fractions import Fraction
from itertools import pairwise

import cv2
import numpy as np
from attrs import frozen
from numpy.typing import NDArray
from second_unit_cameras import CameraTrack, moves
from second_unit_cameras.moves import Ease, Move, Pose
from second_unit_protocol.errors import ErrorCode, SecondUnitError
from second_unit_protocol.grid import Rate, SceneRange
from second_unit_protocol.results import Input
from second_unit_protocol.shot import Lineage, Reference, SceneFacts, ShotRequest, Track

from ..conditioning.pictures.geometry import PictureDepth
from ..conditioning.pictures.pinned import PinnedPicture
from ..conditioning.pictures.resampling import between
from ..conditioning.pictures.shot import PictureShot, reframed
from ..conditioning.shot_data import pack_array
from ..engines import registry
from .asking import BUILT_IN, Frame, Parts, Wish, planned, request_of
from .gathered import Gathered
from .ground import Ground, NoGround, View

SENSOR_MM = 36.0
EYE_M = 1.6  # height of the camera over the ground of a clip without a scene
OPENCV = np.diag([1.0, -1.0, -1.0, 1.0])  # Blender's camera axes to OpenCV's, and back
DEFAULTS = {
    Move.PAN: 15.0, Move.TILT: 10.0, Move.ROLL: 10.0, Move.ORBIT: 15.0, Move.DOLLY: 0.2, Move.TRUCK: 0.15,
    Move.PEDESTAL: 0.1, Move.DOLLY_ZOOM: 0.25, Move.CRANE: 0.15, Move.ZOOM: 1.4,
}  # fmt: skip


@frozen
class Moving:
    """A camera move by name. ``amount``: degrees for turns, metres for ways, a factor for a zoom."""

    move: Move
    amount: float
    ease: Ease = Ease.IN_OUT


def move_of(words: str, distance_m: float) -> Moving:
    """``dolly``, ``dolly:1.5``, ``orbit:-20``, ``zoom:1.5:linear``; ways default to a share of the distance."""
    found = re.fullmatch(r"([a-z_-]+)(?::(-?[\d.]+))?(?::([a-z_]+))?", words.strip().lower())
    name = found[1].replace("-", "_").upper() if found else ""
    if not found or name not in Move.__members__ or Move[name] not in DEFAULTS:
        names = ", ".join(move.value.lower() for move in DEFAULTS)
        raise _refused(f"{words} is no camera move", f"Name one of {names}; an amount may follow: dolly:1.5, orbit:20")
    move, ease = Move[name], (found[3] or "in_out").upper()
    if ease not in Ease.__members__:
        raise _refused(f"{found[3]} is no ease", f"Choose one of {', '.join(e.value.lower() for e in Ease)}")
    amount = float(found[2]) if found[2] else DEFAULTS[move] * (distance_m if move in moves.LENGTHS else 1.0)
    return Moving(move, amount, Ease[ease])


def track_of(moving: Moving, frames: int, rate: Rate, size: tuple[int, int], fov: float, distance_m: float):
    """The move from a level camera at the origin that looks along +y. Raises SecondUnitError for one that cannot be."""
    lens = SENSOR_MM / 2 / math.tan(math.radians(fov) / 2)
    start = Pose(moves.looking_at(np.zeros(3), np.array([0.0, 1.0, 0.0])), lens)
    amount = math.radians(moving.amount) if moving.move in moves.ANGLES else moving.amount
    try:
        path = moves.path(moving.move, start, amount, moving.ease, distance_m)
    except ValueError as error:
        raise _refused(f"The move cannot be made: {error}", "Ask for a smaller one") from error
    times = np.linspace(0.0, 1.0, frames) if frames > 1 else np.zeros(1)
    eased = len(path.keys) == 2
    poses = [_at(path, moves.eased(t, moving.ease) if eased else t) for t in times]
    width, height = size
    focal = np.array([pose.lens_mm / SENSOR_MM * width for pose in poses])
    lenses = np.array([[[f, 0, width / 2], [0, f, height / 2], [0, 0, 1.0]] for f in focal])
    return CameraTrack.at_rate([pose.matrix @ OPENCV for pose in poses], lenses, width, height, float(rate))


def _at(path: moves.Path, time: float) -> Pose:
    """Between two keys: straight, the turn along the shortest arc."""
    a, b = next((pair for pair in pairwise(path.keys) if time <= pair[1].time + 1e-9), path.keys[-2:])
    share = (time - a.time) / (b.time - a.time)
    matrix = (1 - share) * a.pose.matrix + share * b.pose.matrix
    turn, _ = cv2.Rodrigues(a.pose.matrix[:3, :3].T @ b.pose.matrix[:3, :3])
    matrix[:3, :3] = a.pose.matrix[:3, :3] @ cv2.Rodrigues(turn * share)[0]
    return Pose(matrix, a.pose.lens_mm + share * (b.pose.lens_mm - a.pose.lens_mm))


def animate(
    picture: PinnedPicture, depth: PictureDepth, track: CameraTrack, wish: Wish, frame: Frame, stand_in: bool,
    blobs: Gathered, image: bytes, lineage: Lineage, asked: bool = True,
) -> ShotRequest:  # fmt: skip
    """A still, seen by a camera that moves. ``track`` covers the delivery at its rate; ``image`` is the picture's file.

    An engine that takes no camera gets the picture as that of the first frame, and moves as it likes; ``asked``: that
    is said, since the path was not merely the usual one.
    """
    rate = frame.delivery.rate
    shot = PictureShot(track, (picture,), depth, frame.width, frame.height, rate, frame.shot_name)
    ground = _StillGround(shot, frame, image, blobs, _follows(wish))
    facts = SceneFacts(camera="still" if asked or ground.has_camera else "", stand_in=stand_in)
    parts = Parts(references=ground.references, facts=facts, lineage=lineage)
    return request_of(wish, frame, ground, parts, planned(wish, frame, ground, parts), blobs)


def from_words(wish: Wish, track: CameraTrack | None, frame: Frame, blobs: Gathered, lineage: Lineage) -> ShotRequest:
    """Words alone. With a camera path its geometry is a level ground under the sky, for engines that follow depth."""
    if wish.engine in ("", BUILT_IN):
        raise SecondUnitError(
            ErrorCode.BAD_REQUEST,
            "The built-in engine does not read words",
            shot=frame.shot_name,
            remedy="Name a model that does: second-unit engines lists them",
        )
    ground: Ground = NoGround() if track is None else _LevelGround(track, frame)
    parts = Parts(facts=SceneFacts(camera="path" if track else "", stand_in=True), lineage=lineage)
    return request_of(wish, frame, ground, parts, planned(wish, frame, ground, parts), blobs)


def _follows(wish: Wish) -> bool:
    return Input.CAMERA in registry.create(wish.engine or BUILT_IN).info.takes


class _StillGround:
    """The shot of a still as a ground: its camera at any time, its depth lifted from the picture's."""

    tracks: tuple[Track, ...] = ()

    def __init__(self, shot: PictureShot, frame: Frame, image: bytes, blobs: Gathered, follows: bool):
        self._shot, self._frame = shot, frame
        self.has_camera = self.has_depth = follows
        self._data = shot.references[0]
        depth = self._data.depth if follows else None
        height, width = self._data.depth.shape if self._data.depth is not None else (frame.height, frame.width)
        self.references: tuple[Reference, ...] = (
            Reference(
                name=self._data.name,
                scene_frame=float(frame.delivery.first + self._data.clip_position),
                image=blobs.add(image),
                c2w=pack_array(self._data.c2w),
                intrinsics=pack_array(self._data.intrinsics),
                width=width,
                height=height,
                depth=None if depth is None else blobs.plane(depth),
            ),
        )

    def view(self, time: Fraction, width: int, height: int) -> View:
        position = np.array([float(time - self._frame.delivery.first)])
        track = between(self._shot.track, position, float(self._frame.delivery.rate))
        lens = _grown(reframed(track, self._frame.width, self._frame.height)[0], self._frame, width, height)
        if not self.has_depth:
            return View(track.c2w[0], lens, np.zeros((0, 4, 4)))
        depth = self._shot.seen_from(track.c2w[0], lens, width, height)
        return View(track.c2w[0], lens, np.zeros((0, 4, 4)), depth)


class _LevelGround:
    """A level plane ``EYE_M`` under where the path begins, and nothing above it."""

    has_camera = True
    has_depth = True
    tracks: tuple[Track, ...] = ()
    references: tuple[Reference, ...] = ()

    def __init__(self, track: CameraTrack, frame: Frame):
        self._track, self._frame = track, frame
        self._height_m = track.c2w[0, 2, 3] - EYE_M

    def view(self, time: Fraction, width: int, height: int) -> View:
        position = np.array([float(time - self._frame.delivery.first)])
        track = between(self._track, position, float(self._frame.delivery.rate))
        lens = _grown(reframed(track, self._frame.width, self._frame.height)[0], self._frame, width, height)
        return View(track.c2w[0], lens, np.zeros((0, 4, 4)), _plane(track.c2w[0], lens, width, height, self._height_m))


def _plane(c2w: NDArray, lens: NDArray, width: int, height: int, level: float) -> NDArray[np.float32]:
    """(H, W) planar metres to the plane z = ``level``, +inf above the horizon."""
    u, v = np.meshgrid(np.arange(width) + 0.5, np.arange(height) + 0.5)
    rays = np.stack([u, v, np.ones_like(u)], -1) @ np.linalg.inv(lens).T @ c2w[:3, :3].T
    with np.errstate(divide="ignore", invalid="ignore"):
        depth = (level - c2w[2, 3]) / rays[..., 2]
    return np.where((depth > 0) & np.isfinite(depth), depth, np.inf).astype(np.float32)


def _grown(lens: NDArray, frame: Frame, width: int, height: int) -> NDArray[np.float64]:
    """Intrinsics of the delivered picture for planes around it."""
    grown = np.array(lens, np.float64)
    grown[0, 2] += (width - frame.width) / 2
    grown[1, 2] += (height - frame.height) / 2
    return grown


def frame_of(name: str, frames: int, rate: Rate, place: int, size: tuple[int, int]) -> Frame:
    return Frame(f"clip-{name}", name, SceneRange(place, place + frames - 1, rate), *size)


def _refused(cause: str, remedy: str) -> SecondUnitError:
    return SecondUnitError(ErrorCode.BAD_REQUEST, cause, remedy=remedy)
