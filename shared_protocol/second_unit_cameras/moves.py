# SPDX-License-Identifier: GPL-3.0-or-later
"""Camera moves as keys: where a camera stands, turns and zooms, from the pose that it has now.

Poses are Blender's: camera-to-world 4×4 in Blender units, the camera looks along its own -z with y up; the world's z
is up. Lens in millimetres.
"""

from __future__ import annotations

import math
from enum import StrEnum

import numpy as np
from attrs import frozen
from numpy.typing import NDArray

Matrix = NDArray[np.float64]

TURN_PER_KEY = math.radians(30.0)  # a key at least that often: between keys Blender turns about its own axes
ARC_PER_KEY = math.radians(7.5)  # on an arc the chord between two keys strays from it by 0.2 % of the radius
LENS_MM = (1.0, 5000.0)  # that Blender takes
CLOSEST = 0.98  # of the way to its subject, that a dolly zoom may go
UP = np.array([0.0, 0.0, 1.0])


class Move(StrEnum):
    PAN = "PAN"
    TILT = "TILT"
    ROLL = "ROLL"
    DOLLY = "DOLLY"
    TRUCK = "TRUCK"
    PEDESTAL = "PEDESTAL"
    ZOOM = "ZOOM"
    DOLLY_ZOOM = "DOLLY_ZOOM"
    ORBIT = "ORBIT"
    CRANE = "CRANE"
    HANDHELD = "HANDHELD"


class Ease(StrEnum):
    LINEAR = "LINEAR"
    IN_OUT = "IN_OUT"
    IN = "IN"
    OUT = "OUT"


ANGLES = frozenset({Move.PAN, Move.TILT, Move.ROLL, Move.ORBIT})  # their amount is an angle in radians
LENGTHS = frozenset({Move.DOLLY, Move.TRUCK, Move.PEDESTAL, Move.DOLLY_ZOOM, Move.CRANE})  # … a length in units
ABOUT_A_POINT = frozenset({Move.DOLLY_ZOOM, Move.ORBIT, Move.CRANE})  # they need the distance of what is looked at


@frozen(eq=False)
class Pose:
    """``matrix`` (4, 4) camera-to-world without scale, Blender's axes; ``lens_mm``."""

    matrix: Matrix
    lens_mm: float


@frozen(eq=False)
class Key:
    """A pose at ``time``, 0 … 1 of the move."""

    time: float
    pose: Pose


@frozen(eq=False)
class Path:
    """Keys, and which of the camera's properties they are for. With two keys Blender's own easing draws the curve;
    with more the easing is in the poses already."""

    keys: tuple[Key, ...]
    location: bool = False
    rotation: bool = False
    lens: bool = False


def eased(time: float, ease: Ease) -> float:
    """How far a move has got at ``time`` 0 … 1; the curves are Blender's sinusoidal easing."""
    if ease is Ease.IN_OUT:
        return 0.5 - 0.5 * math.cos(math.pi * time)
    if ease is Ease.IN:
        return 1.0 - math.cos(0.5 * math.pi * time)
    if ease is Ease.OUT:
        return math.sin(0.5 * math.pi * time)
    return time


def path(move: Move, start: Pose, amount: float, ease: Ease, distance: float = 5.0, frames: int = 0) -> Path:
    """The keys of a move from ``start``.

    ``amount``: radians for PAN (to the left), TILT (up), ROLL (clockwise as seen) and ORBIT (to the right around what
    is looked at); Blender units for DOLLY and DOLLY_ZOOM (forward), TRUCK (right), PEDESTAL and CRANE (up); for ZOOM
    the factor on the focal length. ``distance``: to what is looked at. ``frames``: how many the move takes, for keys on
    whole ones. Raises ValueError for an amount that cannot be.
    """
    if not math.isfinite(amount) or distance <= 0:
        raise ValueError("the amount and the distance must be finite, and the distance above zero")
    if move is Move.ZOOM:
        return _zoom(start, amount)
    if move is Move.DOLLY_ZOOM:
        return _dolly_zoom(start, amount, distance)
    if move in (Move.DOLLY, Move.TRUCK, Move.PEDESTAL):
        return Path(_two(start, _shifted(start, _direction(move, start.matrix) * amount)), location=True)
    if move in (Move.PAN, Move.TILT, Move.ROLL):
        return _turn(move, start, amount, ease, frames)
    if move is Move.ORBIT:
        return _orbit(start, amount, ease, distance, frames)
    if move is Move.CRANE:
        return _crane(start, amount, ease, distance, frames)
    raise ValueError(f"{move} is not made of keys")


def looking_at(place: Matrix, point: Matrix) -> Matrix:
    """(4, 4) of a level camera at ``place`` (3,) that looks at ``point`` (3,)."""
    back = place - point
    back = back / np.linalg.norm(back)
    right = np.cross(UP, back)
    if np.linalg.norm(right) < 1e-6:  # straight up or down: any level right will do
        right = np.array([1.0, 0.0, 0.0])
    right = right / np.linalg.norm(right)
    matrix = np.eye(4)
    matrix[:3, :3] = np.stack([right, np.cross(back, right), back], 1)
    matrix[:3, 3] = place
    return matrix


