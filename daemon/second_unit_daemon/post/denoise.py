# SPDX-License-Identifier: GPL-3.0-or-later
"""The step denoise: each frame is averaged with the cleaned one before it, along motion, where the two agree."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

import cv2
import numpy as np
from numpy.typing import NDArray
from second_unit_protocol.shot import Scalar

from .cuts import CutFinder
from .motion import followed
from .stream import Stream

if TYPE_CHECKING:
    from ..conditioning.shot_data import ShotData
    from .stream import Picture

MOST = 0.88  # share of the frame before at full strength: the noise of about eight frames averaged


class Denoise:
    """A recursive filter: noise falls with every frame; nothing smears where motion cannot be followed."""

    def __init__(self, settings: Mapping[str, Scalar], shot: ShotData | None):
        self._strength = float(settings["strength"])
        self._noise: list[float] = []

    def shape(self, stream: Stream) -> Stream:
        return stream

    def facts(self) -> dict[str, Scalar]:
        return {"noise_found": round(float(np.mean(self._noise)), 2)} if self._noise else {}

    def run(self, frames: Iterator[Picture], stream: Stream) -> Iterator[Picture]:
        cuts = CutFinder()
        clean: NDArray[np.uint8] | None = None
        for frame in frames:
            colour = np.ascontiguousarray(frame[..., :3])
            cut = cuts.is_cut(frame)
            clean = colour if clean is None or cut else self._mixed(colour, clean)
            yield clean.copy() if frame.shape[2] == 3 else np.asarray(np.dstack((clean, frame[..., 3])), np.uint8)

    def _mixed(self, frame: NDArray[np.uint8], before: NDArray[np.uint8]) -> NDArray[np.uint8]:
        sigma = noise_of(frame)
        if len(self._noise) < 1000:
            self._noise.append(sigma)
        moved, trusted = followed(frame, before)
        difference = frame.astype(np.float32) - moved
        # Noise averages out over a neighbourhood, a wrong match does not.
        patch = cv2.GaussianBlur(np.square(difference).mean(axis=2), (0, 0), 1.5)
        allowed = (1.6 * sigma) ** 2 + 1.0
        weight = MOST * self._strength * np.exp(-np.maximum(patch / allowed - 1, 0) * 1.5) * trusted
        mixed = frame - weight[..., None] * difference
        return np.asarray(np.round(mixed.clip(0, 255)), np.uint8)


def noise_of(frame: NDArray[np.uint8]) -> float:
    """Standard deviation of a picture's noise in levels (Immerkær 1996: what a Laplacian of a Laplacian leaves, here by
    its median, which edges do not raise)."""
    grey = cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY).astype(np.float32)
    mask = np.array([[1, -2, 1], [-2, 4, -2], [1, -2, 1]], np.float32)
    left = np.abs(cv2.filter2D(grey, -1, mask)[1:-1, 1:-1])
    per_grey = float(np.median(left)) / 0.6745 / 6
    return per_grey / 0.66  # the luma of three independent channels has 0.66 of their noise
