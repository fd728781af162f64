# SPDX-License-Identifier: GPL-3.0-or-later
"""The step sharpen: an unsharp mask on brightness that cannot leave the range of its neighbours, so no halos."""

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

OVERSHOOT = 3.0  # levels beyond the neighbours that are let pass


class Sharpen:
    def __init__(self, settings: Mapping[str, Scalar], shot: ShotData | None):
        self._strength, self._radius = float(settings["strength"]), float(settings["radius"])

    def shape(self, stream: Stream) -> Stream:
        return stream

    def facts(self) -> dict[str, Scalar]:
        return {}

    def run(self, frames: Iterator[Picture], stream: Stream) -> Iterator[Picture]:
        for frame in frames:
            yield self.sharpened(frame)

    def sharpened(self, frame: Picture) -> Picture:
        colour = np.ascontiguousarray(frame[..., :3])
        grey = cv2.cvtColor(colour, cv2.COLOR_RGB2GRAY).astype(np.float32)
        detail = 2 * self._strength * (grey - cv2.GaussianBlur(grey, (0, 0), self._radius))
        around = np.ones((3, 3), np.uint8)
        low, high = cv2.erode(grey, around) - OVERSHOOT, cv2.dilate(grey, around) + OVERSHOOT
        change = np.clip(grey + detail, low, high) - grey
        out = frame.copy()
        out[..., :3] = np.round((colour + change[..., None]).clip(0, 255)).astype(np.uint8)
        return out
