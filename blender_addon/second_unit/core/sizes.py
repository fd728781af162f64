# SPDX-License-Identifier: GPL-3.0-or-later
"""Sizes of clips: presets by aspect, a size of the same area in another aspect; how fine references' geometry is."""

from __future__ import annotations

import math

from ..protocol.limits import MAX_SIDE, MIN_SIDE

FINER = (5, 3)  # odd, so that pixels' centres are among the samples
FINE_SAMPLES = 64_000_000  # of all references together, at eight bytes in the daemon; three times is always borne

STEP = 16  # what nearly every video model's sides are multiples of

PRESETS: tuple[tuple[int, int, str, str], ...] = (
    (1280, 720, "16:9", "HD"),
    (1920, 1080, "16:9", "Full HD"),
    (832, 480, "16:9", "Small, the size that many video models were made for; a hair under 16:9"),
    (720, 1280, "9:16", "HD portrait"),
    (480, 832, "9:16", "Small portrait; a hair over 9:16"),
    (1024, 1024, "1:1", "Square"),
    (960, 720, "4:3", "Classic television"),
    (1680, 720, "21:9", "Wide screen"),
)


def in_aspect(size: tuple[int, int], aspect: tuple[float, float]) -> tuple[int, int]:
    """A (width, height) of about the same area whose aspect is that, in steps of 16 pixels.

    The closest of the sizes around is taken, so that 16:9 out of 1280 × 720 is 1280 × 720 again.
    """
    ratio = aspect[0] / aspect[1]
    if abs(size[0] / size[1] / ratio - 1) < 1e-3:
        return size
    return nearest(size[0] * size[1], ratio) or size


def nearest(area: float, ratio: float) -> tuple[int, int] | None:
    """The (width, height) in steps of 16 pixels that is closest to that area and ratio; None where none is legal."""
    height = math.sqrt(area / ratio)
    heights = {max(MIN_SIDE, STEP * round(height / STEP) + STEP * step) for step in (-2, -1, 0, 1, 2)}
    sizes = [(STEP * round(h * ratio / STEP), h) for h in heights]
    legal = [(w, h) for w, h in sizes if MIN_SIDE <= w <= MAX_SIDE and h <= MAX_SIDE]

    def apart(candidate: tuple[int, int]) -> float:
        w, h = candidate
        return abs(math.log(w / h / ratio)) + 0.2 * abs(math.log(w * h / area))

    return min(legal, key=apart, default=None)


def finer_by(width: int, height: int, references: int) -> int:
    """How many times finer the geometry of that many references is than planes of ``width`` × ``height``.

    Silhouettes and what they hide are decided between pixels. The first of FINER that fits; 1 where none is legal.
    """
    for times in FINER:
        fits = times**2 * width * height * references <= FINE_SAMPLES or times == min(FINER)
        if fits and times * max(width, height) <= MAX_SIDE:
            return times
    return 1
