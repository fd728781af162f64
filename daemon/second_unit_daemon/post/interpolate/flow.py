# SPDX-License-Identifier: GPL-3.0-or-later
"""Frames in between from optical flow (DIS, Kroeger et al. 2016) in both directions, with occlusion told apart."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np
from numpy.typing import NDArray

from ...conditioning.projection.jit import kernel

if TYPE_CHECKING:
    from ..stream import Picture

Flow = NDArray[np.float32]  # (H, W, 2) pixels, x and y
CONSISTENT_PX = 1.0  # there and back again: farther apart than that plus a share of the motion, it is an occlusion
CONSISTENT_SHARE = 0.1


class FlowBetween:
    """Each new pixel is asked of both frames along the motion; one that only one of them shows is taken from there."""

    def __init__(self) -> None:
        self._dis = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM)
        self._dis.setUseSpatialPropagation(True)

    def facts(self) -> dict[str, str]:
        return {"method": "flow", "estimator": f"DIS, OpenCV {cv2.__version__}"}

    def begin(self, index: int, before: Picture, after: Picture) -> None:
        grey = [np.asarray(cv2.cvtColor(p[..., :3], cv2.COLOR_RGB2GRAY), np.uint8) for p in (before, after)]
        self._pictures = [np.ascontiguousarray(p, np.float32) for p in (before, after)]
        there = np.asarray(self._dis.calc(grey[0], grey[1], None), np.float32)  # type: ignore[call-overload]
        back = np.asarray(self._dis.calc(grey[1], grey[0], None), np.float32)  # type: ignore[call-overload]
        self._flows = there, back
        self._seen = consistent(there, back), consistent(back, there)

    def at(self, time: float) -> Picture:
        there, back = self._flows
        # Motion at the new time: the flow of each frame carried there, where they meet the surer one.
        motion = carried(there, back, self._seen[0], self._seen[1], np.float32(time))
        height, width = motion.shape[:2]
        y, x = np.indices((height, width), np.float32)
        sources = []
        for picture, seen, share in (
            (self._pictures[0], self._seen[0], -time),
            (self._pictures[1], self._seen[1], 1 - time),
        ):
            map_x, map_y = x + share * motion[..., 0], y + share * motion[..., 1]
            inside = (map_x > -0.5) & (map_x < width - 0.5) & (map_y > -0.5) & (map_y < height - 0.5)
            colour = cv2.remap(picture, map_x, map_y, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
            sure = cv2.remap(seen.astype(np.float32), map_x, map_y, cv2.INTER_LINEAR)
            sources.append((colour, np.where(inside, sure, 0.0) + 1e-3))
        (first, w0), (second, w1) = sources
        w0, w1 = w0 * (1 - time), w1 * time
        share = (w0 / (w0 + w1))[..., None]
        return np.round((first * share + second * (1 - share)).clip(0, 255)).astype(np.uint8)


def consistent(flow: Flow, back: Flow) -> NDArray[np.bool_]:
    """(H, W): whether following ``flow`` and then ``back`` leads home; where not, the other frame hides the pixel."""
    height, width = flow.shape[:2]
    y, x = np.indices((height, width), np.float32)
    returned = cv2.remap(back, x + flow[..., 0], y + flow[..., 1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    error = np.linalg.norm(flow + returned, axis=2)
    return error < CONSISTENT_PX + CONSISTENT_SHARE * np.linalg.norm(flow, axis=2)


def carried(there: Flow, back: Flow, seen0: NDArray, seen1: NDArray, time: np.float32) -> Flow:
    """(H, W, 2): motion from the first frame to the second, of the surface that is at each pixel at ``time``."""
    height, width = there.shape[:2]
    total = np.zeros((height, width, 3), np.float32)
    _splat(there, seen0, time, np.float32(1.0), total)
    _splat(back, seen1, np.float32(1 - time), np.float32(-1.0), total)
    weight = total[..., 2]
    filled = weight > 1e-3
    motion = np.where(filled[..., None], total[..., :2] / np.maximum(weight, 1e-3)[..., None], 0)
    radius = 2.0
    while not filled.all() and radius < max(height, width):
        known = np.dstack((motion * filled[..., None], filled)).astype(np.float32)
        soft = cv2.GaussianBlur(known, (0, 0), radius)
        new = ~filled & (soft[..., 2] > 1e-3)
        motion[new] = soft[new][:, :2] / soft[new][:, 2:]
        filled |= new
        radius *= 2
    return np.asarray(motion, np.float32)


@kernel
def _splat(flow, seen, share, sign, total):  # pragma: no cover - compiled
    """Adds each pixel's motion to the four pixels around where it is at the new time; hidden ones count little."""
    rows, columns = flow.shape[:2]
    for y in range(rows):
        for x in range(columns):
            fx, fy = flow[y, x, 0], flow[y, x, 1]
            px, py = x + share * fx, y + share * fy
            left, top = int(np.floor(px)), int(np.floor(py))
            sure = 1.0 if seen[y, x] else 0.02
            for v in range(top, top + 2):
                for u in range(left, left + 2):
                    if 0 <= u < columns and 0 <= v < rows:
                        weight = sure * (1 - abs(px - u)) * (1 - abs(py - v))
                        total[v, u, 0] += weight * sign * fx
                        total[v, u, 1] += weight * sign * fy
                        total[v, u, 2] += weight
