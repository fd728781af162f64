# SPDX-License-Identifier: GPL-3.0-or-later
"""Where silhouettes run between the samples of a depth map, to a fraction of a pixel.

A depth map says on which side of a silhouette each pixel centre lies, no more. But a straight silhouette leaves a
staircase whose steps give its place away: it passes the middle of each step, as morphological antialiasing
(Reshetov, 2009) has it for colours. Crossings say, for every pair of neighbours that lie on two surfaces, where between
their centres the silhouette runs: right of a sample (H, W) and below it (H, W), uint8, WHOLE or 1 … STEPS.
"""

from __future__ import annotations

import numpy as np

from .jit import inline, kernel

REACH = 24  # samples that a silhouette is followed to either side; more of finer ones, whose steps lie further apart
WHOLE = 0  # no silhouette between these two; else the crossing is value / 200 of the way
STEPS = 200
MIDDLE = 100
HALF = np.float32(0.5)


@inline
def _follow(right, below, y, x, way, reach):
    """Along a silhouette between columns x and x + 1: (rows it goes on, column step at the end: ±1, 0 = unknown)."""
    for n in range(reach):
        row = y + (n + 1) * way
        if row < 0 or row >= right.shape[0]:
            return n, 0
        upper = row - 1 if way > 0 else row
        left_breaks, right_breaks = below[upper, x] != WHOLE, below[upper, x + 1] != WHOLE
        if right[row, x] != WHOLE and not left_breaks and not right_breaks:
            continue
        if right[row, x] == WHOLE and left_breaks != right_breaks:
            return n, (1 if right_breaks else -1)
        return n, 0
    return reach, 0


@inline
def _crossing(before, step_before, after, step_after):
    """1 … STEPS between the two texels: on the line through the middles of the steps at both ends of the run."""
    place = (before + 0.5) / (before + after + 1.0)
    start, stop = 0.5 + 0.5 * step_before, 0.5 + 0.5 * step_after
    if step_before * step_after < 0:
        across = start + (stop - start) * place
    elif place < 0.5:
        across = start + (0.5 - start) * 2 * place
    else:
        across = 0.5 + (stop - 0.5) * (2 * place - 1)
    return np.uint8(min(max(across * STEPS + 0.5, 1.0), STEPS))


@kernel
def trace(first, end, right, below, fineness, kept):
    """Puts crossings to where silhouettes really run, for rows of pixels that are ``kept`` (H, W).

    In place: those that follow a silhouette see only whether there is one. ``fineness`` samples are a pixel's side.
    """
    turned_right, turned_below = below.T, right.T
    reach = REACH * (1 + fineness) // 2
    for row in range(first, end):
        for y in range(row * fineness, (row + 1) * fineness):
            for pixel in range(kept.shape[1]):
                if not kept[row, pixel]:
                    continue
                for x in range(pixel * fineness, (pixel + 1) * fineness):
                    if right[y, x] != WHOLE and x + 1 < right.shape[1]:
                        right[y, x] = _crossing(
                            *_follow(right, below, y, x, -1, reach), *_follow(right, below, y, x, 1, reach)
                        )
                    if below[y, x] != WHOLE and y + 1 < right.shape[0]:
                        below[y, x] = _crossing(
                            *_follow(turned_right, turned_below, x, y, -1, reach),
                            *_follow(turned_right, turned_below, x, y, 1, reach),
                        )


@inline
def sample(start, fineness, r, row, column):
    """Where the sample at (row, column) of reference ``r`` lies; ``fineness`` is a 32-bit float."""
    y, x = np.int64((np.float32(row) + HALF) / fineness), np.int64((np.float32(column) + HALF) / fineness)
    k = np.int64(fineness)
    return start[r, y, x] + (row - y * k) * k + (column - x * k)


@inline
def owner(start, right, below, fineness, r, u, v):
    """The sample (row, column) on whose side of map r's silhouettes the place (u, v), in sample coordinates, lies.

    ``start``, ``right`` and ``below`` as FinerMaps has them.
    """
    k = np.int64(fineness)
    rows, columns = start.shape[1] * k, start.shape[2] * k
    x, y = min(max(int(np.floor(u)), 0), columns - 2), min(max(int(np.floor(v)), 0), rows - 2)
    fx, fy = min(max(u - x, np.float32(0)), np.float32(1)), min(max(v - y, np.float32(0)), np.float32(1))
    here = sample(start, fineness, r, y, x)
    top, bottom = right[here], right[sample(start, fineness, r, y + 1, x)]
    left, other = below[here], below[sample(start, fineness, r, y, x + 1)]
    column, row = int(fx + np.float32(0.5)), int(fy + np.float32(0.5))
    unit = np.float32(1.0 / STEPS)
    broken = int(top != WHOLE) + int(bottom != WHOLE) + int(left != WHOLE) + int(other != WHOLE)
    if broken != 2:
        if broken == 3:  # a silhouette ends against another one
            if top != WHOLE and bottom != WHOLE:
                column = int(fx >= (top + (np.float32(bottom) - top) * fy) * unit)
            else:
                row = int(fy >= (left + (np.float32(other) - left) * fx) * unit)
        return y + row, x + column
    if top != WHOLE and bottom != WHOLE:
        column = int(fx >= (top + (np.float32(bottom) - top) * fy) * unit)
    elif left != WHOLE and other != WHOLE:
        row = int(fy >= (left + (np.float32(other) - left) * fx) * unit)
    else:
        # One corner is cut off by a line between two neighbouring sides of the cell.
        low, near = bottom != WHOLE, other != WHOLE
        across = (bottom if low else top) * unit
        down = (other if near else left) * unit
        along_x = (1 - fx) / (1 - across + np.float32(1e-4)) if near else fx / (across + np.float32(1e-4))
        along_y = (1 - fy) / (1 - down + np.float32(1e-4)) if low else fy / (down + np.float32(1e-4))
        inside = along_x + along_y < 1
        at_corner = column == int(near) and row == int(low)
        if inside:
            column, row = int(near), int(low)
        elif at_corner:
            # Of the two texels next to the corner, take the one that is nearer.
            if along_x > along_y:
                column = 1 - column
            else:
                row = 1 - row
    return y + row, x + column