def turned(axis: Matrix, angle: float) -> Matrix:
    """(3, 3) right-handed rotation by ``angle`` radians about the unit ``axis`` (Rodrigues)."""
    x, y, z = axis
    skew = np.array([[0.0, -z, y], [z, 0.0, -x], [-y, x, 0.0]])
    return np.eye(3) + math.sin(angle) * skew + (1.0 - math.cos(angle)) * skew @ skew


def smoothed(points: Matrix, sigma: float) -> Matrix:
    """(F, N) series, each smoothed over time by a Gaussian of ``sigma`` frames; the ends stay where they are."""
    if sigma <= 0 or len(points) < 3:
        return points.copy()
    reach = min(int(3 * sigma) + 1, len(points) - 1)
    weights = np.exp(-0.5 * (np.arange(-reach, reach + 1) / sigma) ** 2)
    weights /= weights.sum()
    # Mirrored through the end points, so that neither end is pulled inwards.
    before = 2 * points[:1] - points[reach:0:-1]
    after = 2 * points[-1:] - points[-2 : -reach - 2 : -1]
    padded = np.concatenate([before, points, after])
    return np.stack([np.convolve(series, weights, "valid") for series in padded.T], 1)


def _two(start: Pose, end: Pose) -> tuple[Key, ...]:
    return (Key(0.0, start), Key(1.0, end))


def _direction(move: Move, matrix: Matrix) -> Matrix:
    if move is Move.DOLLY:
        return -matrix[:3, 2]
    return matrix[:3, 0] if move is Move.TRUCK else UP


def _shifted(pose: Pose, by: Matrix, lens_mm: float | None = None) -> Pose:
    matrix = pose.matrix.copy()
    matrix[:3, 3] += by
    return Pose(matrix, pose.lens_mm if lens_mm is None else lens_mm)


def _lens(millimetres: float) -> float:
    if not LENS_MM[0] <= millimetres <= LENS_MM[1]:
        raise ValueError(f"the lens would become {millimetres:.4g} mm")
    return millimetres


def _zoom(start: Pose, factor: float) -> Path:
    return Path(_two(start, Pose(start.matrix, _lens(start.lens_mm * factor))), lens=True)


def _dolly_zoom(start: Pose, amount: float, distance: float) -> Path:
    """What is looked at keeps its size: the focal length goes with its distance."""
    if amount >= CLOSEST * distance:
        raise ValueError(f"the camera would reach what it looks at, {distance:.4g} units away")
    lens = _lens(start.lens_mm * (distance - amount) / distance)
    end = _shifted(start, _direction(Move.DOLLY, start.matrix) * amount, lens)
    return Path(_two(start, end), location=True, lens=True)


def _turn(move: Move, start: Pose, angle: float, ease: Ease, frames: int) -> Path:
    def at(done: float) -> Pose:
        matrix = start.matrix.copy()
        axes = matrix[:3, :3]
        if move is Move.PAN:  # a levelled tripod head: about the world's up
            matrix[:3, :3] = turned(UP, done * angle) @ axes
        else:
            own = np.array([1.0, 0.0, 0.0]) if move is Move.TILT else np.array([0.0, 0.0, -1.0])
            matrix[:3, :3] = axes @ turned(own, done * angle)
        return Pose(matrix, start.lens_mm)

    return Path(_sampled(at, ease, abs(angle), TURN_PER_KEY, frames), rotation=True)


def _orbit(start: Pose, angle: float, ease: Ease, distance: float, frames: int) -> Path:
    pivot = start.matrix[:3, 3] - distance * start.matrix[:3, 2]

    def at(done: float) -> Pose:
        about = np.eye(4)
        about[:3, :3] = turned(UP, done * angle)
        about[:3, 3] = pivot - about[:3, :3] @ pivot
        return Pose(about @ start.matrix, start.lens_mm)

    return Path(_sampled(at, ease, abs(angle), ARC_PER_KEY, frames), location=True, rotation=True)


def _crane(start: Pose, amount: float, ease: Ease, distance: float, frames: int) -> Path:
    place = start.matrix[:3, 3]
    pivot = place - distance * start.matrix[:3, 2]
    if np.linalg.norm((place - pivot)[:2]) < 1e-3 * distance:
        raise ValueError("a crane needs a camera that does not look straight up or down")
    level = looking_at(place, pivot)[:3, :3].T @ start.matrix[:3, :3]  # keeps a roll that the camera has

    def at(done: float) -> Pose:
        matrix = looking_at(place + UP * (amount * done), pivot)
        matrix[:3, :3] = matrix[:3, :3] @ level
        return Pose(matrix, start.lens_mm)

    turn = abs(math.atan2(amount, distance))
    return Path(_sampled(at, ease, turn, ARC_PER_KEY, frames), location=True, rotation=True)


def _sampled(at, ease: Ease, angle: float, per_key: float, frames: int) -> tuple[Key, ...]:
    steps = max(1, math.ceil(angle / per_key - 1e-9))
    if steps == 1:
        return (Key(0.0, at(0.0)), Key(1.0, at(1.0)))
    if ease is not Ease.LINEAR:
        steps = max(steps, 8)  # the curve of the easing itself needs keys
    times = [step / steps for step in range(steps + 1)]
    if frames:
        times = sorted({round(time * frames) / frames for time in times})
    return tuple(Key(time, at(eased(time, ease))) for time in times)
