# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the depth of pictures comes from: files for each frame, files for each picture, or a stand-in shape."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

import numpy as np
from attrs import field, frozen
from numpy.typing import NDArray
from second_unit_protocol.errors import ErrorCode, SecondUnitError

from ..depth_files import DepthReader
from ..forms import CameraTrack
from .pinned import PinnedPicture

Depth = NDArray[np.float32]


class PictureDepth(Protocol):
    """Depth (H, W) planar metres of each picture, and of each frame where that is known."""

    def of_picture(self, number: int) -> Depth: ...

    def of_frame(self, frame: int) -> Depth | None:
        """None: not known, it is lifted from the pictures'."""
        ...


@frozen(eq=False)
class FrameDepth:
    """A depth map for each frame of the path; a picture's is that of its frame."""

    reader: DepthReader
    track: CameraTrack = field(repr=False)
    pictures: tuple[PinnedPicture, ...] = field(repr=False)

    def of_picture(self, number: int) -> Depth:
        return self.of_frame(self.pictures[number].frame)

    def of_frame(self, frame: int) -> Depth:
        return _read(self.reader, frame, frame, self.track)


@frozen(eq=False)
class OwnDepth:
    """A depth map for each picture, in their order; the frames' is lifted from it."""

    readers: tuple[DepthReader, ...]
    track: CameraTrack = field(repr=False)
    pictures: tuple[PinnedPicture, ...] = field(repr=False)

    def of_picture(self, number: int) -> Depth:
        frame = self.pictures[number].frame
        if len(self.readers) == 1:
            return _read(self.readers[0], number, frame, self.track)
        return _read(self.readers[number], 0, frame, self.track)

    def of_frame(self, frame: int) -> None:
        return None


@frozen(eq=False)
class MadeDepth:
    """Depth that is made up: by a stand-in shape or a depth model; ``make`` takes a picture's number."""

    make: Callable[[int], Depth]

    def of_picture(self, number: int) -> Depth:
        return self.make(number)

    def of_frame(self, frame: int) -> None:
        return None


def depth_from(readers: Sequence[DepthReader], track: CameraTrack, pictures: tuple[PinnedPicture, ...]) -> PictureDepth:
    """Tells from the number of maps whether they are the frames' or the pictures'. Raises SecondUnitError."""
    maps = sum(len(reader) for reader in readers)
    if len(readers) == 1 and maps == len(track) and maps != len(pictures):
        return FrameDepth(readers[0], track, pictures)
    if maps == len(pictures):
        return OwnDepth(tuple(readers), track, pictures)
    cause = (
        f"There are {maps} depth maps for {len(pictures)} picture{'s' * (len(pictures) != 1)} "
        f"and {len(track)} frames of camera"
    )
    raise SecondUnitError(
        ErrorCode.BAD_REQUEST, cause, remedy="Give one depth map for each picture, or one for each frame of the camera"
    )


def _read(reader: DepthReader, number: int, frame: int, track: CameraTrack) -> Depth:
    return reader.frame(number, track.resized(reader.width, reader.height).intrinsics[frame])
