# SPDX-License-Identifier: GPL-3.0-or-later
"""Pictures between three sizes: the artist's (the centre of a plane), the capture's (planes), the model's.

Capture and model show the same field of view: one is the other scaled, axis by axis, so cameras stay exact.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from ....conditioning.cameras import scaled_intrinsics
from ....conditioning.framing import covering, resized
from ....conditioning.shot_data import ShotData
from ..planning import Size

Picture = NDArray[np.uint8]


def to_model(picture: Picture, size: Size) -> Picture:
    """A capture-sized picture (H, W[, 3]) at the model's size."""
    return resized(picture, size.width, size.height)


def mask_to_model(mask: Picture, size: Size) -> Picture:
    """255 only where all that a model pixel covers is 255."""
    if mask.shape == (size.height, size.width):
        return mask
    small = cv2.resize(mask, (size.width, size.height), interpolation=cv2.INTER_AREA)
    return np.where(small >= 254, 255, 0).astype(np.uint8)


def to_capture(picture: Picture, size: Size) -> Picture:
    """A model-sized picture at the capture's size."""
    return resized(picture, size.capture_width, size.capture_height)


def delivered(picture: Picture, shot: ShotData) -> Picture:
    """The centre of a capture-sized picture (H, W[, 3]): what the artist gets."""
    height, width = picture.shape[:2]
    top, left = (height - shot.request.height) // 2, (width - shot.request.width) // 2
    return np.ascontiguousarray(picture[top : top + shot.request.height, left : left + shot.request.width])


def framed(picture: Picture, shot: ShotData, size: Size) -> Picture:
    """A picture of the artist's framing, of any size, at the capture's size; the margin repeats the border."""
    inner = covering(picture, shot.request.width, shot.request.height)
    above, left = (size.capture_height - inner.shape[0]) // 2, (size.capture_width - inner.shape[1]) // 2
    below, right = size.capture_height - inner.shape[0] - above, size.capture_width - inner.shape[1] - left
    if not any((above, left, below, right)):
        return inner
    return np.asarray(cv2.copyMakeBorder(inner, above, below, left, right, cv2.BORDER_REPLICATE), np.uint8)


def model_intrinsics(shot: ShotData, size: Size) -> NDArray[np.float64]:
    """(F, 3, 3) in pixels of the model's size."""
    scale = size.width / size.capture_width, size.height / size.capture_height
    return np.array([scaled_intrinsics(k, *scale) for k in shot.intrinsics])
