# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the corners of a camera's picture lie in front of it, to be drawn."""

from __future__ import annotations

import numpy as np

from .camera import Matrix

SAME = 0.02


def corners(intrinsics: Matrix, width: int, height: int, distance: float) -> Matrix:
    """(4, 3) corners of the picture at ``distance`` along the view axis, in Blender's camera axes.

    From the bottom left on, against the clock as the camera sees them.
    """
    x = (np.array([0.0, width, width, 0.0]) - intrinsics[0, 2]) / intrinsics[0, 0]
    y = (np.array([height, height, 0.0, 0.0]) - intrinsics[1, 2]) / intrinsics[1, 1]
    return np.stack([x * distance, -y * distance, np.full(4, -distance)], 1)


def inside(places: Matrix, size: tuple[int, int], frame: tuple[int, int]) -> Matrix:
    """(4, 3) corners of a picture of ``size`` pixels, whole, in the middle of a ``frame`` whose corners are ``places``.

    It fills the frame where the two have one aspect to a few per cent, for thumbnails are whole pixels.
    """
    ratio = size[0] * frame[1] / (size[1] * frame[0])
    if abs(ratio - 1.0) < SAME:
        return places
    across, up = places[1] - places[0], places[3] - places[0]
    wide, tall = min(1.0, ratio), min(1.0, 1.0 / ratio)
    low = places[0] + across * (1.0 - wide) / 2 + up * (1.0 - tall) / 2
    return np.stack([low, low + across * wide, low + across * wide + up * tall, low + up * tall])


def edges(origin: Matrix, places: Matrix) -> Matrix:
    """(16, 3) ends of a frustum's eight lines, from its ``origin`` (3,) and the (4, 3) ``places`` of its corners."""
    lines = []
    for i in range(4):
        lines += [origin, places[i], places[i], places[(i + 1) % 4]]
    return np.array(lines)
