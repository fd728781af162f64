# SPDX-License-Identifier: GPL-3.0-or-later
"""The finer maps that references bring, kept only where a texel cannot speak for the whole of its pixel.

Most pixels show one plane, and all finer samples in them say what the texel's own plane says: that is told in one pass
over the depth, and nothing is kept of them. Of the others, and those around them, all samples are kept, with the
silhouettes between them. A pixel's samples lie together: k rows of k, from ``start[r, y, x]`` on (silhouettes.sample).
"""

from __future__ import annotations

import cv2
import numpy as np
from attrs import field, frozen
from numpy.typing import NDArray

from .geometry import CLEAN, RELATIVE_TOLERANCE, Surfaces, invert_row, on_one, slopes
from .jit import inline, kernel, over_rows
from .silhouettes import MIDDLE, WHOLE, trace

PLAIN = np.float32(0.0005)  # relative: how far samples may be off the plane of the texel that speaks for them
AROUND = 2  # slopes look this far; and so far around a pixel that must be looked at others are kept too
ZERO, HALF, ONE = np.float32(0), np.float32(0.5), np.float32(1)


@frozen(eq=False)
class FinerMaps:
    """Samples of all references end to end; ``start`` (R, H, W) int32 says where those of a pixel begin.

    ``inverse`` float32 and ``index`` uint16; ``right`` and ``below`` are crossings (see silhouettes.py), uint8. What
    was not kept begins at 0, where there is nothing.
    """

    start: NDArray[np.int32] = field(repr=False)
    inverse: NDArray[np.float32] = field(repr=False)
    index: NDArray[np.uint16] = field(repr=False)
    right: NDArray[np.uint8] = field(repr=False)
    below: NDArray[np.uint8] = field(repr=False)

    @property
    def arrays(self) -> tuple[NDArray, ...]:
        return self.start, self.inverse, self.index, self.right, self.below


@frozen(eq=False)
class KeptSamples:
    """Of one reference: which pixels are kept (H, W) and their samples (N,), alike in order.

    ``crossed`` (H, W): a silhouette runs through the pixel; ``more`` (H, W): the samples know what its texel does not.
    """

    kept: NDArray[np.uint8] = field(repr=False)
    samples: tuple[NDArray, ...] = field(repr=False)
    crossed: NDArray[np.bool_] = field(repr=False)
    more: NDArray[np.bool_] = field(repr=False)


def together(parts: list[KeptSamples], fineness: list[int]) -> FinerMaps:
    """Those of all references, whose texels may be of several sizes."""
    rows, columns = (max(part.kept.shape[axis] for part in parts) for axis in (0, 1))
    start = np.zeros((len(parts), rows, columns), np.int32)
    nothing = max(fineness) ** 2
    at = nothing
    for r, (part, k) in enumerate(zip(parts, fineness, strict=True)):
        height, width = part.kept.shape
        start[r, :height, :width] = np.where(part.kept, at + k * k * _before(part.kept), 0)
        at += len(part.samples[0])
    kinds = range(len(parts[0].samples))
    blank = [np.zeros(nothing, part.dtype) for part in parts[0].samples]
    return FinerMaps(start, *(np.concatenate([blank[n], *(part.samples[n] for part in parts)]) for n in kinds))


def kept_samples(
    depth_m: NDArray[np.float32], index: NDArray[np.uint16] | None, texels: Surfaces, fineness: int
) -> KeptSamples:
    """Looks at one reference: depth (k·H, k·W), index alike (None: all static), and its ``texels`` (H, W)."""
    height = texels.shape[0]
    depth_m = np.ascontiguousarray(depth_m)
    ids = np.zeros((1, 1), np.uint16) if index is None else np.ascontiguousarray(index)
    fine = (depth_m, ids, index is not None, fineness)
    busy = np.ones(texels.shape, np.uint8)
    if fineness > 1:
        planes = (texels.inverse, texels.slope_x, texels.slope_y, texels.index)
        over_rows(_find_busy, height, *fine, *planes, busy)
        over_rows(_find_breaks, height, *planes, busy)
    kept = np.asarray(cv2.dilate(busy, np.ones((2 * AROUND + 1, 2 * AROUND + 1), np.uint8)), np.uint8)
    before = _before(kept)
    count = int(kept.sum()) * fineness**2
    samples = tuple(np.empty(count, kind) for kind in (np.float32, np.uint16, np.uint8, np.uint8))
    crossings = np.zeros(depth_m.shape, np.uint8), np.zeros(depth_m.shape, np.uint8)
    tolerance = RELATIVE_TOLERANCE / np.float32(fineness)  # between samples that lie nearer to each other
    over_rows(_look, height, *fine, kept, before, tolerance, *samples[:2], *crossings)
    over_rows(trace, height, *crossings, fineness, kept)
    crossed = np.zeros(texels.shape, np.bool_)
    over_rows(_pack, height, *crossings, fineness, kept, before, *samples[2:], crossed)
    return KeptSamples(kept, samples, crossed if fineness > 1 else ~_clean_around(texels), busy > 0)


