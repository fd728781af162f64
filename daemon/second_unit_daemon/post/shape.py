# SPDX-License-Identifier: GPL-3.0-or-later
"""Another aspect for another screen, by cropping: at one place, or after the subject."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

import cv2
import numpy as np
from attrs import frozen
from numpy.typing import NDArray
from second_unit_protocol.errors import ErrorCode, SecondUnitError

from .stream import Stream

if TYPE_CHECKING:
    from .stream import Picture

SLOW_S = 0.4  # a crop that follows its subject is smoothed over that


@frozen
class Crop:
    """A part of every frame, in pixels from its upper left corner."""

    left: int
    top: int
    width: int
    height: int

    def of(self, frame: Picture) -> Picture:
        return frame[self.top : self.top + self.height, self.left : self.left + self.width]


@frozen(eq=False)
class Framing:
    """The part of each frame that is kept, and the size that it is brought to."""

    crops: tuple[Crop, ...]  # one for all frames, or one for each
    size: tuple[int, int]

    def of(self, frame: Picture, number: int) -> Picture:
        cut = self.crops[min(number, len(self.crops) - 1)].of(frame)
        if cut.shape[1::-1] == self.size:
            return cut
        smaller = cut.shape[1] > self.size[0]
        made = cv2.resize(cut, self.size, interpolation=cv2.INTER_AREA if smaller else cv2.INTER_CUBIC)
        return np.asarray(made, np.uint8)

    @property
    def follows(self) -> bool:
        """The crop goes after the subject."""
        return len(self.crops) > 1

    @property
    def enlarged(self) -> bool:
        """The picture is made larger than it is: a step upscale before would have been better."""
        return self.size[0] > self.crops[0].width


def framing_for(
    stream: Stream,
    aspect: str,
    focus: float = 0.5,
    boxes: NDArray[np.float64] | None = None,
    size: tuple[int, int] | None = None,
) -> Framing:
    """How frames are cut and sized.

    Args:
        focus: where the crop lies along the longer side, 0 left or top … 1; unless there are boxes.
        boxes: (F, 4) left, top, right, bottom of the subject as shares of the picture. The crop stands still where one
            place holds the subject in every frame; else it follows, slowly enough to look like a camera.
        size: to bring it to; default: as it was cut.
    """
    plain = crop_for(stream, aspect, focus)
    size = size or (plain.width, plain.height)
    if boxes is None or (plain.width, plain.height) == (stream.width, stream.height):
        return Framing((plain,), size)
    across = plain.width < stream.width
    whole, part = (stream.width, plain.width) if across else (stream.height, plain.height)
    low, high = (boxes[:, 0] if across else boxes[:, 1]) * whole, (boxes[:, 2] if across else boxes[:, 3]) * whole
    if high.max() - low.min() <= part:
        places = np.full(1, (high.max() + low.min()) / 2)
    else:
        places = _slow((low + high) / 2, SLOW_S * float(stream.rate))
    starts = np.clip(np.round(places - part / 2), 0, whole - part).astype(int)
    crops = tuple(
        Crop(int(s), 0, plain.width, plain.height) if across else Crop(0, int(s), plain.width, plain.height)
        for s in starts
    )
    return Framing(crops, size)


def _slow(path: NDArray[np.float64], frames: float) -> NDArray[np.float64]:
    """A path without haste, as long as before; its ends are held."""
    reach = int(3 * frames)
    held = np.pad(path, reach, mode="edge")
    bell = np.exp(-0.5 * (np.arange(-reach, reach + 1) / max(frames, 1e-3)) ** 2)
    return np.asarray(np.convolve(held, bell / bell.sum(), mode="valid"), np.float64)


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
