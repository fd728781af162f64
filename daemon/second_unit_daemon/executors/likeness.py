# SPDX-License-Identifier: GPL-3.0-or-later
"""How much a clip looks like another one of the same shot, such as a final like its draft: told frame by frame."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from ..encode.read import read_frames

ACROSS = 160  # pixels: what stands where, not how fine it is drawn
WINDOW_SIGMA = 1.5
STEADY = (0.01 * 255) ** 2, (0.03 * 255) ** 2


class Likeness:
    """Mean structural similarity of the two clips' pictures, small and grey (Wang et al., 2004): 1 is the same."""

    def __init__(self, other: Path):
        self._frames = read_frames(other)
        self._found: list[float] = []

    def add(self, frame: NDArray[np.uint8]) -> None:
        """The next frame; nothing where the other clip has no more."""
        there = next(self._frames, None)
        if there is not None:
            self._found.append(similarity(_small(frame), _small(there)))

    def figure(self) -> float | None:
        return float(np.mean(self._found)) if self._found else None


def similarity(a: NDArray[np.float32], b: NDArray[np.float32]) -> float:
    """Of two grey pictures (H, W) of one size."""

    def soft(picture: NDArray[np.float32]) -> NDArray[np.float32]:
        return np.asarray(cv2.GaussianBlur(picture, (0, 0), WINDOW_SIGMA), np.float32)

    mean_a, mean_b = soft(a), soft(b)
    spread_a, spread_b = soft(a * a) - mean_a**2, soft(b * b) - mean_b**2
    shared = soft(a * b) - mean_a * mean_b
    light = (2 * mean_a * mean_b + STEADY[0]) / (mean_a**2 + mean_b**2 + STEADY[0])
    return float((light * (2 * shared + STEADY[1]) / (spread_a + spread_b + STEADY[1])).mean())


def _small(frame: NDArray[np.uint8]) -> NDArray[np.float32]:
    height, width = frame.shape[:2]
    size = (ACROSS, max(1, round(ACROSS * height / width)))
    small = cv2.resize(frame, size, interpolation=cv2.INTER_AREA)
    return np.asarray(cv2.cvtColor(small, cv2.COLOR_RGB2GRAY), np.float32)