def _before(kept: NDArray[np.uint8]) -> NDArray[np.int32]:
    """(H, W): how many pixels are kept before each one, row by row."""
    return (np.cumsum(kept, dtype=np.int32) - kept.ravel()).reshape(kept.shape)


def _clean_around(texels: Surfaces) -> NDArray[np.bool_]:
    """Whether no silhouette runs near a texel, where the maps are no finer than it is."""
    clean = np.pad((texels.cells == CLEAN).astype(np.uint8), 1, constant_values=1)
    return (clean[:-1, :-1] & clean[1:, :-1] & clean[:-1, 1:] & clean[1:, 1:]) > 0


@inline
def _off_plane(depth, base, down, step, bad):
    """Marks a row's samples that are off the planes; nothing (inf m) is on the plane of a texel that shows nothing."""
    for x in range(bad.shape[0]):
        bad[x] |= np.uint8(abs(depth[x] * (base[x] + down[x] * step) - ONE) > PLAIN)


@inline
def _other_thing(index, number, bad):
    for x in range(bad.shape[0]):
        bad[x] |= np.uint8(index[x] != number[x])


@kernel
def _find_busy(first, end, depth, index, indexed, fineness, inverse, slope_x, slope_y, ids, busy):
    """1 where a pixel's samples do not all lie on its texel's plane and thing."""
    width, unit, middle = busy.shape[1], ONE / np.float32(fineness), fineness // 2
    columns = width * fineness
    base, down = np.empty(columns, np.float32), np.empty(columns, np.float32)
    number, bad = np.empty(columns, np.uint16), np.empty(columns, np.uint8)
    for y in range(first, end):
        for x in range(width):
            for i in range(fineness):
                at = x * fineness + i
                base[at] = inverse[y, x] + slope_x[y, x] * unit * np.float32(i - middle)
                down[at], number[at] = slope_y[y, x] * unit, ids[y, x]
        bad[:] = np.uint8(0)
        for j in range(fineness):
            row = y * fineness + j
            _off_plane(depth[row], base, down, np.float32(j - middle), bad)
            if indexed:
                _other_thing(index[row], number, bad)
        for x in range(width):
            found = np.uint8(0)
            for i in range(fineness):
                found |= bad[x * fineness + i]
            busy[y, x] = found


@inline
def _meet(one_thing, w0, half_0, w1, half_1):
    """Whether two planes agree half-way between their texels."""
    return one_thing & (abs(w0 + half_0 - w1 + half_1) <= PLAIN * max(w0, w1))


@kernel
def _find_breaks(first, end, inverse, slope_x, slope_y, ids, busy):
    """1 also where the planes of neighbouring texels do not meet. Writes to the row after the last one."""
    for y in range(first, end):
        for x in range(busy.shape[1]):
            w, number = inverse[y, x], ids[y, x]
            if x + 1 < busy.shape[1] and not _meet(
                number == ids[y, x + 1], w, slope_x[y, x] * HALF, inverse[y, x + 1], slope_x[y, x + 1] * HALF
            ):
                busy[y, x] = busy[y, x + 1] = np.uint8(1)
            if y + 1 < busy.shape[0] and not _meet(
                number == ids[y + 1, x], w, slope_y[y, x] * HALF, inverse[y + 1, x], slope_y[y + 1, x] * HALF
            ):
                busy[y, x] = busy[y + 1, x] = np.uint8(1)


