# SPDX-License-Identifier: GPL-3.0-or-later
"""The step stabilise: each frame is measured against the shot and moved to where its asked-for camera would see it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

import cv2
import numpy as np
from second_unit_protocol.errors import ErrorCode, SecondUnitError
from second_unit_protocol.shot import Scalar

from ..adherence.meter import AdherenceMeter
from ..adherence.pose import with_lens
from ..conditioning.cameras import Matrix, relative_view, scaled_intrinsics
from ..conditioning.projection.references import crop_of
from .of_shot import shown_frames
from .stream import Stream

if TYPE_CHECKING:
    from ..conditioning.shot_data import ShotData
    from .stream import Picture

LEAST_PX = 0.1  # off by less than that is the measurement's own noise: the frame stays as it is
SURE = 0.5  # share of matched points that must agree on the camera


class Stabilise:
    """The camera of a frame is found by known depth (adherence), so its error is too: every pixel of the asked-for view
    is looked up where that frame shows its surface. One frame is held.

    What the clip's camera did not see at the picture's edge is that edge, repeated.
    """

    def __init__(self, settings: Mapping[str, Scalar], shot: ShotData | None):
        self._most = float(settings["most"]) / 100
        self._shot = shot
        self._moved, self._left, self._largest = 0, 0, 0.0

    def shape(self, stream: Stream) -> Stream:
        if self._shot is None or shown_frames(self._shot, stream) is None:
            raise SecondUnitError(
                ErrorCode.BAD_REQUEST,
                "The step stabilise needs the shot's depth, and a clip whose frames are the shot's",
                remedy="Name the shot with --shot, and let stabilise come before interpolate",
            )
        return stream

    def facts(self) -> dict[str, Scalar]:
        return {"moved": self._moved, "left_alone": self._left, "largest_px": round(self._largest, 2)}

    def run(self, frames: Iterator[Picture], stream: Stream) -> Iterator[Picture]:
        assert self._shot is not None
        numbers = shown_frames(self._shot, stream)
        assert numbers is not None
        meter, last, found = AdherenceMeter(self._shot), -1, None
        for number, frame in zip(numbers, frames, strict=False):
            if number != last:
                found, last = meter.add(number, np.ascontiguousarray(frame[..., :3])), number
            off_px = found.shift * frame.shape[1] if found is not None else float("nan")
            if found is None or not found.shift <= self._most or found.inlier_ratio < SURE:
                self._left += 1
                yield frame
            elif off_px < LEAST_PX:
                yield frame
            else:
                self._moved += 1
                self._largest = max(self._largest, off_px)
                yield self._asked_view(frame, number, found.c2w, found.lens)

    def _asked_view(self, frame: Picture, number: int, c2w: Matrix, lens: float) -> Picture:
        """``frame``, which a camera at ``c2w`` took, as the asked-for camera of clip frame ``number`` sees it."""
        shot = self._shot
        assert shot is not None and shot.request.depth is not None
        depth = shot.depth(number)
        assert depth is not None
        rows, columns = frame.shape[:2]
        left, top, width, height = crop_of(shot, shot.request.depth.width, shot.request.depth.height)
        inverse = np.ascontiguousarray(1 / depth[top : top + height, left : left + width], np.float32)
        inverse = cv2.resize(inverse, (columns, rows), interpolation=cv2.INTER_LINEAR)
        asked = scaled_intrinsics(shot.intrinsics[number], columns / width, rows / height, left, top)
        homography, epipole = relative_view(shot.c2w[number], asked, c2w, with_lens(asked, lens))
        y, x = np.indices((rows, columns), np.float32)
        x, y = x + 0.5, y + 0.5
        h, e = homography.astype(np.float32), epipole.astype(np.float32)
        q = [h[i, 0] * x + h[i, 1] * y + h[i, 2] + e[i] * inverse for i in range(3)]
        behind = np.maximum(q[2], 1e-6)
        made = cv2.remap(
            frame, q[0] / behind - 0.5, q[1] / behind - 0.5, cv2.INTER_LANCZOS4, borderMode=cv2.BORDER_REPLICATE
        )
        return np.asarray(made, np.uint8)
