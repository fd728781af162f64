# SPDX-License-Identifier: GPL-3.0-or-later
"""The step interpolate: the best way to make frames in between that a clip allows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

from attrs import evolve
from second_unit_protocol.errors import ErrorCode, SecondUnitError
from second_unit_protocol.grid import Rate
from second_unit_protocol.paths import home
from second_unit_protocol.shot import Scalar

from ..cuts import CutFinder
from ..of_shot import shown_frames
from ..stream import Stream
from .between import Between, positions, resampled
from .flow import FlowBetween
from .rife import FILE, RifeBetween, own_model

if TYPE_CHECKING:
    from ...conditioning.shot_data import ShotData
    from ..stream import Picture

LONGEST = 240


class Interpolate:
    """To any rate; the clip keeps its length. Cuts are found and never blended."""

    def __init__(self, settings: Mapping[str, Scalar], shot: ShotData | None):
        self._rate = _rate(str(settings["rate"]))
        self._method = str(settings["method"])
        self._model = Path(str(settings["model"])).expanduser() if settings["model"] else None
        self._shot = shot
        self._cuts = CutFinder()
        self._between: Between | None = None

    def shape(self, stream: Stream) -> Stream:
        if self._rate is None:
            raise SecondUnitError(
                ErrorCode.BAD_REQUEST, "The step interpolate needs a rate", remedy="Write it as interpolate:48"
            )
        frames = len(positions(stream.frames, stream.rate, self._rate))
        return evolve(stream, rate=self._rate, frames=frames, first=0, of=0)

    def run(self, frames: Iterator[Picture], stream: Stream) -> Iterator[Picture]:
        assert self._rate is not None
        self._between = self._chosen(stream)
        return resampled(frames, positions(stream.frames, stream.rate, self._rate), self._between, self._cuts)

    def conformed(self, frames: Iterator[Picture]) -> Iterator[Picture]:
        """A shot's own clip frames at the times of its delivered ones."""
        assert self._shot is not None
        request = self._shot.request
        grid, delivery = request.grid, request.delivery
        stream = Stream(request.width, request.height, grid.clip_rate, grid.count)
        self._between = self._chosen(stream)
        wanted = [
            grid.clip_position(number * grid.scene_rate.fraction / delivery.rate.fraction)
            for number in range(delivery.first, delivery.last + 1)
        ]
        held = [min(max(position, Fraction(0)), Fraction(grid.count - 1)) for position in wanted]
        return resampled(frames, held, self._between, self._cuts)

    def facts(self) -> dict[str, Scalar]:
        facts: dict[str, Scalar] = dict(self._between.facts()) if self._between else {}
        if self._cuts.cuts:
            facts["cuts"] = ", ".join(str(frame) for frame in self._cuts.cuts)
        return facts

    def _chosen(self, stream: Stream) -> Between:
        return chosen(self._shot, stream, self._method, self._model)


def chosen(shot: ShotData | None, stream: Stream, method: str = "auto", model: Path | None = None) -> Between:
    """The best way that there is, or the one that is named. Raises SecondUnitError where that one cannot be."""
    frames = shown_frames(shot, stream) if shot is not None else None
    if method in ("auto", "exact") and shot is not None and frames is not None:
        from .exact import ExactBetween

        return ExactBetween(shot, frames)
    if method == "exact":
        raise SecondUnitError(
            ErrorCode.BAD_REQUEST,
            "Exact frames in between need the shot's depth, and a clip whose frames are the shot's",
            remedy="Name the shot with --shot, or let the method be auto",
        )
    network = model or own_model()
    if method == "flow" or (method == "auto" and network is None):
        return FlowBetween()
    if network is None:
        cause = f"RIFE has no weights: there is no {FILE} in {home()}"
        raise SecondUnitError(ErrorCode.BAD_REQUEST, cause, remedy="Name them with model=FILE.onnx")
    return RifeBetween(network)


def _rate(text: str) -> Rate | None:
    """ "48", "23.976" or "24000/1001"; None for an empty text."""
    if not text.strip():
        return None
    try:
        rate = Rate.of(Fraction(text))
    except (ValueError, ZeroDivisionError):
        rate = None
    if rate is None or not 1 <= float(rate) <= LONGEST:
        cause = f"The rate {text!r} is none from 1 to {LONGEST} frames per second"
        raise SecondUnitError(ErrorCode.BAD_REQUEST, cause, remedy="Write it as 48 or 24000/1001")
    return rate
