# SPDX-License-Identifier: GPL-3.0-or-later
"""What a shot itself says of its sound: where its moving things are for the camera, how fast the camera flies."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from attrs import field, frozen
from numpy.typing import NDArray

from .choose import choose

if TYPE_CHECKING:
    from ...conditioning.shot_data import ShotData

FAST_M_S = 6.0  # from here on a camera, or a thing that passes it, is heard as rushing air
NEAR_M = 6.0  # a thing that passes nearer than that whooshes
LEVEL_DB = -2.0


@frozen(eq=False)
class Placed:
    """A sound with a place: ``path_m`` (F, 3) in the camera's axes at each clip frame (x right, y down, z ahead)."""

    source: str
    path_m: NDArray[np.float64] = field(repr=False)
    level_db: float
    why: str
    name: str  # as words


@frozen(eq=False)
class Rush:
    """Air that rushes past: ``strength`` (F,) 0 … 1 at each clip frame."""

    strength: NDArray[np.float64] = field(repr=False)
    why: str


def placed_sounds(shot: ShotData) -> list[Placed]:
    """A sound for every moving thing whose name says what it is ("Car.001", "fire truck")."""
    motion = shot.request.motion
    found = []
    for number, track in enumerate(motion.tracks if motion else ()):
        name = _as_words(track.name)
        chosen = choose(name)
        if chosen:
            path_m = seen_from_camera(shot, number)
            found.append(Placed(chosen[0].source, path_m, LEVEL_DB, f"{track.name} moves", name))
    return found


def rushes(shot: ShotData) -> list[Rush]:
    """Rushing air where the camera is fast, or where something passes it fast and near."""
    rate = float(shot.request.grid.clip_rate)
    found = []
    camera = _speed(shot.c2w[:, :3, 3], rate)
    if camera.max() > FAST_M_S:
        found.append(Rush(_rising(camera / FAST_M_S), f"the camera flies at up to {camera.max():.0f} m/s"))
    motion = shot.request.motion
    for number, track in enumerate(motion.tracks if motion else ()):
        path = seen_from_camera(shot, number)
        speed, distance = _speed(path, rate), np.linalg.norm(path, axis=1)
        passing = np.where(distance < NEAR_M, speed / FAST_M_S, 0) * (NEAR_M / np.maximum(distance, 1.0)) / NEAR_M * 2
        if passing.max() > 1:
            found.append(Rush(_rising(passing), f"{track.name} passes at {distance.min():.1f} m"))
    return found


def seen_from_camera(shot: ShotData, number: int) -> NDArray[np.float64]:
    """(F, 3) origin of a moving thing in the camera's axes, metres."""
    world = shot.matrices[:, number, :3, 3] - shot.c2w[:, :3, 3]
    return np.einsum("fji,fj->fi", shot.c2w[:, :3, :3], world)


def _speed(path: NDArray[np.float64], rate: float) -> NDArray[np.float64]:
    """(F,) metres a second."""
    if len(path) < 2:
        return np.zeros(len(path))
    return np.linalg.norm(np.gradient(path, axis=0), axis=1) * rate


def _rising(value: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.clip((value - 0.6) / 1.6, 0, 1)


def _as_words(name: str) -> str:
    """ "Car.001" and "fire_truck" as words."""
    return "".join(c if c.isalpha() else " " for c in name)
