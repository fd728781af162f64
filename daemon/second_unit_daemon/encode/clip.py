# SPDX-License-Identifier: GPL-3.0-or-later
"""The delivered clip: an MP4 that Blender scrubs and every player shows in the right colours."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import av
import numpy as np
from av.video.reformatter import (
    ColorPrimaries,
    ColorRange,
    Colorspace,
    ColorTrc,
    VideoReformatter,
)
from numpy.typing import NDArray
from second_unit_protocol.grid import Rate

from .metadata import PICTURE_SIZE, to_metadata
from .output import VideoOutput
from .scaling import EXACT

# A jump in the timeline decodes at most this many frames.
GOP_FRAMES = 8
CRF = 10.0  # on the demo the decoded clip then stays within 1 dB of the master; half of that is the halved chroma
# The scaler centres a chroma sample between its four pixels (MPEG-1 siting). Said in the stream, because decoders take
# silence for left siting and would shift colours by half a pixel.
CENTRED_CHROMA = "chromaloc=1"


class ClipWriter(VideoOutput):
    """H.264 in MP4: 4:2:0, limited range, BT.709 by matrix and by tags, index at the front, no B-frames.

    Pixels are display-referred sRGB and are stored as they are, as video programs (Blender too) expect of BT.709
    files. Odd sides are padded to even ones by repeating the last row or column; ``second_unit_picture_size`` in the
    metadata then says how much of the stored frame is picture.

    Example::

        with ClipWriter(path, 832, 480, Rate(24), {"engine": "projection"}) as clip:
            for frame in frames:  # (480, 832, 3) uint8
                clip.write(frame)
    """

    def __init__(
        self,
        path: Path,
        width: int,
        height: int,
        rate: Rate,
        provenance: Mapping[str, Any],
        crf: float = CRF,
        preset: str = "veryfast",
    ):
        self.width, self.height = width, height
        self.stored_size = width + width % 2, height + height % 2
        facts = {**provenance, PICTURE_SIZE: f"{width}x{height}"} if self._padded else dict(provenance)
        super().__init__(
            path,
            "libx264",
            rate,
            to_metadata(facts),
            container="mp4",
            container_options={"movflags": "faststart+use_metadata_tags"},
            codec_options={
                "crf": f"{crf:g}",
                "preset": preset,
                "x264-params": f"force-cfr=1:bframes=0:{CENTRED_CHROMA}",
            },
        )
        self._reformatter = VideoReformatter()
        context = self._stream.codec_context
        context.width, context.height = self.stored_size
        context.pix_fmt = "yuv420p"
        context.gop_size = GOP_FRAMES
        context.max_b_frames = 0
        context.color_range = ColorRange.MPEG
        context.colorspace = Colorspace.ITU709
        context.color_primaries = ColorPrimaries.BT709
        context.color_trc = ColorTrc.BT709

    @property
    def _padded(self) -> bool:
        return self.stored_size != (self.width, self.height)

    def write(self, frame: NDArray[np.uint8]) -> None:
        """Adds the next frame, (height, width, 3) uint8 sRGB. Raises ValueError for another shape or type."""
        if frame.shape != (self.height, self.width, 3) or frame.dtype != np.uint8:
            raise ValueError(f"a frame is {self.height}×{self.width}×3 uint8, not {frame.shape} {frame.dtype}")
        if self._padded:
            wide, high = self.stored_size
            frame = np.pad(frame, ((0, high - self.height), (0, wide - self.width), (0, 0)), mode="edge")
        rgb = av.VideoFrame.from_ndarray(np.ascontiguousarray(frame), "rgb24")
        yuv = self._reformatter.reformat(
            rgb,
            format="yuv420p",
            dst_colorspace=Colorspace.ITU709,
            dst_color_range=ColorRange.MPEG,
            interpolation=EXACT,
        )
        yuv.color_primaries = ColorPrimaries.BT709
        yuv.color_trc = ColorTrc.BT709
        self._encode(yuv)
