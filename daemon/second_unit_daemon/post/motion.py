# SPDX-License-Identifier: GPL-3.0-or-later
"""The frame before, moved to where its surfaces are now: what steps that look back need."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np
from numpy.typing import NDArray

from .interpolate.flow import consistent

if TYPE_CHECKING:
    from .stream import Picture


def followed(now: Picture, before: Picture) -> tuple[Picture, NDArray[np.bool_]]:
    """(``before`` as seen now, (H, W) where that can be trusted), by DIS flow both ways on pictures of even light."""
    dis = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_FAST)
    a, b = _even(now), _even(before)
    there = np.asarray(dis.calc(a, b, None), np.float32)  # type: ignore[call-overload]
    back = np.asarray(dis.calc(b, a, None), np.float32)  # type: ignore[call-overload]
    height, width = a.shape
    y, x = np.indices((height, width), np.float32)
    map_x, map_y = x + there[..., 0], y + there[..., 1]
    moved = cv2.remap(before, map_x, map_y, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    inside = (map_x >= 0) & (map_y >= 0) & (map_x <= width - 1) & (map_y <= height - 1)
    return np.asarray(moved, np.uint8), inside & consistent(there, back)


def _even(picture: Picture) -> NDArray[np.uint8]:
    """Grey with the mean taken out, so that a jump of light is not taken for motion."""
    grey = cv2.cvtColor(np.ascontiguousarray(picture[..., :3]), cv2.COLOR_RGB2GRAY).astype(np.float32)
    return np.asarray(np.clip((grey - grey.mean()) / max(float(grey.std()), 4.0) * 48 + 128, 0, 255), np.uint8)
