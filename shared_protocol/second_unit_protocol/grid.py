# SPDX-License-Identifier: GPL-3.0-or-later
"""Exact clip time: which scene frame every clip frame shows, without floating-point drift."""

from __future__ import annotations

from fractions import Fraction

from .late import field, frozen, ge, gt


@frozen
class Rate:
    """Frames per second as an exact fraction, so that 23.976 is 24000/1001 and stays so."""

    num: int = field(validator=gt(0))
    den: int = field(default=1, validator=gt(0))

    @classmethod
    def of(cls, value: float | Fraction) -> Rate:
        """The nearest rate with a denominator up to 1001 (every broadcast rate is one)."""
        exact = Fraction(value).limit_denominator(1001)
        return cls(exact.numerator, exact.denominator)

    @property
    def fraction(self) -> Fraction:
        return Fraction(self.num, self.den)

    def __float__(self) -> float:
        return self.num / self.den


@frozen
class SceneRange:
    """Whole scene frames that a strip shows, both ends included, at the scene's own rate.

    Handles are inside the range: ``first`` is the first frame of the media, and the strip
    hides ``handle_before`` and ``handle_after`` frames of it.
    """

    first: int
    last: int
    rate: Rate
    handle_before: int = field(default=0, validator=ge(0))
    handle_after: int = field(default=0, validator=ge(0))

    @property
    def count(self) -> int:
        return self.last - self.first + 1


@frozen
class FrameGrid:
    """Maps clip frames to scene time.

    Clip frame ``i`` shows scene frame ``start + i * scene_rate / clip_rate``; that may be a sub-frame.
    ``start`` is given as a fraction ``start_num / start_den`` of a scene frame.
    """

    start_num: int
    count: int = field(validator=ge(1))
    scene_rate: Rate
    clip_rate: Rate
    start_den: int = field(default=1, validator=gt(0))

    @property
    def step(self) -> Fraction:
        """Scene frames from one clip frame to the next."""
        return self.scene_rate.fraction / self.clip_rate.fraction

    def scene_frame(self, index: int) -> Fraction:
        """Scene frame (with its sub-frame part) that clip frame ``index`` shows."""
        return Fraction(self.start_num, self.start_den) + index * self.step

    def clip_position(self, scene_frame: float | Fraction) -> Fraction:
        """Where a scene frame falls in the clip, in clip frames; may lie outside 0 … count-1."""
        return (Fraction(scene_frame) - Fraction(self.start_num, self.start_den)) / self.step

    def nearest(self, scene_frame: float | Fraction) -> int:
        """The clip frame whose time is nearest to a scene frame, held at the clip's ends."""
        position = self.clip_position(scene_frame)
        return min(max(int(position + Fraction(1, 2) if position >= 0 else 0), 0), self.count - 1)
