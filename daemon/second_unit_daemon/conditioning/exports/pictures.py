# SPDX-License-Identifier: GPL-3.0-or-later
"""Frames on their way to disk: a video, or a folder of pictures, as the name that was given says.

``.mp4`` is H.264 (every player, not exact), ``.mkv`` FFV1 without loss, any other name a folder of PNG without loss.
"""

from __future__ import annotations

from pathlib import Path
from types import TracebackType
from typing import Any, Protocol, Self

import av
import cv2
import numpy as np
from av.video.reformatter import ColorRange
from numpy.typing import NDArray
from second_unit_protocol.disk import disk_errors
from second_unit_protocol.errors import ErrorCode, SecondUnitError
from second_unit_protocol.grid import Rate

from ...encode.clip import ClipWriter
from ...encode.master import MasterWriter
from ...encode.output import VideoOutput
from ..projection.references import crop_of
from ..shot_data import ShotData

Frame = NDArray[Any]  # uint8, or uint16 for more bits
VIDEOS = (".mp4", ".mkv")
MP4_CRF = 8.0  # nearly without loss: what comes out of a clip goes into a model
FILES = ".mp4, .mkv or a folder of PNG"


class FrameSink(Protocol):
    """Takes frames (H, W, 3) or (H, W). Leaving it by an exception removes what a video had so far."""

    def write(self, frame: Frame) -> None: ...

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None, /
    ) -> None: ...


def open_frames(path: Path, shot: ShotData, *, grey: bool = False, bits: int = 8) -> FrameSink:
    """A sink for the shot's frames at the delivered size: uint8, or uint16 holding 10 or 16 ``bits`` of grey."""
    request = shot.request
    width, height, rate = request.width, request.height, request.grid.clip_rate
    kind = path.suffix.lower()
    if kind not in VIDEOS:
        return _Folder(path, bits)
    if bits != 8:
        if kind == ".mp4" and bits != 10:
            cause = f"An .mp4 cannot hold {bits} bits a sample"
            raise SecondUnitError(ErrorCode.BAD_REQUEST, cause, remedy="Write an .mkv or a folder, or --bits 10")
        return _DeepGrey(path, width, height, rate, bits)
    if kind == ".mkv":
        return MasterWriter(path, width, height, rate, {"shot": request.shot_name}, grey=grey)
    return _Clip(path, width, height, rate, {"shot": request.shot_name}, crf=MP4_CRF)


def cropped(shot: ShotData, plane: NDArray) -> NDArray:
    """The delivered picture inside a captured plane (H, W) or (H, W, C)."""
    left, top, width, height = crop_of(shot, plane.shape[1], plane.shape[0])
    return plane[top : top + height, left : left + width]


def beside(path: Path, what: str) -> Path:
    """Where a second video goes: ``clip_mask.mkv`` beside ``clip.mkv``; in a folder, a folder of its own."""
    if path.suffix.lower() in VIDEOS:
        return path.with_name(f"{path.stem}_{what}{path.suffix}")
    return path / what


def main_of(path: Path, what: str) -> Path:
    """Where the first of two goes: the very name for a video, else a folder inside the folder."""
    return path if path.suffix.lower() in VIDEOS else path / what


class _Clip(ClipWriter):
    """Takes grey frames too."""

    def write(self, frame: Frame) -> None:
        super().write(np.repeat(frame[..., None], 3, 2) if frame.ndim == 2 else frame)


class _DeepGrey(VideoOutput):
    """Grey of 10 or 16 bits: FFV1 in Matroska, or H.264 High 10 (full range) in MP4."""

    def __init__(self, path: Path, width: int, height: int, rate: Rate, bits: int):
        mp4 = path.suffix.lower() == ".mp4"
        self._format = {10: "gray10le", 16: "gray16le"}[bits]
        super().__init__(
            path,
            "libx264" if mp4 else "ffv1",
            rate,
            {},
            container="mp4" if mp4 else "matroska",
            container_options={},
            codec_options={"crf": f"{MP4_CRF:g}"} if mp4 else {"level": "3", "slicecrc": "1"},
        )
        context = self._stream.codec_context
        context.width, context.height, context.pix_fmt = width, height, self._format
        context.color_range = ColorRange.JPEG

    def write(self, frame: Frame) -> None:
        self._encode(av.VideoFrame.from_ndarray(np.ascontiguousarray(frame), self._format))


class _Folder:
    """``000000.png`` and on; grey of 10 bits lies in the upper bits of 16, so that white is white."""

    def __init__(self, path: Path, bits: int):
        self._path = path
        self._shift = 16 - bits if bits > 8 else 0
        self._count = 0

    def __enter__(self) -> Self:
        with disk_errors(self._path):
            self._path.mkdir(parents=True, exist_ok=True)
        return self

    def __exit__(self, *_: object) -> None:
        """What was written stays: a folder of pictures is of use as far as it goes."""

    def write(self, frame: Frame) -> None:
        if self._shift:
            # 10 bits fill 16 by repeating their first ones: 1023 becomes 65535.
            frame = (frame.astype(np.uint16) << self._shift) | (frame.astype(np.uint16) >> (16 - 2 * self._shift))
        picture = cv2.cvtColor(frame, cv2.COLOR_RGB2BGR) if frame.ndim == 3 else frame
        write_png(self._path / f"{self._count:06d}.png", np.asarray(picture))
        self._count += 1


def write_png(path: Path, picture: NDArray) -> None:
    """A PNG as OpenCV keeps pictures (BGR). Raises SecondUnitError where the disk refuses."""
    done, packed = cv2.imencode(".png", np.ascontiguousarray(picture))
    if not done:
        raise ValueError(f"a picture of shape {picture.shape} {picture.dtype} makes no PNG")
    with disk_errors(path):
        path.write_bytes(packed.tobytes())
