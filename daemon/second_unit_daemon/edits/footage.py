# SPDX-License-Identifier: GPL-3.0-or-later
"""What is seen of a clip: any file, the part that a strip shows, forwards or backwards, at the rate it is played."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import numpy as np
from attrs import evolve, field, frozen
from numpy.typing import NDArray
from second_unit_protocol.errors import ErrorCode, SecondUnitError
from second_unit_protocol.grid import Rate
from second_unit_protocol.limits import MAX_SIDE, MIN_SIDE

from ..conditioning.framing import covering
from ..encode.master import MasterWriter
from ..encode.read import has_alpha, is_steady, probe, read_frames, read_steady, standard_range

Picture = NDArray[np.uint8]


@frozen(eq=False)
class Footage:
    """Frames ``first`` … ``first + count - 1`` of ``path``; ``backwards``: the last of them is seen first.

    Seen frame k lies at scene frame ``start`` + k · ``step``. ``steady`` is None where the file's frames are evenly
    spaced, else the rate at which one is taken for each moment.
    """

    path: Path
    first: int
    count: int
    start: Fraction
    step: Fraction
    width: int
    height: int
    backwards: bool = False
    steady: Rate | None = None
    notes: tuple[str, ...] = field(default=())

    def time(self, seen: int) -> Fraction:
        """Scene frame of a seen frame."""
        return self.start + seen * self.step

    @property
    def last_time(self) -> Fraction:
        return self.time(self.count - 1)

    def part(self, seen: int, count: int) -> Footage:
        """``count`` frames from seen frame ``seen`` on."""
        first = self.first + (self.count - seen - count if self.backwards else seen)
        return evolve(self, first=first, count=count, start=self.time(seen))

    def frames(self) -> Iterator[Picture]:
        """(H, W, 3), in the order in which they are seen; backwards, all are held."""
        read = read_frames(self.path) if self.steady is None else read_steady(self.path, self.steady)
        chosen = (_three(p) for n, p in enumerate(read) if self.first <= n)
        frames = (p for _, p in zip(range(self.count), chosen, strict=False))
        return iter(list(frames)[::-1]) if self.backwards else frames

    def write(self, path: Path, width: int, height: int, rate: Rate) -> None:
        """Losslessly, as Matroska; a file of another aspect gives its middle."""
        with MasterWriter(path, width, height, rate, {"cut_from": self.path.name}) as out:
            for picture in self.frames():
                out.write(covering(picture, width, height))


def open_footage(
    path: Path,
    scene_rate: Rate | None = None,
    *,
    first: int = 0,
    count: int | None = None,
    start: Fraction = Fraction(0),
    rate: Rate | None = None,
    backwards: bool = False,
) -> tuple[Footage, Rate]:
    """A clip, and the rate of the scene that it is seen in.

    Args:
        scene_rate: default: the clip's own, so that a scene frame is a frame of the clip.
        rate: frames of the file that are played a second; default: the file's own.

    Raises SecondUnitError: FILE_GONE, BLOB_CORRUPT for what holds no picture, BAD_REQUEST or BAD_SIZE for what cannot
    be edited as it is.
    """
    facts = probe(path)
    standard_range(path.name, facts.colour)
    if not all(MIN_SIDE <= side <= MAX_SIDE for side in (facts.width, facts.height)):
        raise SecondUnitError(ErrorCode.BAD_SIZE, f"{path.name} is {facts.width} × {facts.height}")
    if facts.frames < 1:
        raise _refused(f"{path.name} has no frames", "Choose another clip")
    played = rate or facts.rate
    scene_rate = scene_rate or played
    notes, steady = [], None
    if has_alpha(facts.pixel_format):
        notes.append(f"{path.name} has an alpha channel; what is made of it has none")
    if not is_steady(path):
        steady = facts.rate
        notes.append(
            f"The frames of {path.name} are unevenly spaced; it is read at {float(facts.rate):.5g} frames a second"
        )
    if not 0 <= first < facts.frames:
        raise _refused(f"{path.name} has {facts.frames} frames; frame {first} is not among them", "Trim it less")
    there = facts.frames - first
    return (
        Footage(
            path,
            first,
            min(count or there, there),
            start,
            scene_rate.fraction / played.fraction,
            facts.width,
            facts.height,
            backwards,
            steady,
            tuple(notes),
        ),
        scene_rate,
    )


def _three(picture: Picture) -> Picture:
    return np.repeat(picture[..., None], 3, -1) if picture.ndim == 2 else picture


def _refused(cause: str, remedy: str) -> SecondUnitError:
    return SecondUnitError(ErrorCode.BAD_REQUEST, cause, remedy=remedy)
