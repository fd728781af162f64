# SPDX-License-Identifier: GPL-3.0-or-later
"""A clip on disk, as the finishing takes it: a video, or a folder of numbered pictures."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from contextlib import closing
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

import av
import cv2
import numpy as np
from attrs import evolve, frozen
from second_unit_protocol.errors import ErrorCode, SecondUnitError
from second_unit_protocol.grid import Rate

from ..encode.read import has_alpha, probe, read_frames, standard_range
from ..encode.sound import Sound, fitted, read_sound, sample_count
from .stream import Stream

if TYPE_CHECKING:
    from .stream import Picture

PICTURES = (".png", ".tif", ".tiff", ".jpg", ".jpeg", ".webp")
DEFAULT_RATE = Rate(24)
NO_TAGS = (0, 2, 2, 2)  # unspecified, as ITU-T H.273 has it
PART = "part"  # the step that says what of a clip was taken
REMEDY = "Name a video, or a folder of numbered pictures"


@frozen
class SourceClip:
    """What is known of a clip before its frames are read."""

    path: Path
    stream: Stream
    provenance: dict[str, Any]
    own_rate: Rate
    colour: tuple[int, int, int, int] = NO_TAGS  # as ``VideoFacts`` has it

    def frames(self) -> Iterator[Picture]:
        """(H, W, 3) uint8 sRGB, or (H, W, 4) where ``stream.alpha``. Raises SecondUnitError(BAD_REQUEST) for HDR."""
        standard_range(self.path.name, self.colour)
        first, end = self.stream.first, self.stream.first + self.stream.frames
        if self.path.is_dir():
            yield from (read_picture(path) for path in _pictures(self.path)[first:end])
            return
        with closing(read_frames(self.path, alpha=self.stream.alpha)) as frames:  # type: ignore[type-var]
            for frame in islice(frames, first, end):
                yield cv2.cvtColor(frame, cv2.COLOR_GRAY2RGB) if frame.ndim == 2 else frame  # type: ignore[misc]

    def sound(self) -> Sound | None:
        """The clip's own sound, of its part alone; None where it has none or is played at another rate than its own."""
        if self.path.is_dir() or self.stream.rate != self.own_rate:
            return None
        with av.open(str(self.path)) as container:
            if not container.streams.audio:
                return None
        start = sample_count(self.stream.first, self.own_rate)
        end = start + sample_count(self.stream.frames, self.own_rate)
        whole = self.stream.frames == self.stream.of
        return read_sound(self.path) if whole else fitted(read_sound(self.path)[start:end], end - start)

    def part(self, first: int, count: int) -> SourceClip:
        """Frames ``first`` … ``first + count - 1`` alone. Raises SecondUnitError(BAD_REQUEST) where there are none."""
        if first < 0 or count < 1 or first + count > self.stream.of:
            cause = f"{self.path.name} has frames 0 to {self.stream.of - 1}, not {first} to {first + count - 1}"
            raise SecondUnitError(ErrorCode.BAD_REQUEST, cause, remedy="Ask for frames that it has")
        return evolve(self, stream=evolve(self.stream, first=first, frames=count))

    def taken(self) -> list[dict[str, Any]]:
        """What of the clip it is, and at which rate, for the provenance; nothing for all of it at its own."""
        facts: dict[str, Any] = {}
        if self.stream.frames != self.stream.of:
            facts["part"] = f"{self.stream.first}:{self.stream.frames}"
        if self.stream.rate != self.own_rate:
            facts["fps"] = str(self.stream.rate.fraction)
        return [{"step": PART, **facts}] if facts else []

    def digest(self) -> str:
        """SHA-256 of the file, to tell later what a finished clip was made of; of a folder, of its pictures."""
        whole = hashlib.sha256()
        for path in _pictures(self.path) if self.path.is_dir() else [self.path]:
            with path.open("rb") as file:
                while block := file.read(1 << 20):
                    whole.update(block)
        return whole.hexdigest()


def open_clip(path: Path, rate: Rate | None = None) -> SourceClip:
    """Raises SecondUnitError: FILE_GONE where there is nothing, BLOB_CORRUPT where it is no clip.

    Args:
        rate: at which it is played; default: a video's own, 24 for a folder of pictures.
    """
    if path.is_dir():
        names = _pictures(path)
        if not names:
            raise SecondUnitError(ErrorCode.BLOB_CORRUPT, f"{path} holds no pictures", remedy=REMEDY)
        height, width, channels = read_picture(names[0]).shape
        own = rate or DEFAULT_RATE
        return SourceClip(path, Stream(width, height, own, len(names), channels == 4, of=len(names)), {}, own)
    try:
        facts = probe(path)
    except SecondUnitError as error:
        if error.info.code != ErrorCode.BLOB_CORRUPT:
            raise
        raise SecondUnitError(ErrorCode.BLOB_CORRUPT, error.info.cause, remedy=REMEDY) from error
    alpha = has_alpha(facts.pixel_format)
    stream = Stream(facts.width, facts.height, rate or facts.rate, facts.frames, alpha, of=facts.frames)
    return SourceClip(path, stream, facts.provenance, facts.rate, facts.colour)


def part_of(source: SourceClip, text: str) -> SourceClip:
    """``FIRST:COUNT`` of a clip; all of it where nothing is said. Raises SecondUnitError(BAD_REQUEST)."""
    if not text:
        return source
    try:
        first, count = (int(number) for number in text.split(":"))
    except ValueError:
        remedy = "Write the first frame and how many, such as 12:48"
        raise SecondUnitError(ErrorCode.BAD_REQUEST, f"{text!r} is no part of a clip", remedy=remedy) from None
    return source.part(first, count)


def _pictures(folder: Path) -> list[Path]:
    """By the last number in their names."""

    def number(path: Path) -> tuple[int, str]:
        digits = re.findall(r"\d+", path.stem)
        return (int(digits[-1]) if digits else 0, path.name)

    return sorted((p for p in folder.iterdir() if p.suffix.lower() in PICTURES), key=number)


def read_picture(path: Path) -> Picture:
    """A picture file as (H, W, 3) or (H, W, 4) uint8 sRGB. Raises SecondUnitError(BLOB_CORRUPT)."""
    stored = cv2.imread(str(path), cv2.IMREAD_UNCHANGED)
    if stored is None:
        raise SecondUnitError(ErrorCode.BLOB_CORRUPT, f"{path.name} cannot be read as a picture", remedy=REMEDY)
    if stored.dtype == np.uint16:
        stored = (stored / 257).round().astype(np.uint8)
    if stored.ndim == 2:
        return np.asarray(cv2.cvtColor(stored, cv2.COLOR_GRAY2RGB), np.uint8)
    order = cv2.COLOR_BGRA2RGBA if stored.shape[2] == 4 else cv2.COLOR_BGR2RGB
    return np.asarray(cv2.cvtColor(stored, order), np.uint8)
