# SPDX-License-Identifier: GPL-3.0-or-later
"""The files that a job makes, written frame by frame into its scratch folder."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np
from second_unit_protocol.disk import disk_errors
from second_unit_protocol.shot import ShotRequest

from ..encode.clip import ClipWriter
from ..encode.jpeg import jpeg
from ..encode.master import MasterWriter
from ..encode.png import png
from ..encode.sound import Sound, write_wav
from ..engines.base import EngineFrame, Frame
from ..post.stream import Stream
from .dialogue import Files

CLIP, MASTER, HOLES, POSTER, SOUND = "clip.mp4", "master.mkv", "holes.mkv", "poster.jpg", "sound.wav"
STILL = "still.png"
POSTER_WIDTH = 640
POSTER_QUALITY = 88


class Outputs:
    """Clip, master, hole mask (where the engine has one), poster, and the picture of a shot of one frame.

    An error removes what is half written.
    Files are opened with the first frame: until then ``provenance`` may grow by what the engine has decided.
    """

    def __init__(self, folder: Path, shot: ShotRequest, provenance: dict[str, Any], clip: Stream):
        self._folder = folder
        self._shot = shot
        self._provenance = provenance
        self._files = ExitStack()
        self._size = shot.width, shot.height
        self._clip_stream = clip
        self._holes: MasterWriter | None = None
        self._sound: str | None = None
        self._made = 0
        self._delivered = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool | None:
        return self._files.__exit__(kind, error, trace)

    def add(self, frame: EngineFrame) -> None:
        """The next clip frame, for the master and the hole mask."""
        if self._made == 0:
            self._open()
        self._master.write(frame.image)
        if frame.holes is not None and self._made == 0:
            self._holes = self._files.enter_context(
                MasterWriter(self._folder / HOLES, *self._size, self._shot.grid.clip_rate, self._provenance, grey=True)
            )
        if self._holes is not None:
            self._holes.write(frame.holes if frame.holes is not None else np.zeros(frame.image.shape[:2], np.uint8))
        self._made += 1

    def deliver(self, image: Frame) -> None:
        """The next frame of the clip at the scene's rate; the one in the middle is the poster."""
        self._clip.write(image)
        if self._delivered == self._shot.delivery.count // 2:
            path = self._folder / POSTER
            with disk_errors(path):
                path.write_bytes(jpeg(image, POSTER_WIDTH, POSTER_QUALITY))
        if self._shot.delivery.count == 1:
            path = self._folder / STILL
            with disk_errors(path):
                path.write_bytes(png(image))
        self._delivered += 1

    def _open(self) -> None:
        clip_rate, clip = self._shot.grid.clip_rate, self._clip_stream
        self._clip = self._files.enter_context(
            ClipWriter(self._folder / CLIP, clip.width, clip.height, clip.rate, self._provenance)
        )
        self._master = self._files.enter_context(
            MasterWriter(self._folder / MASTER, *self._size, clip_rate, self._provenance)
        )

    def add_sound(self, sound: Sound) -> None:
        """The clip's sound, (samples, 2) at 48 kHz."""
        write_wav(self._folder / SOUND, sound)
        self._sound = SOUND

    def files(self) -> Files:
        still = STILL if self._shot.delivery.count == 1 else None
        return Files(CLIP, MASTER, POSTER, HOLES if self._holes is not None else None, self._sound, still)
