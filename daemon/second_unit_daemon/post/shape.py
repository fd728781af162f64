# SPDX-License-Identifier: GPL-3.0-or-later
"""Another aspect for another screen, by cropping."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from attrs import frozen
from second_unit_protocol.errors import ErrorCode, SecondUnitError

from .stream import Stream

if TYPE_CHECKING:
    from .stream import Picture


@frozen
class Crop:
    """A part of every frame, in pixels from its upper left corner."""

    left: int
    top: int
    width: int
    height: int

    def of(self, frame: Picture) -> Picture:
        return frame[self.top : self.top + self.height, self.left : self.left + self.width]


def crop_for(stream: Stream, aspect: str, focus: float = 0.5) -> Crop:
    """The largest part of the aspect ``"W:H"`` (empty: all of it), its centre as near to ``focus`` as fits.

    ``focus`` is a share of the side that is cut, 0 left or top … 1. Sides are even, as video formats want them.
    """
    if not aspect:
        return Crop(0, 0, stream.width, stream.height)
    ratio = _ratio(aspect)
    wide = Fraction(stream.width, stream.height) > ratio
    width = round(stream.height * ratio) if wide else stream.width
    height = stream.height if wide else round(stream.width / ratio)
    width, height = max(2, width - width % 2), max(2, height - height % 2)
    width, height = min(width, stream.width), min(height, stream.height)
    left = _placed(focus, width, stream.width) if wide else 0
    top = 0 if wide else _placed(focus, height, stream.height)
    return Crop(left, top, width, height)


def _placed(focus: float, part: int, whole: int) -> int:
    return min(max(round(focus * whole - part / 2), 0), whole - part)


def _ratio(aspect: str) -> Fraction:
    try:
        wide, _, high = aspect.partition(":")
        ratio = Fraction(wide) / Fraction(high or "1")
    except (ValueError, ZeroDivisionError):
        ratio = Fraction(0)
    if not Fraction(1, 10) <= ratio <= 10:
        cause = f"The aspect {aspect!r} cannot be read"
        raise SecondUnitError(ErrorCode.BAD_REQUEST, cause, remedy="Write it as 9:16, 1:1 or 16:9")
    return ratio
