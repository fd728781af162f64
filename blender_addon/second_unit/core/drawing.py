# SPDX-License-Identifier: GPL-3.0-or-later
"""Drawn shapes as pixels: Bezier splines made into polylines, outlines filled. x right, y down, pixels."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ..protocol.late import field, frozen

Points = NDArray[np.float64]  # (N, 2)
SMOOTH = 12  # straight pieces of one Bezier segment
CLOSE = 0.1  # of a stroke's length: ends nearer than this are taken to meet


@frozen(eq=False)
class Knot:
    """A point of a Bezier spline with its handles, each (2,)."""

    left: Points = field(repr=False)
    at: Points
    right: Points = field(repr=False)


def polyline(knots: Sequence[Knot], closed: bool) -> Points:
    """(N, 2) along the spline; of a closed one the first point is not repeated."""
    if len(knots) < 2:
        return np.array([knot.at for knot in knots], np.float64).reshape(-1, 2)
    pairs = list(zip(knots, [*knots[1:], knots[0]], strict=True))
    share = np.linspace(0.0, 1.0, SMOOTH, endpoint=False)[:, None]
    pieces = [_segment(a, b, share) for a, b in (pairs if closed else pairs[:-1])]
    return np.concatenate(pieces if closed else [*pieces, knots[-1].at[None]])


def _segment(a: Knot, b: Knot, t: NDArray[np.float64]) -> Points:
    rest = 1.0 - t
    return rest**3 * a.at + 3 * rest**2 * t * a.right + 3 * rest * t**2 * b.left + t**3 * b.at


def meets_itself(line: Points) -> bool:
    """Whether a stroke comes back to where it began, so that it is an outline."""
    if len(line) < 3:
        return False
    length = np.linalg.norm(np.diff(line, axis=0), axis=1).sum()
    return bool(np.linalg.norm(line[-1] - line[0]) < CLOSE * length)


def filled(outlines: Sequence[Points], width: int, height: int) -> NDArray[np.uint8]:
    """(height, width), 255 at pixels whose centre lies inside one of the outlines (even-odd)."""
    picture = np.zeros((height, width), np.uint8)
    for outline in outlines:
        if len(outline) > 2:
            _fill(picture, outline)
    return picture


def _fill(picture: NDArray[np.uint8], outline: Points) -> None:
    height, width = picture.shape
    start, end = outline, np.roll(outline, -1, axis=0)
    low, high = np.floor(outline[:, 1].min()), np.ceil(outline[:, 1].max())
    for row in range(max(int(low), 0), min(int(high) + 1, height)):
        y = row + 0.5
        crosses = (start[:, 1] <= y) != (end[:, 1] <= y)
        a, b = start[crosses], end[crosses]
        places = np.sort(a[:, 0] + (y - a[:, 1]) / (b[:, 1] - a[:, 1]) * (b[:, 0] - a[:, 0]))
        for left, right in zip(places[::2], places[1::2], strict=True):
            first, last = max(int(np.ceil(left - 0.5)), 0), min(int(np.ceil(right - 0.5)), width)
            picture[row, first:last] = 255


def words_of(line: Points) -> str:
    """As the daemon's program takes a line: ``x,y;x,y;…``, at most 64 points."""
    step = max(1, -(-len(line) // 64))
    kept = np.concatenate([line[:-1:step], line[-1:]])
    return ";".join(f"{x:.2f},{y:.2f}" for x, y in kept)
