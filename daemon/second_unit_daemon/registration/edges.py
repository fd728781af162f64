# SPDX-License-Identifier: GPL-3.0-or-later
"""Edges that a picture should have laid over its own: at which shift and scale they meet, if at any.

Those of the scene's colour plate, where there is one of the same moment, else those of depth. An edge is its strength
and its direction, with what is light and what is dark left open: paint may turn that round. A texture's edges run in
all directions, so by chance they cancel out where the edges of a place that is right add up.
"""

from __future__ import annotations

from collections.abc import Iterator

import cv2
import numpy as np
from attrs import frozen
from numpy.typing import NDArray

from ..conditioning.shot_data import ReferenceData, ShotData
from .canvas import canvas_of
from .found import Found

WIDTH = 384
REACH = 0.16  # of the width: shifts that are looked at
SCALES = tuple(np.exp(np.arange(-9, 10) * 0.03))  # 0.76 … 1.31
CREASE = 0.15  # relative second difference of inverse depth that counts as an edge
LEAST_EDGES, MOST_EDGES = 0.004, 0.35  # of the pixels
SOFT_PX = 1.2
STROKE_PX = 2.0  # over which a direction of edges is one
NEAR = 0.012  # of the width: places this near are one, at this size
LEAST = 0.12  # correlation of the best place beyond what is usual for its scale
LONE = 1.25  # times that of the next best that lies elsewhere: edges of another picture meet as well in many places
ELSEWHERE = 0.03  # of the width, from the best
CLEARLY = 0.25  # of the strongest edge: where edges are, to tell how far they are off
HERE = 0.8  # of the best place's score: then it is where it should be
SAME_TIME = 1e-3

Plane = NDArray[np.float32]
Field = NDArray[np.float32]  # (h, w, 2): strength times cosine and sine of twice the direction


@frozen(eq=False)
class _Place:
    """Where edges meet best: ``scale`` about the middle, then ``shift`` (x, y) pixels."""

    scale: float
    shift: NDArray[np.float64]


def by_edges(shot: ShotData, reference: ReferenceData) -> Found | None:
    """None where no place stands out, or there are too few edges to tell."""
    canvas = canvas_of(shot, reference, WIDTH)
    size = canvas.picture.shape[1], canvas.picture.shape[0]
    seen = field_of(canvas.grey) * (canvas.mask > 0)[..., None]
    for wanted in _templates(shot, reference, size):
        place = _best([_scores(wanted, seen, scale) for scale in SCALES], size[0])
        if place is not None:
            return _found(place, wanted, canvas.scale)
    return None


def _templates(shot: ShotData, reference: ReferenceData, size: tuple[int, int]) -> Iterator[Field]:
    """Of the plate first: it has many more."""
    plate = _plate(shot, reference, size)
    if plate is not None:
        yield field_of(plate)
    bends = depth_edges(reference, size)
    if LEAST_EDGES < float(bends.mean()) < MOST_EDGES:
        yield _depth_field(bends)


