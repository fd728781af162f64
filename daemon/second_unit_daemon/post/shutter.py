# SPDX-License-Identifier: GPL-3.0-or-later
"""The step shutter: motion blur, each frame the mean of the light of moments while the shutter is open."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction
from itertools import islice
from typing import TYPE_CHECKING

import numpy as np
from second_unit_protocol.shot import Scalar

from .cuts import CutFinder
from .interpolate.between import Between, resampled
from .interpolate.step import chosen
from .stream import Stream

if TYPE_CHECKING:
    from ..conditioning.shot_data import ShotData
    from .stream import Picture

STEPS = 4096  # of linear light, on the way back to sRGB
_CODES = np.arange(256) / 255
_TO_LIGHT = np.where(_CODES <= 0.04045, _CODES / 12.92, ((_CODES + 0.055) / 1.055) ** 2.4).astype(np.float32)
_LIGHT = np.linspace(0, 1, STEPS) ** 2  # finer where it is dark, as sRGB is (IEC 61966-2-1)
_FROM_LIGHT = np.where(_LIGHT <= 0.0031308, 12.92 * _LIGHT, 1.055 * np.power(_LIGHT, 1 / 2.4) - 0.055)
_TO_BYTES = np.round(255 * _FROM_LIGHT).astype(np.uint8)


class Shutter:
    """Moments between frames are made as interpolate makes them: exactly of a shot, else by optical flow.

    The shutter is open around a frame's own time; at the ends of the clip and at cuts the last frame stands for what
    lies beyond.
    """

    def __init__(self, settings: Mapping[str, Scalar], shot: ShotData | None):
        self._open = Fraction(str(settings["angle"])) / 360
        self._samples = int(settings["samples"])
        self._shot = shot
        self._cuts = CutFinder()
        self._between: Between | None = None

    def shape(self, stream: Stream) -> Stream:
        return stream

    def run(self, frames: Iterator[Picture], stream: Stream) -> Iterator[Picture]:
        self._between = chosen(self._shot, stream)
        last = Fraction(stream.frames - 1)
        offsets = [self._open * (Fraction(2 * k + 1, 2 * self._samples) - Fraction(1, 2)) for k in range(self._samples)]
        wanted = [min(max(i + offset, Fraction(0)), last) for i in range(stream.frames) for offset in offsets]
        moments = resampled(frames, wanted, self._between, self._cuts)
        for _ in range(stream.frames):
            yield _mean(islice(moments, self._samples))
        for _ in moments:  # to the stream's end, so that whoever listens hears all of it
            pass

    def facts(self) -> dict[str, Scalar]:
        return dict(self._between.facts()) if self._between else {}


def _mean(pictures: Iterator[Picture]) -> Picture:
    """In linear light; colours count as far as they cover."""
    taken = list(pictures)
    covers = [p[..., 3:].astype(np.float32) / 255 if p.shape[2] == 4 else np.ones((1, 1, 1), np.float32) for p in taken]
    cover = sum(covers[1:], covers[0])
    light = sum((_TO_LIGHT[p[..., :3]] * c for p, c in zip(taken, covers, strict=True)), np.float32(0))
    mean = np.clip(light / np.maximum(cover, 1e-6), 0, 1)
    colours = _TO_BYTES[np.round(np.sqrt(mean) * (STEPS - 1)).astype(np.int32)]
    if taken[0].shape[2] == 3:
        return colours
    return np.dstack((colours, np.round(cover / len(taken) * 255).astype(np.uint8)))