@inline
def _breaks_across(w, ids, slope, tolerance, out):
    for x in range(out.shape[0]):
        one = on_one(ids[x] == ids[x + 1], w[x], slope[x], w[x + 1], slope[x + 1], tolerance)
        out[x] = np.uint8(WHOLE) if one else np.uint8(MIDDLE)


@inline
def _breaks_down(w, ids, slope, w_below, ids_below, slope_below, tolerance, out):
    for x in range(out.shape[0]):
        one = on_one(ids[x] == ids_below[x], w[x], slope[x], w_below[x], slope_below[x], tolerance)
        out[x] = np.uint8(WHOLE) if one else np.uint8(MIDDLE)


@inline
def _copy(source, out):
    """Assigning a slice would do it too, but compiles sentences about shapes that do not fit: a tenth of all."""
    for x in range(out.shape[0]):
        out[x] = source[x]


@kernel
def _look(
    first, end, depth, index, indexed, fineness, kept, before, tolerance, out_inverse, out_index, right, below
):  # fmt: skip
    """Keeps the samples of pixels that are ``kept``; MIDDLE between two of them that lie on two surfaces."""
    rows, columns = depth.shape
    most = (fineness + 1 + 2 * AROUND) * columns
    inverse, slope_x, slope_y = np.empty(most, np.float32), np.empty(most, np.float32), np.empty(most, np.float32)
    ids = np.zeros(most, np.uint16)
    for y in range(first, end):
        top, bottom = y * fineness, (y + 1) * fineness
        upper, lower = max(top - AROUND, 0), min(bottom + 1 + AROUND, rows)
        high, x = lower - upper, 0
        while x < kept.shape[1]:
            if not kept[y, x]:
                x += 1
                continue
            first_x = x
            while x < kept.shape[1] and kept[y, x]:
                x += 1
            left, right_end = first_x * fineness, x * fineness
            a, b = max(left - AROUND, 0), min(right_end + 1 + AROUND, columns)
            size, shape = high * (b - a), (high, b - a)
            w, things = inverse[:size].reshape(shape), ids[:size].reshape(shape)
            sx, sy = slope_x[:size].reshape(shape), slope_y[:size].reshape(shape)
            for j in range(high):
                invert_row(depth[upper + j, a:b], w[j])
                if indexed:
                    _copy(index[upper + j, a:b], things[j])
            slopes(np.int64(0), high, w, things, sx, sy)
            c, d = left - a, right_end - a
            across = min(d, columns - 1 - a)
            for row in range(top, bottom):
                j = row - upper
                _breaks_across(
                    w[j, c : across + 1], things[j, c : across + 1], sx[j, c : across + 1], tolerance,
                    right[row, left : a + across],
                )  # fmt: skip
                if row + 1 < rows:
                    _breaks_down(
                        w[j, c:d], things[j, c:d], sy[j, c:d], w[j + 1, c:d], things[j + 1, c:d], sy[j + 1, c:d],
                        tolerance, below[row, left:right_end],
                    )  # fmt: skip
                for pixel in range(first_x, x):
                    at = before[y, pixel] * fineness * fineness + (row - top) * fineness
                    start = pixel * fineness - a
                    for n in range(fineness):
                        out_inverse[at + n], out_index[at + n] = w[j, start + n], things[j, start + n]


@kernel
def _pack(first, end, right, below, fineness, kept, before, out_right, out_below, crossed):
    """Keeps crossings; ``crossed`` where there are any between a pixel's samples, or between them and those around."""
    for y in range(first, end):
        top = y * fineness
        for x in range(kept.shape[1]):
            if not kept[y, x]:
                continue
            left, found = x * fineness, False
            at = before[y, x] * fineness * fineness
            for row in range(top, top + fineness):
                found |= left > 0 and right[row, left - 1] != WHOLE
                for column in range(left, left + fineness):
                    out_right[at], out_below[at] = right[row, column], below[row, column]
                    found |= (out_right[at] != WHOLE) | (out_below[at] != WHOLE)
                    at += 1
            if top > 0:
                for column in range(left, left + fineness):
                    found |= below[top - 1, column] != WHOLE
            crossed[y, x] = found