def _found(place: _Place, wanted: Field, canvas_scale: float) -> Found:
    height, width = wanted.shape[:2]
    middle = np.array([width, height]) / 2
    similarity = np.array([[place.scale, 0, 0], [0, place.scale, 0]], float)
    similarity[:, 2] = middle + place.shift - place.scale * middle
    strength = _strength(wanted)
    places = np.asarray(np.argwhere(strength > CLEARLY * strength.max())[:, ::-1] + 0.5, np.float64)
    there = np.asarray(places @ similarity[:, :2].T + similarity[:, 2], np.float64)
    off = float(np.linalg.norm(there - places, axis=1).mean() / width)
    if off < NEAR:
        similarity, there, off = np.eye(3)[:2], places, 0.0
    similarity[:, 2] /= canvas_scale
    thin = slice(None, None, max(1, len(places) // 300))
    return Found(off, similarity, None, places[thin] / canvas_scale, there[thin] / canvas_scale, by="edges")


def depth_edges(reference: ReferenceData, size: tuple[int, int]) -> Plane:
    """(h, w) 1 where a surface ends or bends; ``size`` is (w, h)."""
    assert reference.depth is not None
    with np.errstate(divide="ignore"):
        inverse = np.where(np.isfinite(reference.depth) & (reference.depth > 0), 1 / reference.depth, 0)
    small = cv2.resize(inverse.astype(np.float32), size, interpolation=cv2.INTER_NEAREST)
    floor = np.maximum(np.maximum(small, cv2.dilate(small, np.ones((3, 3), np.uint8))), 1e-9)
    bend = np.zeros_like(small)
    for axis in (0, 1):
        second = np.abs(np.roll(small, 1, axis) + np.roll(small, -1, axis) - 2 * small) / floor
        bend = np.maximum(bend, second)
    bend[[0, -1]], bend[:, [0, -1]] = 0, 0
    return (bend > CREASE).astype(np.float32)


def field_of(grey: NDArray[np.uint8]) -> Field:
    """Edges of a picture, their strength by what is usual around them: a texture's own do not count for more."""
    x, y = _gradient(cv2.GaussianBlur(grey.astype(np.float32), (0, 0), 1.0))
    strength = np.hypot(x, y)
    usual = cv2.blur(strength, (31, 31)) + 8.0
    return _doubled(x, y, np.minimum(strength / usual, 4.0))


def _depth_field(bends: Plane) -> Field:
    """The direction of a thin line is that of the edges on both of its sides."""
    soft = cv2.GaussianBlur(bends, (0, 0), SOFT_PX)
    x, y = _gradient(soft)
    both = cv2.GaussianBlur(np.dstack([x * x - y * y, 2 * x * y]), (0, 0), STROKE_PX)
    return np.asarray(
        both / np.maximum(np.linalg.norm(both, axis=2, keepdims=True), 1e-9) * soft[..., None], np.float32
    )


def _gradient(plane: NDArray) -> tuple[Plane, Plane]:
    return (
        np.asarray(cv2.Sobel(plane, cv2.CV_32F, 1, 0), np.float32),
        np.asarray(cv2.Sobel(plane, cv2.CV_32F, 0, 1), np.float32),
    )


def _doubled(x: Plane, y: Plane, strength: Plane) -> Field:
    square = np.maximum(x * x + y * y, 1e-9)
    return np.asarray(np.dstack([x * x - y * y, 2 * x * y]) * (strength / square)[..., None], np.float32)


def _strength(field: Field) -> Plane:
    return np.asarray(np.linalg.norm(field, axis=2), np.float32)


def _plate(shot: ShotData, reference: ReferenceData, size: tuple[int, int]) -> NDArray[np.uint8] | None:
    """The scene's colours as the reference's camera sees them at its time, grey; None where no frame is just that."""
    frame = min(max(round(reference.clip_position), 0), len(shot) - 1)
    if abs(reference.clip_position - frame) > SAME_TIME or not np.allclose(shot.c2w[frame], reference.c2w, atol=1e-4):
        return None
    plate = shot.colour(frame)
    if plate is None or reference.depth is None or plate.shape[:2] != reference.depth.shape:
        return None
    grey = cv2.cvtColor(plate, cv2.COLOR_RGB2GRAY)
    return np.asarray(cv2.resize(grey, size, interpolation=cv2.INTER_AREA), np.uint8)


def _reach(width: int) -> int:
    return round(REACH * width)


def _scores(wanted: Field, seen: Field, scale: float) -> Plane:
    """Correlation with the picture's edges at each shift, of edges ``scale`` times as large about the middle."""
    height, width = wanted.shape[:2]
    reach = _reach(width)
    place = np.array([[scale, 0, (width - 1) / 2 * (1 - scale)], [0, scale, (height - 1) / 2 * (1 - scale)]])
    moved = cv2.warpAffine(wanted, place, (width, height), flags=cv2.INTER_LINEAR)
    rim = min(reach, height // 4)
    part = np.ascontiguousarray(moved[rim : height - rim, reach : width - reach])
    above = reach - rim
    padded = cv2.copyMakeBorder(seen, above, above, 0, 0, cv2.BORDER_CONSTANT, value=(0, 0))
    return np.asarray(cv2.matchTemplate(padded, part, cv2.TM_CCORR_NORMED), np.float32)


def _best(scores: list[Plane], width: int) -> _Place | None:
    """The place that stands out. None where none does, or another that is nearly as good lies elsewhere.

    Where the edges meet nearly as well as they lie, that is the place.
    """
    reach = _reach(width)
    beyond = planes = np.stack([plane - np.median(plane) for plane in scores])
    at, row, column = np.unravel_index(int(beyond.argmax()), beyond.shape)
    best = float(beyond[at, row, column])
    if best < LEAST:
        return None
    here = float(beyond[SCALES.index(1.0), reach - 1 : reach + 2, reach - 1 : reach + 2].max())
    if here >= HERE * best:
        return _Place(1.0, np.zeros(2))
    away = round(ELSEWHERE * width)
    beyond = planes.copy()
    beyond[:, max(row - away, 0) : row + away + 1, max(column - away, 0) : column + away + 1] = 0
    if best < LONE * float(beyond.max()):
        return None
    return _refined(planes, int(at), int(row), int(column), reach)


def _refined(planes: NDArray[np.float32], at: int, row: int, column: int, reach: int) -> _Place:
    """Between the steps that were looked at."""
    near = planes[:, max(row - 1, 0) : row + 2, max(column - 1, 0) : column + 2].max(axis=(1, 2))
    scale = SCALES[0] * (SCALES[1] / SCALES[0]) ** _top(near, at)
    shift = _top(planes[at, row], column) - reach, _top(planes[at, :, column], row) - reach
    return _Place(float(scale), np.array(shift))


def _top(values: NDArray[np.float32], place: int) -> float:
    """Where the parabola through the greatest of ``values`` and its two neighbours is greatest."""
    if not 0 < place < len(values) - 1:
        return float(place)
    before, here, after = (float(v) for v in values[place - 1 : place + 2])
    bend = before - 2 * here + after
    return place + (0.5 * (before - after) / bend if bend < 0 else 0.0)
