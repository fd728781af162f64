# SPDX-License-Identifier: GPL-3.0-or-later
"""Surface normals and lines, from depth: of the geometry itself, not of smooth shading or bump maps.

On a plane n · X = d inverse depth is linear in the picture, w = a u + b v + c: with X = K⁻¹ (u, v, 1) / w follows
(a, b, c) = K⁻ᵀ n / d, so that the normal lies along Kᵀ (a, b, c).
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

STRAIGHT = 2e-4  # a second difference of inverse depth below this share of it is no edge but rounding
CREASE_DEG = 25.0
JUMP = 0.01  # relative: what lies this far off the plane of its neighbour lies behind it or before it

Normals = NDArray[np.float32]
Plane = NDArray[np.float32]


def normals_of(depth_m: NDArray[np.float32], intrinsics: NDArray[np.float64]) -> Normals:
    """(H, W, 3) unit normals in camera axes (x right, y down, z forward), towards the camera; 0 where nothing is.

    ``depth_m`` (H, W) is planar, +inf where there is nothing; ``intrinsics`` (3, 3) in its pixels.
    """
    inverse = _inverse(depth_m)
    along_x, along_y = _slope(inverse, 1), _slope(inverse, 0)
    rows, columns = inverse.shape
    rest = inverse - along_x * (np.arange(columns, dtype=np.float32) + 0.5)
    rest -= along_y * (np.arange(rows, dtype=np.float32) + 0.5)[:, None]
    found = np.stack([along_x, along_y, rest], -1) @ intrinsics.astype(np.float32)  # rows: (a, b, c) K
    length = np.linalg.norm(found, axis=-1, keepdims=True)
    found = np.divide(found, length, out=np.zeros_like(found), where=length > 0)
    found *= -1.0  # n / d looks away from the camera, for what is seen has a positive (n / d) · X
    found[inverse == 0] = 0.0
    return found


def lines_of(
    depth_m: NDArray[np.float32], intrinsics: NDArray[np.float64], labels: tuple[NDArray[np.uint16], ...] = ()
) -> NDArray[np.bool_]:
    """(H, W) where a line is drawn: silhouettes, creases, and borders between ``labels`` (H, W).

    Discontinuities of depth and of its derivative (Saito and Takahashi, "Comprehensible Rendering of 3-D Shapes",
    1990). A line is a pixel wide and lies on the nearer of the two surfaces.
    """
    inverse, normals = _inverse(depth_m), normals_of(depth_m, intrinsics)
    drawn = np.zeros(inverse.shape, bool)
    for axis in (0, 1):
        slope = _slope(inverse, axis)
        near, far = _pairs(inverse, axis)
        jump = np.minimum(
            np.abs(far - near - _pairs(slope, axis)[0]), np.abs(far - near - _pairs(slope, axis)[1])
        ) > JUMP * np.maximum(near, far)
        one, other = _pairs(normals, axis)
        bend = (one * other).sum(-1) < np.cos(np.radians(CREASE_DEG))
        broken = jump | (bend & (near > 0) & (far > 0))
        for label in labels:
            first, second = _pairs(label, axis)
            broken |= first != second
        first, second = _pairs(drawn, axis)
        first |= broken & (near >= far)
        second |= broken & (near < far)
    return drawn


def _inverse(depth_m: NDArray[np.float32]) -> Plane:
    with np.errstate(divide="ignore"):
        return np.where(np.isfinite(depth_m) & (depth_m > 0), 1.0 / depth_m, 0.0).astype(np.float32)


def _pairs(plane: NDArray, axis: int) -> tuple[NDArray, NDArray]:
    """Views of each pixel and of the next one along an axis."""
    return (plane[:-1], plane[1:]) if axis == 0 else (plane[:, :-1], plane[:, 1:])


def _slope(inverse: Plane, axis: int) -> Plane:
    """Change to the next pixel along an axis: over both neighbours, or over the side that stays on the surface.

    The side is that whose own two steps agree better; so the slope is exact on planes up to their very edges.
    """
    border = (2, 2, 0, 0) if axis == 0 else (0, 0, 2, 2)
    steps = np.asarray(cv2.copyMakeBorder(np.diff(inverse, axis=axis), *border, cv2.BORDER_REPLICATE), np.float32)
    count = inverse.shape[axis]

    def step(offset: int) -> Plane:
        return steps[offset : offset + count] if axis == 0 else steps[:, offset : offset + count]

    before, after = step(1), step(2)  # to here, and on from here
    bend_before, bend_after = np.abs(before - step(0)), np.abs(step(3) - after)
    even = np.abs(after - before) <= STRAIGHT * inverse
    return np.where(even, 0.5 * (before + after), np.where(bend_before < bend_after, before, after))
