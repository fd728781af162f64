# SPDX-License-Identifier: GPL-3.0-or-later
"""The master: every frame as the engine made it, bit for bit, for later cutting, extending and restyling."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
from numpy.typing import NDArray
from second_unit_protocol.grid import Rate

from .metadata import to_metadata
from .output import VideoOutput


class MasterWriter(VideoOutput):
    """FFV1 version 3 in Matroska: 8-bit RGB (or grey) without loss, every frame a key frame with its own checksum.

    Odd sizes need no padding. Decoding gives the same bytes back (``read.read_frames``).
    """

    def __init__(
        self, path: Path, width: int, height: int, rate: Rate, provenance: Mapping[str, Any], grey: bool = False
    ):
        self.width, self.height, self.grey = width, height, grey
        super().__init__(
            path,
            "ffv1",
            rate,
            to_metadata(provenance),
            container="matroska",
            container_options={},
            codec_options={"level": "3", "slices": "4", "slicecrc": "1", "coder": "rice", "context": "0"},
        )
        context = self._stream.codec_context
        context.width, context.height = width, height
        context.pix_fmt = "gray" if grey else "bgr0"
        context.gop_size = 1
        context.thread_type = "SLICE"
        context.thread_count = 2

    def write(self, frame: NDArray[np.uint8]) -> None:
        """Adds the next frame, (height, width, 3) uint8 sRGB, or (height, width) where ``grey``."""
        shape = (self.height, self.width) if self.grey else (self.height, self.width, 3)
        if frame.shape != shape or frame.dtype != np.uint8:
            raise ValueError(f"a frame is {shape} uint8, not {frame.shape} {frame.dtype}")
        if self.grey:
            self._encode(av.VideoFrame.from_ndarray(np.ascontiguousarray(frame), "gray"))
        else:
            self._encode(_bgr0(frame))


def _bgr0(frame: NDArray[np.uint8]) -> av.VideoFrame:
    """Written where the encoder reads it: PyAV has no way from an array to this format but by scaling every frame."""
    height, width = frame.shape[:2]
    picture = av.VideoFrame(width, height, "bgr0")
    (plane,) = picture.planes
    rows = np.frombuffer(memoryview(plane), np.uint8).reshape(height, plane.line_size // 4, 4)
    cv2.cvtColor(frame, cv2.COLOR_RGB2BGRA, dst=rows[:, :width])
    return picture
