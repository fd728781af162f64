# SPDX-License-Identifier: GPL-3.0-or-later
"""A reference's picture laid over its planes, small, for measuring."""

from __future__ import annotations

import cv2
import numpy as np
from attrs import field, frozen
from numpy.typing import NDArray

from ..conditioning.projection.references import region_of
from ..conditioning.shot_data import ReferenceData, ShotData

Grey = NDArray[np.uint8]


@frozen(eq=False)
class Canvas:
    """``picture`` (h, w, 3) where the planes are ``scale`` times as large; ``mask`` (h, w): 255 where it shows."""

    picture: NDArray[np.uint8] = field(repr=False)
    mask: Grey = field(repr=False)
    scale: float  # canvas pixels a pixel of the planes

    @property
    def grey(self) -> Grey:
        return np.asarray(cv2.cvtColor(self.picture, cv2.COLOR_RGB2GRAY), np.uint8)


def canvas_of(shot: ShotData, reference: ReferenceData, width: int) -> Canvas:
    """The picture where it is said to lie, in planes no more than ``width`` pixels wide."""
    assert reference.depth is not None
    rows, columns = reference.depth.shape
    scale = min(1.0, width / columns)
    size = round(columns * scale), round(rows * scale)
    left, top, wide, high = (scale * n for n in region_of(reference, shot))
    image = reference.image
    shrink = image.shape[1] / wide
    if shrink > 1.5:  # else the warp below would alias
        small = max(1, round(image.shape[1] / shrink)), max(1, round(image.shape[0] / shrink))
        image = np.asarray(cv2.resize(image, small, interpolation=cv2.INTER_AREA), np.uint8)
    x, y = wide / image.shape[1], high / image.shape[0]
    # From texels to canvas, both with centres at +0.5, as warpAffine counts them from 0.
    place = np.array([[x, 0, left + x / 2 - 0.5], [0, y, top + y / 2 - 0.5]])
    picture = cv2.warpAffine(image, place, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    mask = cv2.warpAffine(np.full(image.shape[:2], 255, np.uint8), place, size, flags=cv2.INTER_NEAREST)
    return Canvas(np.asarray(picture, np.uint8), np.asarray(mask, np.uint8), scale)
