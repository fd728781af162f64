# SPDX-License-Identifier: GPL-3.0-or-later
"""Edges of depth laid over a picture's own: at which shift and scale they meet, if at any."""

from __future__ import annotations

import cv2
import numpy as np
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
CLEAR = 7.0  # how far the best place stands out of all, in their spread
NEAR = 0.012  # of the width: places this near are one, at this size
AS_GOOD = 0.9  # of the best place's score: then it is where it should be
LEAST_SCORE = 0.1

Plane = NDArray[np.float32]


def by_edges(shot: ShotData, reference: ReferenceData) -> Found | None:
    """None where no place stands out, or depth has too few edges to tell."""
    canvas = canvas_of(shot, reference, WIDTH)
    wanted = depth_edges(reference, (canvas.picture.shape[1], canvas.picture.shape[0]))
    share = float((wanted > 0).mean())
    if not LEAST_EDGES < share < MOST_EDGES:
        return None
    seen = picture_edges(canvas.grey) * (canvas.mask > 0)
    soft = np.asarray(cv2.GaussianBlur(wanted, (0, 0), SOFT_PX), np.float32)
    scores = {scale: _scores(soft, seen, scale) for scale in SCALES}
    everywhere = np.concatenate([s.ravel() for s in scores.values()])
    scale = max(scores, key=lambda each: float(scores[each].max()))
    best = float(scores[scale].max())
    spread = float(np.median(np.abs(everywhere - np.median(everywhere)))) * 1.48 + 1e-6
    if best < LEAST_SCORE or (best - float(np.median(everywhere))) / spread < CLEAR:
        return None
    height, width = wanted.shape
    row, column = np.unravel_index(int(scores[scale].argmax()), scores[scale].shape)
    reach = _reach(width)
    shift = np.array([column - reach, row - reach], float)
    centre = np.array([width, height]) / 2
    similarity = np.array([[scale, 0, 0], [0, scale, 0]], float)
    similarity[:, 2] = centre + shift - scale * centre
    middle = scores[1.0]
    here = float(middle[reach - 1 : reach + 2, reach - 1 : reach + 2].max())
    places = np.asarray(np.argwhere(wanted > 0)[:, ::-1] + 0.5, np.float64)
    there = np.asarray(places @ similarity[:, :2].T + similarity[:, 2], np.float64)
    off = float(np.linalg.norm(there - places, axis=1).mean() / width)
    if off < NEAR or here > AS_GOOD * best:
        similarity, there, off = np.eye(3)[:2], places, 0.0
    similarity = similarity.copy()
    similarity[:, 2] /= canvas.scale
    thin = slice(None, None, max(1, len(places) // 300))
    return Found(off, similarity, None, places[thin] / canvas.scale, there[thin] / canvas.scale, by="edges")


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


def picture_edges(grey: NDArray[np.uint8]) -> Plane:
    """(h, w) strength of edges, by what is usual around them: a texture's own do not count for more."""
    soft = cv2.GaussianBlur(grey.astype(np.float32), (0, 0), 1.0)
    strength = np.hypot(cv2.Sobel(soft, cv2.CV_32F, 1, 0), cv2.Sobel(soft, cv2.CV_32F, 0, 1))
    usual = cv2.blur(strength, (31, 31)) + 8.0
    return np.asarray(np.minimum(strength / usual, 4.0), np.float32)


def _reach(width: int) -> int:
    return round(REACH * width)


def _scores(wanted: Plane, seen: Plane, scale: float) -> Plane:
    """Correlation with the picture's edges at each shift, of edges ``scale`` times as large about the middle."""
    height, width = wanted.shape
    reach = _reach(width)
    place = np.array([[scale, 0, (width - 1) / 2 * (1 - scale)], [0, scale, (height - 1) / 2 * (1 - scale)]])
    moved = cv2.warpAffine(wanted, place, (width, height), flags=cv2.INTER_LINEAR)
    rim = min(reach, height // 4)
    part = np.ascontiguousarray(moved[rim : height - rim, reach : width - reach])
    above = reach - rim
    padded = cv2.copyMakeBorder(seen, above, above, 0, 0, cv2.BORDER_CONSTANT, value=(0,))
    return np.asarray(cv2.matchTemplate(padded, part, cv2.TM_CCOEFF_NORMED), np.float32)
