# SPDX-License-Identifier: GPL-3.0-or-later
"""Depth where nothing was seen: what was uncovered is taken to lie as far away as the farther side of the gap.

A gap that opens beside something near is closed from the side that lies behind (the near thing ends at its silhouette);
at the picture's border the only side there is goes on. Of the two directions in the picture the one across which the
gap is narrower decides, since that is the way in which things have moved apart.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .jit import kernel, over_rows

NEVER = 1 << 30
SOFT_SHARE = np.float32(0.25)  # widths that differ less than this share are mixed, so that no ridge shows
ZERO, HALF, ONE = np.float32(0), np.float32(0.5), np.float32(1)


def close_gaps(inverse: NDArray[np.float32], index: NDArray[np.uint16]) -> None:
    """Writes inverse depth into ``inverse`` (H, W) where it is negative, and 0 into ``index`` there."""
    seen = inverse >= 0
    if seen.all():
        return
    if not seen.any():
        inverse[:] = 0
        return
    index[~seen] = 0
    across = _axis(inverse)
    down = tuple(np.ascontiguousarray(part.T) for part in _axis(np.ascontiguousarray(inverse.T)))
    over_rows(_mix, len(inverse), inverse, *across, *down)
    if (inverse < 0).any():  # nothing in its row nor its column: corners of a turned picture
        close_gaps(inverse, index)


def _axis(inverse: NDArray[np.float32]) -> tuple[NDArray[np.float32], NDArray[np.int32]]:
    """For each gap along the rows: the inverse depth that closes it, and how wide it is (NEVER: no side is known)."""
    fill, width = np.full_like(inverse, -1), np.full(inverse.shape, NEVER, np.int32)
    over_rows(_along, len(inverse), inverse, fill, width)
    return fill, width


@kernel
def _along(first, end, inverse, fill, width):
    columns = inverse.shape[1]
    for y in range(first, end):
        x = 0
        while x < columns:
            if inverse[y, x] >= ZERO:
                x += 1
                continue
            start = x
            while x < columns and inverse[y, x] < ZERO:
                x += 1
            before = inverse[y, start - 1] if start > 0 else -ONE
            after = inverse[y, x] if x < columns else -ONE
            if before < ZERO and after < ZERO:
                continue
            farther = max(before, after) if min(before, after) < ZERO else min(before, after)
            # A gap that ends at the border may be of any width: one that is closed on both sides is believed first.
            size = (x - start) * (1 if min(before, after) >= ZERO else 4)
            for n in range(start, x):
                fill[y, n], width[y, n] = farther, size


@kernel
def _mix(first, end, inverse, fill_x, width_x, fill_y, width_y):
    for y in range(first, end):
        for x in range(inverse.shape[1]):
            if inverse[y, x] >= ZERO:
                continue
            a, b = width_x[y, x], width_y[y, x]
            if a == NEVER and b == NEVER:
                continue
            # share of the fill along the row
            lean = (np.float32(b) - np.float32(a)) / (np.float32(min(a, b)) * SOFT_SHARE + ONE)
            share = min(max(HALF + HALF * lean, ZERO), ONE)
            if a == NEVER:
                share = ZERO
            elif b == NEVER:
                share = ONE
            inverse[y, x] = share * max(fill_x[y, x], ZERO) + (ONE - share) * max(fill_y[y, x], ZERO)
