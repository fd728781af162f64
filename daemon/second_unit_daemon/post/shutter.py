# SPDX-License-Identifier: GPL-3.0-or-later
"""The step shutter: motion blur, each frame the mean of the light of moments while the shutter is open."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction
from itertools import islice
from typing import TYPE_CHECKING

from second_unit_protocol.shot import Scalar

from .cuts import CutFinder
from .interpolate.between import Between, resampled
from .interpolate.step import chosen
from .light import mean_light
from .stream import Stream

if TYPE_CHECKING:
    from ..conditioning.shot_data import ShotData
    from .stream import Picture


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
        return self._blurred(frames, stream, self._between)

    def _blurred(self, frames: Iterator[Picture], stream: Stream, between: Between) -> Iterator[Picture]:
        last = Fraction(stream.frames - 1)
        offsets = [self._open * (Fraction(2 * k + 1, 2 * self._samples) - Fraction(1, 2)) for k in range(self._samples)]
        wanted = [min(max(i + offset, Fraction(0)), last) for i in range(stream.frames) for offset in offsets]
        moments = resampled(frames, wanted, between, self._cuts)
        for _ in range(stream.frames):
            yield mean_light(islice(moments, self._samples))
        for _ in moments:  # to the stream's end, so that whoever listens hears all of it
            pass

    def facts(self) -> dict[str, Scalar]:
        return dict(self._between.facts()) if self._between else {}
