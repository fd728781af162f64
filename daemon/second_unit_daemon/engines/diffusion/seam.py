# SPDX-License-Identifier: GPL-3.0-or-later
"""Where made frames meet known ones: how far their colours have drifted, corrected; and the overlap mixed in time.

A model draws known frames again, a little too dark or too green; what it goes on with is off by the same. Drift is
measured there, pixel against pixel, as the mean and the spread of each channel, and taken back in all that was made.
"""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from attrs import field, frozen
from numpy.typing import NDArray

Picture = NDArray[np.uint8]

BLEND = 8  # clip frames over which two versions of the same times are mixed, at most half of those that overlap
GAIN = 1.25  # and its inverse: more than that is another picture, not drift
ACROSS = 96  # pixels: what is finer is the model's own drawing
LEAST_SPREAD = 2.0  # levels: below it a channel is flat and has no gain


@frozen(eq=False)
class Drift:
    """``gain`` and ``offset`` (3,) take made levels to known ones; ``before`` and ``after``: mean error, levels."""

    gain: NDArray[np.float64] = field(repr=False)
    offset: NDArray[np.float64] = field(repr=False)
    before: float
    after: float

    def corrected(self, frames: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """(…, 3)."""
        table = np.rint(np.clip(np.arange(256)[:, None] * self.gain + self.offset, 0, 255)).astype(np.uint8)
        return np.stack([table[frames[..., c], c] for c in range(3)], -1)


def drift_of(made: Sequence[Picture], known: Sequence[Picture]) -> Drift:
    """Of pictures of the same times, any sizes of the same aspect."""
    a = np.concatenate([_soft(picture) for picture in made])
    b = np.concatenate([_soft(picture) for picture in known])
    middle_a, middle_b = a.mean(0), b.mean(0)
    spread_a, spread_b = a.std(0), b.std(0)
    flat = (spread_a < LEAST_SPREAD) | (spread_b < LEAST_SPREAD)
    gain = np.where(flat, 1.0, np.clip(spread_b / np.maximum(spread_a, 1e-6), 1 / GAIN, GAIN))
    offset = middle_b - gain * middle_a
    after = np.abs(gain * middle_a + offset - middle_b).mean()
    return Drift(gain, offset, float(np.abs(middle_a - middle_b).mean()), float(after))


def mixed(old: Picture, new: Picture, share: float) -> Picture:
    """``share`` of the new one, 0 … 1."""
    if share <= 0 or old is new:
        return old
    return np.asarray(cv2.addWeighted(old, 1.0 - share, new, share, 0.0), np.uint8) if share < 1 else new


def share_at(place: int, overlap: int) -> float:
    """How much of the new version stands at ``place`` of ``overlap`` frames that both have; the old one comes first."""
    width = min(BLEND, overlap // 2)
    return float(np.clip((place - (overlap - width) + 1) / (width + 1), 0.0, 1.0))


def _soft(picture: Picture) -> NDArray[np.float64]:
    """(N, 3) of the picture without its fine detail."""
    height, width = picture.shape[:2]
    size = (ACROSS, max(1, round(ACROSS * height / width)))
    return cv2.resize(picture, size, interpolation=cv2.INTER_AREA).reshape(-1, 3).astype(np.float64)
