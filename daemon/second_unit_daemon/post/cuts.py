# SPDX-License-Identifier: GPL-3.0-or-later
"""Where one shot ends and the next begins, so that nothing is mixed across a cut."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

import cv2
import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from .stream import Picture

SMALL_WIDTH = 160  # wide enough for DIS to follow motion, small enough to cost nothing
MEMORY = 12  # frames whose likeness to the next is remembered
LEAST_ALIKE = 0.5  # correlation after motion is taken out; beneath this it may be a cut
LIKE_A_CUT = 0.35  # beneath this it is one, whatever went before
DROP = 0.25  # how much less alike than the frames before it a cut is


class CutFinder:
    """Told the frames in order, says of each whether it begins a new shot. Holds one small frame.

    Neighbouring frames of a shot are alike once motion is taken out (DIS flow), even when light changes, because the
    measure is a correlation. A flash or a fast pan is therefore no cut.
    """

    def __init__(self) -> None:
        self._before: NDArray[np.uint8] | None = None
        self._colours: NDArray[np.float32] | None = None
        self._alike: deque[float] = deque(maxlen=MEMORY)
        self._flow = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM)
        self.cuts: list[int] = []
        self._count = 0

    def is_cut(self, frame: Picture) -> bool:
        small = _small(frame)
        colours = _histogram(frame)
        before, before_colours = self._before, self._colours
        self._before, self._colours = small, colours
        self._count += 1
        if before is None or before_colours is None or before.shape != small.shape:
            return False
        alike = self._likeness(before, small)
        usual = float(np.median(self._alike)) if self._alike else 1.0
        same_colours = float(np.minimum(colours, before_colours).sum())
        cut = (
            alike < LIKE_A_CUT
            or (alike < LEAST_ALIKE and alike < usual - DROP)
            or (same_colours < 0.4 and alike < min(0.8, usual - DROP / 2))
        )
        if cut:
            self._alike.clear()
            self.cuts.append(self._count - 1)
        else:
            self._alike.append(alike)
        return cut

    def _likeness(self, before: NDArray[np.uint8], now: NDArray[np.uint8]) -> float:
        flow = self._flow.calc(now, before, _pan(now, before))
        y, x = np.indices(now.shape, np.float32)
        moved = cv2.remap(before, x + flow[..., 0], y + flow[..., 1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
        a, b = _band(np.asarray(moved, np.uint8)), _band(now)
        spread = float(np.sqrt((a * a).sum() * (b * b).sum()))
        flat = 4.0 * a.size  # nothing to compare in two flat frames: then they are alike
        if spread < flat:
            return 1.0 if abs(float(moved.mean()) - float(now.mean())) < 40 else 0.0
        return float((a * b).sum()) / spread


def _pan(now: NDArray[np.uint8], before: NDArray[np.uint8]) -> NDArray[np.float32]:
    """The shift of the whole picture, for the flow to start from: alone it does not find a fast pan."""
    window = cv2.createHanningWindow(now.shape[1::-1], cv2.CV_32F)
    (x, y), _ = cv2.phaseCorrelate(now.astype(np.float32), before.astype(np.float32), window)
    return np.full((*now.shape, 2), (x, y), np.float32)


def _small(frame: Picture) -> NDArray[np.uint8]:
    height, width = frame.shape[:2]
    size = SMALL_WIDTH, max(24, round(SMALL_WIDTH * height / width))
    small = cv2.resize(frame[..., :3], size, interpolation=cv2.INTER_AREA)
    return np.asarray(cv2.cvtColor(small, cv2.COLOR_RGB2GRAY), np.uint8)


def _band(picture: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Structure without slow changes of light."""
    values = picture.astype(np.float32)
    return cv2.GaussianBlur(values, (0, 0), 1.0) - cv2.GaussianBlur(values, (0, 0), 12.0)


def _histogram(frame: Picture) -> NDArray[np.float32]:
    """Share of pixels in each of 6×6×6 colours."""
    small = cv2.resize(frame[..., :3], (64, 64), interpolation=cv2.INTER_AREA)
    counts = cv2.calcHist([small], [0, 1, 2], None, [6, 6, 6], [0, 256] * 3).ravel()
    return (counts / counts.sum()).astype(np.float32)
