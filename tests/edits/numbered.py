# SPDX-License-Identifier: GPL-3.0-or-later
"""Frames that carry their number as eight large black and white squares, so that any codec leaves it readable."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

BITS = 8


def numbered(numbers: Iterable[int], width: int, height: int) -> list[NDArray[np.uint8]]:
    """A ramp of colours with the number's bits, the highest first, in a row along the middle."""
    frames = []
    for number in numbers:
        x, y = np.meshgrid(np.linspace(60, 190, width), np.linspace(60, 190, height))
        frame = np.stack([x, y, np.full_like(x, 60 + number % 120)], -1).astype(np.uint8)
        for bit in range(BITS):
            value = 255 if number >> (BITS - 1 - bit) & 1 else 0
            frame[height // 4 : 3 * height // 4, bit * width // BITS : (bit + 1) * width // BITS] = value
        frames.append(frame)
    return frames


def number_of(frame: NDArray[np.uint8]) -> int:
    """The number that a frame carries."""
    height, width = frame.shape[:2]
    rows = frame[3 * height // 8 : 5 * height // 8].astype(float).mean((0, 2))
    middles = [(2 * bit + 1) * width // (2 * BITS) for bit in range(BITS)]
    return sum((rows[middle] > 127) << (BITS - 1 - bit) for bit, middle in enumerate(middles))
