# SPDX-License-Identifier: GPL-3.0-or-later
"""Reading videos back: frames as a stream, and what the container says about them."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
from attrs import frozen
from av.container import InputContainer
from av.error import FFmpegError
from av.video.reformatter import ColorRange, VideoReformatter
from numpy.typing import NDArray
from second_unit_protocol.errors import ErrorCode, SecondUnitError
from second_unit_protocol.grid import Rate

from .metadata import PICTURE_SIZE, from_metadata
from .scaling import EXACT

HDR = {16: "PQ", 18: "HLG"}  # transfer curves, as ITU-T H.273 numbers them
NO_VIDEO = "Check the file: it is broken, or no video"


@frozen
class VideoFacts:
    """What a file's header says. ``width`` × ``height`` is the picture as it is seen, turned as the file says;
    ``stored_*`` the coded frame around it.

    ``colour`` is (range, matrix, primaries, transfer) as the numbers of ITU-T H.273 (range: 1 limited, 2 full).
    """

    frames: int
    rate: Rate
    width: int
    height: int
    stored_width: int
    stored_height: int
    codec: str
    pixel_format: str
    colour: tuple[int, int, int, int]
    duration_s: Fraction
    provenance: dict[str, Any]


def probe(path: Path) -> VideoFacts:
    """Reads the header; counts packets where the container does not know its number of frames."""
    with _opened(path) as container:
        stream = container.streams.video[0]
        context = stream.codec_context
        provenance = from_metadata(container.metadata)
        width, height = _picture_size(provenance, context.width, context.height)
        if not provenance and _quarters(path) % 2:  # our own files lie as they are seen
            width, height = height, width
        rate = Fraction(stream.average_rate or stream.base_rate or 0)
        frames = stream.frames or sum(packet.size > 0 for packet in container.demux(stream))
        return VideoFacts(
            frames=frames,
            rate=Rate(rate.numerator, rate.denominator),
            width=width,
            height=height,
            stored_width=context.width,
            stored_height=context.height,
            codec=context.name,
            pixel_format=context.pix_fmt or "",
            colour=(
                int(context.color_range),
                int(context.colorspace),
                int(context.color_primaries),
                int(context.color_trc),
            ),
            duration_s=Fraction(container.duration or 0, av.time_base),
            provenance=provenance,
        )


def read_provenance(path: Path) -> dict[str, Any]:
    """What the writer was given; empty for a file that another program made."""
    with _opened(path) as container:
        return from_metadata(container.metadata)


def standard_range(name: str, colour: tuple[int, int, int, int]) -> None:
    """Raises SecondUnitError(BAD_REQUEST) for the colours of a high dynamic range, which would be read wrong."""
    if curve := HDR.get(colour[3]):
        cause = f"{name} is HDR ({curve}), and what is made has standard range"
        remedy = "Convert it to Rec.709 first, for example by rendering it from the sequencer"
        raise SecondUnitError(ErrorCode.BAD_REQUEST, cause, remedy=remedy)


def has_alpha(pixel_format: str) -> bool:
    """Whether pixels of a format carry alpha."""
    return any(part.is_alpha for part in av.VideoFormat(pixel_format).components) if pixel_format else False


def read_frames(path: Path, alpha: bool = False) -> Iterator[NDArray[np.uint8]]:
    """Yields (H, W, 3) uint8 sRGB, or (H, W) for a grey video, in order of time, padding cut off.

    With ``alpha``, a video that has it yields (H, W, 4), straight.

    Raises SecondUnitError(FILE_GONE) where the file is missing and BLOB_CORRUPT where it is not a video.
    """
    with _opened(path) as container:
        stream = container.streams.video[0]
        stream.thread_type = "AUTO"
        context = stream.codec_context
        width, height = _picture_size(from_metadata(container.metadata), context.width, context.height)
        reformatter = VideoReformatter()
        for frame in container.decode(stream):
            array = _with_alpha if alpha and has_alpha(frame.format.name) else _to_array
            yield _upright(array(frame, reformatter)[:height, :width], frame)


def is_steady(path: Path) -> bool:
    """Whether the video's frames are evenly spaced, to half a frame; told from the packets, nothing is decoded."""
    with _opened(path) as container:
        stream = container.streams.video[0]
        base = stream.time_base or Fraction(1, av.time_base)
        times = sorted(
            packet.pts * base for packet in container.demux(stream) if packet.size and packet.pts is not None
        )
    if len(times) < 3:
        return True
    step = (times[-1] - times[0]) / (len(times) - 1)
    return all(abs(time - times[0] - n * step) < step / 2 for n, time in enumerate(times))


