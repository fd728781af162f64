# SPDX-License-Identifier: GPL-3.0-or-later
"""The step grain: film grain of a size and a strength; the same seed gives the same grain."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

import cv2
import numpy as np
from second_unit_protocol.shot import Scalar

from .stream import Stream

if TYPE_CHECKING:
    from ..conditioning.shot_data import ShotData
    from .stream import Picture

FULL = 22.0  # standard deviation in levels at strength 1, in the mid-tones


class Grain:
    """New grain in each frame, strongest in the mid-tones, gone in black and white, as on film."""

    def __init__(self, settings: Mapping[str, Scalar], shot: ShotData | None):
        self._strength, self._size = float(settings["strength"]), float(settings["size"])
        self._seed = int(settings["seed"])

    def shape(self, stream: Stream) -> Stream:
        return stream

    def facts(self) -> dict[str, Scalar]:
        return {}

    def run(self, frames: Iterator[Picture], stream: Stream) -> Iterator[Picture]:
        tones = np.arange(256, dtype=np.float32) / 255
        response = (2 * np.sqrt(tones * (1 - tones))).astype(np.float32)
        for index, frame in enumerate(frames):
            noise = self._noise(index, frame.shape[0], frame.shape[1])
            colour = np.ascontiguousarray(frame[..., :3])
            strength = cv2.LUT(cv2.cvtColor(colour, cv2.COLOR_RGB2GRAY), response)
            out = frame.copy()
            grained = colour + (FULL * self._strength * noise * strength)[..., None]
            out[..., :3] = np.round(grained.clip(0, 255)).astype(np.uint8)
            yield out

    def _noise(self, index: int, height: int, width: int) -> np.ndarray:
        """(H, W) of standard deviation 1, with grains of the size asked for."""
        random = np.random.default_rng((self._seed, index))
        noise = random.standard_normal((height, width), np.float32)
        noise = cv2.GaussianBlur(noise, (0, 0), self._size / 2)
        return noise / max(float(noise.std()), 1e-6)
