# SPDX-License-Identifier: GPL-3.0-or-later
"""A stream at other times than its own: which two frames each new one lies between, and where."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, Protocol

from second_unit_protocol.errors import ErrorCode, SecondUnitError
from second_unit_protocol.grid import Rate

from ..cuts import CutFinder

if TYPE_CHECKING:
    from ..stream import Picture

CLOSE = Fraction(1, 1000)  # of a frame: as near as that, the frame itself is shown


class Between(Protocol):
    """A way to make frames between two neighbours."""

    def begin(self, index: int, before: Picture, after: Picture) -> None:
        """Frame ``index`` and the one after it."""
        ...

    def at(self, time: float) -> Picture:
        """The picture at ``time`` 0 … 1 between them."""
        ...

    def facts(self) -> dict[str, str]: ...


def positions(frames: int, rate: Rate, wanted: Rate) -> list[Fraction]:
    """Where the frames of a clip of the same length at ``wanted`` lie, in frames of the clip."""
    count = max(1, round(frames * wanted.fraction / rate.fraction))
    return [min(i * rate.fraction / wanted.fraction, Fraction(frames - 1)) for i in range(count)]


def resampled(
    frames: Iterable[Picture], wanted: Sequence[Fraction], between: Between, cuts: CutFinder
) -> Iterator[Picture]:
    """One picture for each of ``wanted`` (rising, in frames of the stream). Two frames are held.

    Across a cut the nearer frame is shown. All of ``frames`` is consumed. Raises SecondUnitError(ENGINE_FAILED) where
    the stream ends before what is wanted.
    """
    place, before, seen = 0, None, 0
    for index, frame in enumerate(frames):
        seen += 1
        cut, begun = cuts.is_cut(frame), False
        while place < len(wanted) and wanted[place] <= index:
            time = wanted[place] - (index - 1)
            if before is None or time >= 1 - CLOSE:
                yield frame
            elif time <= CLOSE:
                yield before
            elif cut:
                yield before if time < Fraction(1, 2) else frame
            else:
                if not begun:
                    between.begin(index - 1, before, frame)
                    begun = True
                yield between.at(float(time))
            place += 1
        before = frame
    if place < len(wanted):
        raise SecondUnitError(ErrorCode.ENGINE_FAILED, f"The clip ended after {seen} frames; more were announced")
