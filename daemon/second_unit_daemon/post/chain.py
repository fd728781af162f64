# SPDX-License-Identifier: GPL-3.0-or-later
"""Steps in a row. Frames are pulled through one at a time; what each step did goes into the provenance."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from second_unit_protocol.errors import ErrorCode, SecondUnitError
from second_unit_protocol.limits import MAX_SIDE
from second_unit_protocol.shot import PostStep

from . import catalogue
from .step import SlowStep
from .stream import Stream

if TYPE_CHECKING:
    from ..conditioning.shot_data import ShotData
    from .stream import Picture


class Chain:
    """The steps asked for, in order. ``shape`` tells what comes out, before anything runs."""

    def __init__(self, steps: Sequence[PostStep], shot: ShotData | None = None):
        """Raises SecondUnitError where a step does not exist, is told nonsense or lacks a package."""
        self._asked = tuple(steps)
        self._steps = [catalogue.make(step, shot) for step in steps]

    def shape(self, stream: Stream) -> Stream:
        """Raises SecondUnitError(BAD_REQUEST) where a step cannot take what the one before it gives."""
        for asked, step in zip(self._asked, self._steps, strict=True):
            stream = step.shape(stream)
            if max(stream.width, stream.height) > MAX_SIDE:
                cause = (
                    f"After {asked.step} the picture would be {stream.width} × {stream.height}; {MAX_SIDE} is the most"
                )
                raise SecondUnitError(ErrorCode.BAD_REQUEST, cause, remedy="Ask for a smaller size")
        return stream

    def run(self, frames: Iterable[Picture], stream: Stream) -> Iterator[Picture]:
        """The frames of ``shape(stream)``; memory does not grow with their number."""
        flowing = iter(frames)
        for step in self._steps:
            flowing, stream = step.run(flowing, stream), step.shape(stream)
        return flowing

    def tell(self, within: Callable[[float], None]) -> None:
        """``within`` hears how far the frame at hand is, 0 … 1, of the step that takes long over one."""
        for step in self._steps:
            if isinstance(step, SlowStep):
                step.within = within

    def facts(self) -> list[dict[str, Any]]:
        """What was done, step by step, for the provenance; complete once the frames are exhausted."""
        return [
            {"step": asked.step, **catalogue.settings(asked), **step.facts()}
            for asked, step in zip(self._asked, self._steps, strict=True)
        ]
