# SPDX-License-Identifier: GPL-3.0-or-later
"""References brought to one exposure and colour: what two of them both show should look alike where they meet.

Each reference r has a look, a gain per channel: gᵣ cᵣ is the same colour for all r. Between two references the ratio
of gains is the median over the points that both see; the gains then follow by least squares in their logarithms, as
panoramas are balanced (Brown and Lowe, 2007, section 6). At a clip frame the look wanted lies between those of the
references before and after it, so that a picture keeps its own colours at its own frame and nothing jumps on the way.
"""

from __future__ import annotations

import cv2
import numpy as np
from attrs import field, frozen
from numpy.typing import NDArray

from ..cameras import relative_view
from ..shot_data import ReferenceData

SAMPLES_ACROSS = 96
NEIGHBOURS = 2  # references before and after, in time, that each is compared with
SAME_DEPTH = 0.01  # relative
LEAST_SAMPLES = 200
DARKEST, BRIGHTEST = 12.0, 245.0  # beyond these a picture is clipped, or its levels are too coarse for a ratio
WORTHWHILE = 0.03  # of a gain: smaller ones cannot be told from what pictures of one light differ by
LIMIT = 2.5  # of a gain and of its inverse: more than that is another picture, not another exposure


@frozen(eq=False)
class Looks:
    """gᵣ of every reference, (R, 3), and its time (R,) in clip frames.

    ``differ``: what two of them show of the same points, by how much it differs in any light, as a share; the most of
    all pairs, each its median.
    """

    gains: NDArray[np.float64] = field(repr=False)
    times: NDArray[np.float64] = field(repr=False)
    differ: float = 0.0

    def at(self, position: float) -> NDArray[np.float32]:
        """(R, 3) gains that bring each reference to the look at a time in clip frames."""
        order = np.argsort(self.times, kind="stable")
        wanted = [np.interp(position, self.times[order], np.log(self.gains[order, c])) for c in range(3)]
        return (self.gains / np.exp(wanted)).astype(np.float32)


def looks_of(references: tuple[ReferenceData, ...], regions: list[tuple[float, float, float, float]]) -> Looks:
    """``regions`` (left, top, width, height): what each picture shows, in pixels of its planes."""
    count = len(references)
    times = np.array([r.clip_position for r in references])
    plain = Looks(np.ones((count, 3)), times)
    if count < 2:
        return plain
    soft = [_soft(r.image, r.depth.shape) for r in references if r.depth is not None]
    pairs = []
    for i in range(count):
        for j in range(i + 1, min(i + 1 + NEIGHBOURS, count)):
            found = _shared(references[i], references[j], soft[i], soft[j], regions[i], regions[j])
            if len(found[0]) >= LEAST_SAMPLES:
                pairs.append((i, j, *found))
    if not pairs:
        return plain
    logs = _solved(pairs, count)
    if np.ptp(logs, axis=0).max() < WORTHWHILE:
        logs = np.zeros_like(logs)
    logs = np.clip(logs, -np.log(LIMIT), np.log(LIMIT))
    differ = max(float(np.median(np.abs(np.log(b) + logs[j] - np.log(a) - logs[i]))) for i, j, a, b in pairs)
    return Looks(np.exp(logs), times, differ)


def _soft(image: NDArray[np.uint8], shape: tuple[int, ...]) -> NDArray[np.float32]:
    """The picture with its fine detail averaged away: a pixel of its planes decides, not the grain."""
    side = max(image.shape[1] / shape[1], 1.0) * max(shape) / SAMPLES_ACROSS / 2
    return np.asarray(cv2.GaussianBlur(image.astype(np.float32), (0, 0), max(side, 0.8)), np.float32)


def _shared(a: ReferenceData, b: ReferenceData, soft_a, soft_b, region_a, region_b):
    """Colours (N, 3), (N, 3) of points that stand still and that both see."""
    assert a.depth is not None and b.depth is not None
    step = max(1, max(a.depth.shape) // SAMPLES_ACROSS)
    y, x = np.mgrid[step // 2 : a.depth.shape[0] : step, step // 2 : a.depth.shape[1] : step].reshape(2, -1)
    depth = a.depth[y, x]
    inverse = np.where(np.isfinite(depth) & (depth > 0), 1 / depth, 0.0)
    homography, epipole = relative_view(a.c2w, a.intrinsics, b.c2w, b.intrinsics)
    places = homography @ np.stack([x + 0.5, y + 0.5, np.ones(len(x))]) + epipole[:, None] * inverse
    with np.errstate(divide="ignore", invalid="ignore"):
        u, v, there = places[0] / places[2], places[1] / places[2], inverse / places[2]
        inside = (places[2] > 0) & (u >= 0) & (v >= 0) & (u < b.depth.shape[1]) & (v < b.depth.shape[0])
        u, v = np.where(inside, u, 0), np.where(inside, v, 0)
        seen = b.depth[v.astype(int), u.astype(int)]
        same = np.where(there > 0, np.abs(seen * there - 1) < SAME_DEPTH, ~np.isfinite(seen))
    keep = inside & same & _still(a, y, x) & _still(b, v.astype(int), u.astype(int))
    colour_a, in_a = _colours(soft_a, x[keep] + 0.5, y[keep] + 0.5, region_a)
    colour_b, in_b = _colours(soft_b, u[keep], v[keep], region_b)
    for colours in (colour_a, colour_b):
        in_a &= (colours > DARKEST).all(-1) & (colours < BRIGHTEST).all(-1)
    return colour_a[in_a & in_b].astype(np.float64), colour_b[in_a & in_b].astype(np.float64)


def _still(reference: ReferenceData, y: NDArray, x: NDArray) -> NDArray[np.bool_]:
    return np.ones(len(x), bool) if reference.index is None else reference.index[y, x] == 0


def _colours(soft: NDArray[np.float32], x: NDArray, y: NDArray, region) -> tuple[NDArray, NDArray[np.bool_]]:
    left, top, width, height = region
    u, v = (x - left) / width * soft.shape[1], (y - top) / height * soft.shape[0]
    inside = (u >= 0) & (v >= 0) & (u < soft.shape[1]) & (v < soft.shape[0])
    return soft[np.where(inside, v, 0).astype(int), np.where(inside, u, 0).astype(int)], inside


def _solved(pairs: list, count: int) -> NDArray[np.float64]:
    """(R, 3) logarithms of the gains; a reference that shares nothing with another keeps 1."""
    rows, ratios = [], []
    for i, j, a, b in pairs:
        row = np.zeros(count)
        row[i], row[j] = 1.0, -1.0
        weight = np.sqrt(len(a))
        rows.append(weight * row)
        ratios.append(weight * np.median(np.log(b) - np.log(a), axis=0))
    return np.linalg.lstsq(np.array(rows), np.array(ratios), rcond=None)[0]  # the least norm: gains about 1
