# SPDX-License-Identifier: GPL-3.0-or-later
"""What a step of the finishing is: a stream of frames to a stream of frames, in flat memory."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from second_unit_protocol.shot import Scalar

from .stream import Stream

if TYPE_CHECKING:
    from .stream import Picture


class Step(Protocol):
    """Made by ``catalogue.make`` from its options and, where there is one, the shot that the frames are of.

    A step holds a few frames at most, whatever the clip's length.
    """

    def shape(self, stream: Stream) -> Stream:
        """What comes out where ``stream`` goes in. Raises SecondUnitError(BAD_REQUEST) where it cannot take that."""
        ...

    def run(self, frames: Iterator[Picture], stream: Stream) -> Iterator[Picture]:
        """The frames of ``shape(stream)``."""
        ...

    def facts(self) -> dict[str, Scalar]:
        """What the provenance says of it beside its options: the model, figures; complete once ``run`` is exhausted."""
        ...


@runtime_checkable
class SlowStep(Protocol):
    """A step that may take seconds over one frame, and tells ``within`` how far it is with that, 0 … 1."""

    within: Callable[[float], None]
