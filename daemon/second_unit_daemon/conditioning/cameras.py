# SPDX-License-Identifier: GPL-3.0-or-later
"""Relations between cameras in canonical form (camera-to-world, OpenCV axes, metres; intrinsics in pixels)."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

Matrix = NDArray[np.float64]


def relative_view(
    c2w_from: Matrix, intrinsics_from: Matrix, c2w_to: Matrix, intrinsics_to: Matrix, move: Matrix | None = None
) -> tuple[Matrix, Matrix]:
    """The map between two views of one scene as (homography (3, 3), epipole (3,)).

    A pixel ``p = (x, y, 1)`` with planar depth z in the first view lies at ``q = homography @ p + epipole / z`` in the
    second: its pixel there is ``q[:2] / q[2]`` and its depth ``z * q[2]`` (Hartley and Zisserman, 2004, section 13.1:
    the plane at infinity plus parallax). ``1/z = 0`` gives the sky. ``move`` (4, 4) carries the surface from where it
    stands at the first view's time to where it stands at the second's.
    """
    world = c2w_from if move is None else move @ c2w_from
    transform = inverse(c2w_to) @ world
    homography = intrinsics_to @ transform[:3, :3] @ inverse(intrinsics_from)
    return homography, intrinsics_to @ transform[:3, 3]


def inverse(matrix: Matrix) -> Matrix:
    """That of a camera's pose (4, 4) or lens (3, 3): one shot asks for the same few over and over."""
    return _inverse(np.asarray(matrix, np.float64).tobytes(), len(matrix))


@lru_cache(maxsize=256)
def _inverse(matrix: bytes, side: int) -> Matrix:
    found = np.asarray(np.linalg.inv(np.frombuffer(matrix).reshape(side, side)), np.float64)
    found.flags.writeable = False
    return found


def scaled_intrinsics(
    intrinsics: Matrix, scale_x: float, scale_y: float, left: float = 0.0, top: float = 0.0
) -> Matrix:
    """Intrinsics after cropping ``left``, ``top`` pixels away and then scaling the picture."""
    change = np.array([[scale_x, 0.0, -left * scale_x], [0.0, scale_y, -top * scale_y], [0.0, 0.0, 1.0]])
    return change @ intrinsics
