# SPDX-License-Identifier: GPL-3.0-or-later
"""The source clip's frames at the shot's clip frames, decoded in one pass; a shot that goes on from them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from fractions import Fraction
from functools import cached_property

import cv2
import numpy as np
from numpy.typing import NDArray
from second_unit_protocol.errors import ErrorCode, SecondUnitError
from second_unit_protocol.shot import SourceUse

from ..encode.read import probe, read_frames
from .framing import covering
from .shot_data import ReferenceData, ShotData

Picture = NDArray[np.uint8]
FEATHER_PX = 4.0  # of the clip: over this width inside a region what is made fades in


def source_frames(shot: ShotData, frames: Iterable[int], change: Callable[[Picture], Picture]) -> dict[int, Picture]:
    """By clip frame, changed as they come; clip frames that the source does not reach are missing.

    A clip frame takes the source frame nearest to it in time, no more than half a source frame away.
    """
    wanted: dict[int, list[int]] = {}
    for frame in frames:
        number = source_number(shot, frame)
        if number is not None and _counts(shot, number):
            wanted.setdefault(number, []).append(frame)
    found: dict[int, Picture] = {}
    if not wanted:
        return found
    last = max(wanted)
    source = shot.request.source
    assert source is not None
    for number, picture in enumerate(read_frames(shot.blob_path(source.video))):
        if number in wanted:
            changed = change(picture)
            found |= {frame: changed for frame in wanted[number]}
        if number >= last:
            break
    return found


def source_number(shot: ShotData, frame: int) -> int | None:
    """Which source frame clip frame ``frame`` shows; None before its start. Its end is known only by reading it."""
    source = shot.request.source
    if source is None:
        return None
    grid = shot.request.grid
    seconds = (grid.scene_frame(frame) - Fraction(source.scene_frame)) / grid.scene_rate.fraction
    number = seconds * source.rate.fraction + Fraction(1, 2)
    return int(number) if number >= 0 else None


def reached(shot: ShotData) -> range:
    """Clip frames that the source shows. Raises SecondUnitError where it shows none, or cannot be read."""
    source = shot.request.source
    assert source is not None
    there = probe(shot.blob_path(source.video)).frames
    found = [
        f for f in range(len(shot)) if (n := source_number(shot, f)) is not None and n < there and _counts(shot, n)
    ]
    if not found:
        raise none_shown(shot)
    return range(found[0], found[-1] + 1)


def none_shown(shot: ShotData) -> SecondUnitError:
    cause = "The source clip shows none of the shot's frames"
    remedy = "Choose a range that the clip overlaps"
    return SecondUnitError(ErrorCode.BAD_REQUEST, cause, shot=shot.request.shot_name, remedy=remedy)


def ends_of(shot: ShotData) -> dict[int, Picture]:
    """The first and the last clip frame that the source shows, at the delivered size."""
    frames = reached(shot)
    size = shot.request.width, shot.request.height
    return source_frames(shot, {frames[0], frames[-1]}, lambda picture: covering(picture, *size))


def inside_region(made: Picture, picture: Picture, region: Picture) -> Picture:
    """``made`` inside ``region`` (H, W, 255 = changed), fading to ``picture`` at its edge; outside the very picture."""
    share = np.clip(cv2.distanceTransform(region, cv2.DIST_L2, 3) / FEATHER_PX, 0.0, 1.0)[..., None].astype(np.float32)
    mixed = share * made.astype(np.float32) + (1.0 - share) * picture.astype(np.float32)
    return np.where(region[..., None] > 0, np.rint(mixed), picture).astype(np.uint8)


class SourceStream:
    """The source's pictures at the delivered size, asked for in order of time; one is held."""

    def __init__(self, shot: ShotData):
        source = shot.request.source
        assert source is not None
        self.extended = source.use is SourceUse.EXTEND
        self._shot = shot
        self._frames = read_frames(shot.blob_path(source.video))
        self._number = -1
        self._picture: Picture | None = None

    def at(self, frame: int) -> Picture | None:
        """(H, W, 3); None where the source does not reach."""
        number = source_number(self._shot, frame)
        if number is None or not _counts(self._shot, number):
            return None
        while self._number < number:
            self._picture = next(self._frames, None)
            self._number += 1
            if self._picture is None:
                return None
        if self._picture is None:
            return None
        return covering(self._picture, self._shot.request.width, self._shot.request.height)


def _counts(shot: ShotData, number: int) -> bool:
    source = shot.request.source
    assert source is not None
    return number >= source.first and (source.count is None or number < source.first + source.count)


class Continued(ShotData):
    """A shot whose known clip frames are references too, at the ends of what is known, with the clip's own geometry.

    ``pictures``: known frames by clip frame, at the delivered size; the planes must be there.
    """

    def __init__(self, shot: ShotData, pictures: dict[int, Picture]):
        super().__init__(shot.request, shot.blob_path)
        self._own = shot
        self._pictures = pictures

    @cached_property
    def references(self) -> tuple[ReferenceData, ...]:
        ends = sorted({min(self._pictures), max(self._pictures)})
        made = (*self._own.references, *(self._reference_at(frame) for frame in ends))
        return tuple(sorted(made, key=lambda reference: reference.clip_position))

    def _reference_at(self, frame: int) -> ReferenceData:
        depth, index = self.needed_depth(frame), self.index(frame)
        return ReferenceData(
            name=f"clip frame {frame}",
            clip_position=float(frame),
            image=self._pictures[frame],
            c2w=self.c2w[frame],
            intrinsics=self.intrinsics[frame],
            depth=depth,
            index=index,
            matrices=self.matrices[frame],
            strength=1.0,
            fine_depth=depth,
            fine_index=index,
            positions=self.instant(frame).positions,
        )
