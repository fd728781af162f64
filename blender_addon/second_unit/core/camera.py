# SPDX-License-Identifier: GPL-3.0-or-later
"""Camera maths without bpy: Blender's lens settings and matrices against the canonical form.

Canonical: camera-to-world 4×4 with OpenCV axes (x right, y down, z forward) in metres, and 3×3 intrinsics in pixels
with pixel centres at +0.5. Blender's camera looks along its own -z with y up.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..protocol.late import frozen

Matrix = NDArray[np.float64]

FLIP = np.diag([1.0, -1.0, -1.0, 1.0])  # Blender's camera axes to OpenCV's and back
SKEW = 1e-4  # cosine between two axes of a camera from which on it counts as sheared


@frozen
class Lens:
    """A perspective lens as Blender keeps it: lens and sensor in millimetres, shifts in units of the fitted side."""

    lens_mm: float
    sensor_width_mm: float
    sensor_height_mm: float
    sensor_fit: str  # "AUTO", "HORIZONTAL", "VERTICAL"
    shift_x: float = 0.0
    shift_y: float = 0.0


def intrinsics(lens: Lens, width: int, height: int, aspect_x: float = 1.0, aspect_y: float = 1.0) -> Matrix:
    """(3, 3) pixel intrinsics of a picture of ``width`` × ``height`` pixels of shape ``aspect_x`` : ``aspect_y``.

    The fitted side is the sensor's side that spans the picture: AUTO takes the longer one as it is seen, and always the
    sensor's width. Lens shift counts in the fitted side (Blender manual, Cameras: Lens, Camera).
    """
    pixel_shape = aspect_y / aspect_x
    fit = lens.sensor_fit
    if fit == "AUTO":
        fit = "HORIZONTAL" if width * aspect_x >= height * aspect_y else "VERTICAL"
    fitted = width if fit == "HORIZONTAL" else height * pixel_shape  # in pixel widths
    sensor = lens.sensor_height_mm if lens.sensor_fit == "VERTICAL" else lens.sensor_width_mm
    focal = lens.lens_mm / sensor * fitted
    centre_x = 0.5 * width - lens.shift_x * fitted
    centre_y = 0.5 * height + lens.shift_y * fitted / pixel_shape
    return np.array([[focal, 0.0, centre_x], [0.0, focal / pixel_shape, centre_y], [0.0, 0.0, 1.0]])


def lens_of(matrix: Matrix, width: int, height: int, pixel_shape: float = 1.0) -> Lens:
    """The horizontally fitted lens with a 36 mm sensor that has these intrinsics; the inverse of :func:`intrinsics`.

    ``pixel_shape`` is a pixel's height over its width.
    """
    return Lens(
        lens_mm=float(matrix[0, 0]) * 36.0 / width,
        sensor_width_mm=36.0,
        sensor_height_mm=24.0,
        sensor_fit="HORIZONTAL",
        shift_x=float(0.5 * width - matrix[0, 2]) / width,
        shift_y=float(matrix[1, 2] - 0.5 * height) * pixel_shape / width,
    )


def padded(matrix: Matrix, size: tuple[int, int], larger: tuple[int, int]) -> Matrix:
    """Intrinsics of a larger picture around the same view: the delivered picture is its centred crop."""
    moved = matrix.copy()
    moved[0, 2] += (larger[0] - size[0]) // 2
    moved[1, 2] += (larger[1] - size[1]) // 2
    return moved


def upright(matrix_world: ArrayLike) -> Matrix | None:
    """A camera's object matrix with its scale taken out, as Blender renders it; still Blender's axes and units.

    None where that is no rotation: the camera is mirrored (an odd number of negative scales), flat (a scale of 0) or
    sheared by a parent.
    """
    matrix = np.array(matrix_world, float)
    lengths = np.linalg.norm(matrix[:3, :3], axis=0)
    if not lengths.all():
        return None
    axes = matrix[:3, :3] / lengths
    if np.abs(axes.T @ axes - np.eye(3)).max() > SKEW or np.linalg.det(axes) < 0:
        return None
    u, _, vt = np.linalg.svd(axes)  # float32 matrices are orthonormal to 1e-7 only
    result = np.eye(4)
    result[:3, :3] = u @ vt
    result[:3, 3] = matrix[:3, 3]
    return result


def camera_to_world(matrix: Matrix, unit_scale: float = 1.0) -> Matrix:
    """Canonical c2w (4, 4) from an :func:`upright` matrix; ``unit_scale`` is metres per Blender unit."""
    c2w = matrix @ FLIP
    c2w[:3, 3] *= unit_scale
    return c2w


def in_metres(matrix: ArrayLike, unit_scale: float) -> Matrix:
    """An object's matrix with the places on both its sides in metres: only its translation changes."""
    result = np.array(matrix, float)
    result[:3, 3] *= unit_scale
    return result


def window_projection(matrix: Matrix, width: int, height: int, near: float, far: float) -> Matrix:
    """(4, 4) OpenGL projection with these intrinsics, for Blender's camera axes (y up, looking along -z)."""
    fx, fy, cx, cy = matrix[0, 0], matrix[1, 1], matrix[0, 2], matrix[1, 2]
    return np.array(
        [
            [2 * fx / width, 0.0, 1.0 - 2 * cx / width, 0.0],
            [0.0, 2 * fy / height, 2 * cy / height - 1.0, 0.0],
            [0.0, 0.0, -(far + near) / (far - near), -2 * far * near / (far - near)],
            [0.0, 0.0, -1.0, 0.0],
        ]
    )


def linear_depth(window: NDArray[np.float32], near: float, far: float) -> NDArray[np.float32]:
    """Planar depth from what an OpenGL depth buffer holds (0 … 1); the cleared value 1 becomes +inf."""
    stored = window.astype(np.float64)
    depth = near * far / (far - stored * (far - near))
    return np.where(stored >= 1.0, np.inf, depth).astype(np.float32)


def unproject(depth: NDArray[np.float32], matrix: Matrix, c2w: Matrix) -> NDArray[np.float64]:
    """(H, W, 3) world points under the pixels' centres, from planar ``depth`` (H, W); NaN where there is nothing."""
    rows, columns = np.indices(depth.shape)
    return unproject_at(rows, columns, depth, matrix, c2w)


def unproject_at(rows: NDArray, columns: NDArray, depth: NDArray[np.float32], matrix: Matrix, c2w: Matrix) -> Matrix:
    """(…, 3) world points under the centres of some pixels, all (…); NaN where ``depth`` is not finite."""
    x = (columns + 0.5 - matrix[0, 2]) / matrix[0, 0]
    y = (rows + 0.5 - matrix[1, 2]) / matrix[1, 1]
    surface = np.where(np.isfinite(depth), depth, np.nan)[..., None]
    return np.stack([x, y, np.ones_like(x)], -1) * surface @ c2w[:3, :3].T + c2w[:3, 3]