def read_steady(path: Path, rate: Rate) -> Iterator[NDArray[np.uint8]]:
    """As :func:`read_frames`, at an even rate: each moment shows the frame that is on screen then."""
    with _opened(path) as container:
        stream = container.streams.video[0]
        context, base = stream.codec_context, stream.time_base or Fraction(1, av.time_base)
        width, height = _picture_size(from_metadata(container.metadata), context.width, context.height)
        reformatter = VideoReformatter()
        shown, begin, made = None, Fraction(0), 0
        for frame in container.decode(stream):
            time = (frame.pts or 0) * base
            begin = time if shown is None else begin
            while shown is not None and begin + Fraction(made) / rate.fraction < time - 1 / (2 * rate.fraction):
                yield shown
                made += 1
            shown = _upright(_to_array(frame, reformatter)[:height, :width], frame)
        if shown is not None:
            yield shown


def _quarters(path: Path) -> int:
    """Quarter turns to the left that the file's display matrix asks for, as phones write it; 0 for unreadable files."""
    with _opened(path) as container:
        try:
            return next((_turns(frame) for frame in container.decode(video=0)), 0)
        except FFmpegError:
            return 0


def _turns(frame: av.VideoFrame) -> int:
    return round(frame.rotation / 90) % 4


def _upright(picture: NDArray[np.uint8], frame: av.VideoFrame) -> NDArray[np.uint8]:
    turns = _turns(frame)
    return np.ascontiguousarray(np.rot90(picture, turns)) if turns else picture


def _to_array(frame: av.VideoFrame, reformatter: VideoReformatter) -> NDArray[np.uint8]:
    name = frame.format.name
    if name.startswith("gray"):
        return np.asarray(frame.to_ndarray(format="gray"), np.uint8)
    if name == "bgr0":  # the master: a change of byte order, with no scaler that could round
        plane = frame.planes[0]
        bgra = np.frombuffer(memoryview(plane), np.uint8).reshape(frame.height, plane.line_size // 4, 4)[
            :, : frame.width
        ]
        return np.asarray(cv2.cvtColor(bgra, cv2.COLOR_BGRA2RGB), np.uint8)
    rgb = reformatter.reformat(frame, format="rgb24", interpolation=EXACT, dst_color_range=ColorRange.JPEG)
    return np.asarray(rgb.to_ndarray(), np.uint8)


def _with_alpha(frame: av.VideoFrame, reformatter: VideoReformatter) -> NDArray[np.uint8]:
    rgba = reformatter.reformat(frame, format="rgba", interpolation=EXACT, dst_color_range=ColorRange.JPEG)
    return np.asarray(rgba.to_ndarray(), np.uint8)


def _picture_size(provenance: dict[str, Any], stored_width: int, stored_height: int) -> tuple[int, int]:
    try:
        width, height = (int(side) for side in str(provenance[PICTURE_SIZE]).split("x"))
    except (KeyError, ValueError):
        return stored_width, stored_height
    return min(width, stored_width), min(height, stored_height)


def _opened(path: Path) -> InputContainer:
    try:
        container = av.open(str(path))
    except FileNotFoundError as error:
        cause = f"{Path(path).name} is not at {Path(path).parent}"
        remedy = "Check the path; a take can be fetched again from the takes list while the daemon still keeps it"
        raise SecondUnitError(ErrorCode.FILE_GONE, cause, remedy=remedy) from error
    except FFmpegError as error:
        cause = f"{Path(path).name} cannot be read as a video"
        raise SecondUnitError(ErrorCode.BLOB_CORRUPT, cause, remedy=NO_VIDEO) from error
    video = container.streams.video
    if not video or not (video[0].codec_context.width and (video[0].average_rate or video[0].base_rate)):
        container.close()
        raise SecondUnitError(ErrorCode.BLOB_CORRUPT, f"{Path(path).name} holds no moving picture", remedy=NO_VIDEO)
    return container
