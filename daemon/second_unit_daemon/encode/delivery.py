# SPDX-License-Identifier: GPL-3.0-or-later
"""A clip in any of the delivery formats: picture, alpha where the format has it, sound, colour tags, provenance."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Mapping
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
from av.audio.resampler import AudioResampler
from av.audio.stream import AudioStream
from av.container import OutputContainer
from av.filter import Graph
from av.video.reformatter import ColorPrimaries, ColorRange, Colorspace, ColorTrc, VideoReformatter
from numpy.typing import NDArray
from second_unit_protocol.disk import disk_errors
from second_unit_protocol.errors import ErrorCode, SecondUnitError
from second_unit_protocol.grid import Rate

from .clip import CENTRED_CHROMA
from .formats import Format
from .metadata import PICTURE_SIZE, to_metadata
from .output import VideoOutput, disk_error
from .scaling import EXACT
from .sound import SAMPLE_RATE, Sound

SEQUENCE_NAME = "frame_%05d"
_SOUND_BLOCK = 1024


class DeliveryWriter(VideoOutput):
    """Writes (H, W, 3) or, where the format and ``alpha`` say so, (H, W, 4) uint8 sRGB frames with straight alpha.

    Where the format has no alpha, the picture is laid over black. YCbCr formats are BT.709, limited range, by matrix
    and by tags; RGB formats say sRGB; EXR is linear light. An error removes what is half written.
    """

    def __init__(
        self,
        path: Path,
        form: Format,
        width: int,
        height: int,
        rate: Rate,
        provenance: Mapping[str, Any],
        *,
        alpha: bool = False,
        sound: Sound | None = None,
    ):
        if width < form.smallest[0] or height < form.smallest[1]:
            cause = f"{form.label.split(':')[0]} takes no picture smaller than {form.smallest[0]} × {form.smallest[1]}"
            raise SecondUnitError(ErrorCode.BAD_REQUEST, cause, remedy="Choose another format, or make the clip larger")
        self.form, self.width, self.height = form, width, height
        self.lost_alpha = False  # something was transparent, and the format holds none of it
        self.alpha = alpha and bool(form.alpha_pixels)
        self._stored = (width + width % 2, height + height % 2) if form.even else (width, height)
        self._folder: Path | None = None
        target, options = Path(path), dict(form.container_options)
        if form.sequence:
            self._folder = target
            with disk_errors(target):
                target.mkdir(parents=True, exist_ok=True)
            target, options = target / f"{SEQUENCE_NAME}.{form.name}", {"start_number": "1"}
        facts = dict(provenance)
        if self._stored != (width, height):
            facts[PICTURE_SIZE] = f"{width}x{height}"
        codec_options = dict(form.options)
        if form.codec == "libsvtav1":
            os.environ.setdefault("SVT_LOG", "1")  # errors alone: it writes its settings to stderr
        if form.codec == "libx264":
            codec_options["x264-params"] = CENTRED_CHROMA
        super().__init__(
            target,
            form.codec,
            rate,
            {} if form.sequence else to_metadata(facts),
            container=form.container,
            container_options=options,
            codec_options=codec_options,
        )
        self._reformatter = VideoReformatter()
        self._palette = _Palette() if form.name == "gif" else None
        self._set_up(self._stream.codec_context)
        self._sound = _SoundTrack(self._container, form.sound, sound) if sound is not None and form.sound else None

    @property
    def _pixels(self) -> str:
        return self.form.alpha_pixels if self.alpha else self.form.pixels

    @property
    def _rgb(self) -> bool:
        return not self._pixels.startswith("yuv")

    def _set_up(self, context: av.VideoCodecContext) -> None:
        context.width, context.height = self._stored
        context.pix_fmt = self._pixels
        if self.form.gop:
            context.gop_size = self.form.gop
        if self.form.tag:
            context.codec_tag = self.form.tag
        if self._palette or self.form.name in ("webp", "exr"):
            return
        context.color_range = ColorRange.JPEG if self._rgb else ColorRange.MPEG
        if not self._rgb:
            context.colorspace = Colorspace.ITU709
        context.color_primaries = ColorPrimaries.BT709
        context.color_trc = ColorTrc.IEC61966_2_1 if self._rgb else ColorTrc.BT709

    def write(self, frame: NDArray[np.uint8]) -> None:
        """Adds the next frame. Raises ValueError for another shape or type."""
        channels = frame.shape[2] if frame.ndim == 3 else 0
        if frame.shape[:2] != (self.height, self.width) or channels not in (3, 4) or frame.dtype != np.uint8:
            raise ValueError(f"a frame is {self.height}×{self.width}×3 uint8, not {frame.shape} {frame.dtype}")
        if channels == 3 and self.alpha:
            frame = np.dstack((frame, np.full(frame.shape[:2], 255, np.uint8)))
        if channels == 4 and not self.alpha:
            self.lost_alpha |= bool((frame[..., 3] < 255).any())
            frame = over_black(frame)
        wide, high = self._stored
        if self._stored != (self.width, self.height):
            frame = np.pad(frame, ((0, high - self.height), (0, wide - self.width), (0, 0)), mode="edge")
        frame = np.ascontiguousarray(frame)
        if self._palette is None:
            self._encode(self._converted(frame))
        else:
            for indexed in self._palette.frames(frame):
                self._encode(indexed)
        if self._sound is not None:
            self._mux_sound(self.frames / self.rate.fraction)

    def _converted(self, frame: NDArray[np.uint8]) -> av.VideoFrame:
        if self.form.name == "exr":
            return _linear_frame(frame)
        picture = av.VideoFrame.from_ndarray(frame, "rgba" if self.alpha else "rgb24")
        if self._rgb:
            if self._pixels == "bgra" and not self.alpha:
                picture = av.VideoFrame.from_ndarray(
                    np.asarray(cv2.cvtColor(frame, cv2.COLOR_RGB2RGBA), np.uint8), "rgba"
                )
            return picture if picture.format.name == self._pixels else picture.reformat(format=self._pixels)
        made = self._reformatter.reformat(
            picture,
            format=self._pixels,
            dst_colorspace=Colorspace.ITU709,
            dst_color_range=ColorRange.MPEG,
            interpolation=EXACT,
        )
        made.color_primaries, made.color_trc = ColorPrimaries.BT709, ColorTrc.BT709
        return made

    def _mux_sound(self, until_s: Fraction | None) -> None:
        assert self._sound is not None
        try:
            for packet in self._sound.packets(until_s):
                self._container.mux(packet)
        except OSError as error:
            raise disk_error(error, self.path) from error

    def close(self) -> None:
        if self._open and self._sound is not None and self.frames:
            self._mux_sound(None)
        super().close()

    def abort(self) -> None:
        super().abort()
        if self._folder is not None:
            for number in range(1, self.frames + 2):
                (self._folder / f"{SEQUENCE_NAME % number}.{self.form.name}").unlink(missing_ok=True)
            with contextlib.suppress(OSError):  # it was not empty before
                self._folder.rmdir()


class _SoundTrack:
    """Sound encoded up to where the picture is, so that neither waits for the other in the file."""

    def __init__(self, container: OutputContainer, codec: str, sound: Sound):
        stream = container.add_stream(codec, rate=SAMPLE_RATE)
        assert isinstance(stream, AudioStream)
        stream.codec_context.layout = "stereo"
        if codec in ("aac", "libopus"):
            stream.codec_context.bit_rate = 256_000
        self._stream, self._sound, self._done = stream, sound, 0
        self._to_stored = AudioResampler(
            format="s32" if codec in ("pcm_s24le", "flac") else "fltp" if codec == "aac" else "flt",
            layout="stereo",
            rate=SAMPLE_RATE,
        )

    def packets(self, until_s: Fraction | None) -> list[av.Packet]:
        end = len(self._sound) if until_s is None else min(round(until_s * SAMPLE_RATE), len(self._sound))
        made = []
        while self._done < end and (until_s is None or end - self._done >= _SOUND_BLOCK):
            block = self._sound[self._done : min(self._done + _SOUND_BLOCK, end)]
            frame = av.AudioFrame.from_ndarray(
                np.ascontiguousarray(block.T, np.float32), format="fltp", layout="stereo"
            )
            frame.sample_rate, frame.pts, frame.time_base = SAMPLE_RATE, self._done, Fraction(1, SAMPLE_RATE)
            for stored in self._to_stored.resample(frame):
                made += self._stream.encode(stored)
            self._done += len(block)
        if until_s is None:
            for stored in self._to_stored.resample(None):
                made += self._stream.encode(stored)
            made += self._stream.encode(None)
        return made


class _Palette:
    """RGB frames to 256 colours each, one frame at a time: a palette for all would need the whole clip in memory."""

    def frames(self, frame: NDArray[np.uint8]) -> list[av.VideoFrame]:
        height, width = frame.shape[:2]
        graph = Graph()
        source = graph.add_buffer(
            width=width, height=height, format=av.VideoFormat("rgb24"), time_base=Fraction(1, 100)
        )
        split, palette = graph.add("split"), graph.add("palettegen", "reserve_transparent=0")
        use, sink = graph.add("paletteuse", "dither=sierra2_4a"), graph.add("buffersink")
        source.link_to(split)
        split.link_to(palette, 0)
        split.link_to(use, 1, 0)
        palette.link_to(use, 0, 1)
        use.link_to(sink)
        graph.configure()
        picture = av.VideoFrame.from_ndarray(frame[..., :3].copy(), "rgb24")
        picture.pts, picture.time_base = 0, Fraction(1, 100)
        graph.push(picture)
        graph.push(None)
        return [graph.vpull()]


def over_black(frame: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """(H, W, 3) of a picture with or without straight alpha, as it is seen over black: mixed in sRGB, as players do."""
    if frame.shape[2] == 3:
        return frame
    return np.round(frame[..., :3] * (frame[..., 3:].astype(np.float32) / 255)).astype(np.uint8)


def linear_of(srgb: NDArray[np.uint8]) -> NDArray[np.float32]:
    """sRGB bytes as linear light, 0 … 1 (IEC 61966-2-1)."""
    value = srgb.astype(np.float32) / 255
    return np.where(value <= 0.04045, value / 12.92, ((value + 0.055) / 1.055) ** 2.4).astype(np.float32)


def srgb_of(linear: NDArray[np.floating]) -> NDArray[np.uint8]:
    """Linear light as sRGB bytes."""
    value = np.clip(linear, 0, 1)
    shaped = np.where(value <= 0.0031308, 12.92 * value, 1.055 * np.power(value, 1 / 2.4) - 0.055)
    return np.round(255 * shaped).astype(np.uint8)


def _linear_frame(frame: NDArray[np.uint8]) -> av.VideoFrame:
    """EXR holds linear light, and colours multiplied by their alpha."""
    linear = linear_of(frame[..., :3])
    if frame.shape[2] == 3:
        return av.VideoFrame.from_ndarray(np.ascontiguousarray(linear), "gbrpf32le")
    alpha = frame[..., 3:].astype(np.float32) / 255
    return av.VideoFrame.from_ndarray(np.ascontiguousarray(np.dstack((linear * alpha, alpha))), "gbrapf32le")
