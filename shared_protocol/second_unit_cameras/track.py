# SPDX-License-Identifier: GPL-3.0-or-later
"""A camera path in canonical form, and the few relations that the files need."""

from __future__ import annotations

from typing import Any

import numpy as np
from attrs import evolve, field, frozen
from numpy.typing import ArrayLike, NDArray

from .errors import CameraFileError

Matrices = NDArray[np.float64]

SHEAR = 1e-2  # how far axes of a camera may be from orthonormal before they are no rotation
EVEN = 1e-6  # seconds by which frames may stray from an even rate; RealEstate10K counts microseconds


def _matrices(values: ArrayLike) -> Matrices:
    return np.asarray(values, np.float64)


@frozen(eq=False)
class CameraTrack:
    """A camera at F times.

    ``c2w`` (F, 4, 4) float64: camera-to-world, OpenCV axes (x right, y down, z forward), metres. ``intrinsics``
    (F, 3, 3) float64 in pixels of a picture of ``width`` × ``height``, pixel centres at +0.5. ``times_s`` (F,) seconds.

    Raises CameraFileError for a path that is no camera's: empty, not finite, sheared or mirrored, without a lens.
    """

    c2w: Matrices = field(converter=_matrices, repr=False)
    intrinsics: Matrices = field(converter=_matrices, repr=False)
    width: int
    height: int
    times_s: NDArray[np.float64] = field(converter=_matrices, repr=False)

    @classmethod
    def at_rate(cls, c2w: ArrayLike, intrinsics: ArrayLike, width: int, height: int, fps: float) -> CameraTrack:
        """A track whose frames are 1/``fps`` apart. ``intrinsics`` may be one (3, 3) for all."""
        poses = _matrices(c2w)
        return cls(poses, spread(intrinsics, len(poses)), width, height, np.arange(len(poses)) / fps)

    def __attrs_post_init__(self) -> None:
        frames = len(self.c2w)
        shapes = (self.c2w.shape, self.intrinsics.shape, self.times_s.shape)
        if frames == 0:
            raise _wrong("The camera path has no poses")
        if shapes != ((frames, 4, 4), (frames, 3, 3), (frames,)):
            raise _wrong(f"A camera path has (F, 4, 4) poses, (F, 3, 3) intrinsics and F times, not {shapes}")
        if not (np.isfinite(self.c2w).all() and np.isfinite(self.intrinsics).all() and np.isfinite(self.times_s).all()):
            raise _wrong("The camera path holds numbers that are not finite")
        if self.width < 1 or self.height < 1:
            raise _wrong(f"A picture of {self.width} × {self.height} pixels cannot be")
        axes = self.c2w[:, :3, :3]
        off = np.abs(axes.transpose(0, 2, 1) @ axes - np.eye(3)).max((1, 2)) > SHEAR
        off |= np.linalg.det(axes) < 0
        if off.any():
            raise _wrong(f"Pose {int(off.argmax())} is no rotation and translation: it is scaled, sheared or mirrored")
        if (self.intrinsics[:, [0, 1], [0, 1]] <= 0).any():
            raise _wrong("A focal length is not positive")

    def __len__(self) -> int:
        return len(self.c2w)

    @property
    def w2c(self) -> Matrices:
        """(F, 4, 4) world-to-camera."""
        return inverse(self.c2w)

    @property
    def fps(self) -> float | None:
        """Frames a second, or None where they are not evenly spaced. One frame alone counts as 24."""
        if len(self) == 1:
            return 24.0
        step = (self.times_s[-1] - self.times_s[0]) / (len(self) - 1)
        even = self.times_s[0] + step * np.arange(len(self))
        return float(1 / step) if step > 0 and np.abs(even - self.times_s).max() <= EVEN else None

    @property
    def relative(self) -> Matrices:
        """(F, 4, 4) camera-to-world where the world is the first camera: c2w₀⁻¹ c2wᵢ."""
        return inverse(self.c2w[0]) @ self.c2w

    def resized(self, width: int, height: int) -> CameraTrack:
        """The same view in a picture of another size; where the aspect differs, its pixels are stretched."""
        change = np.diag([width / self.width, height / self.height, 1.0])
        return evolve(self, intrinsics=change @ self.intrinsics, width=width, height=height)

    def same_as(self, other: CameraTrack, tolerance: float) -> bool:
        """Whether no number of the other's differs by more; focal lengths and centres count relative to the size."""
        size = np.array([self.width, self.height, 1.0])[:, None]
        return (
            len(self) == len(other)
            and (self.width, self.height) == (other.width, other.height)
            and np.abs(self.c2w - other.c2w).max() <= tolerance
            and bool((np.abs(self.intrinsics - other.intrinsics) <= tolerance * size).all())
            and np.abs(self.times_s - other.times_s).max() <= tolerance
        )


def inverse(poses: Matrices) -> Matrices:
    """Inverse of rigid transforms (…, 4, 4), exact for their rotation."""
    result = np.zeros_like(poses)
    turned = np.swapaxes(poses[..., :3, :3], -1, -2)
    result[..., :3, :3] = turned
    result[..., :3, 3] = -(turned @ poses[..., :3, 3:])[..., 0]
    result[..., 3, 3] = 1.0
    return result


def spread(intrinsics: ArrayLike, frames: int) -> Matrices:
    """(F, 3, 3) intrinsics from one (3, 3) for all frames, from (F, 3, 3), or from fx fy cx cy as (4,) or (F, 4)."""
    values = _matrices(intrinsics)
    if values.shape in ((4,), (frames, 4)):
        values = matrices_of(values)
    return np.broadcast_to(values, (frames, 3, 3)).copy() if values.shape == (3, 3) else values


def matrices_of(vectors: NDArray[Any]) -> Matrices:
    """(…, 3, 3) from (…, 4): fx, fy, cx, cy."""
    result = np.zeros((*vectors.shape[:-1], 3, 3))
    result[..., [0, 1, 0, 1], [0, 1, 2, 2]] = vectors
    result[..., 2, 2] = 1.0
    return result


def vectors_of(intrinsics: Matrices) -> Matrices:
    """(…, 4) fx, fy, cx, cy from (…, 3, 3)."""
    return intrinsics[..., [0, 1, 0, 1], [0, 1, 2, 2]]


def square(poses: Any) -> Matrices:
    """(…, 4, 4) from (…, 3, 4) or (…, 4, 4). Raises ValueError for another shape."""
    values = _matrices(poses)
    if values.shape[-2:] == (4, 4):
        return values
    if values.shape[-2:] != (3, 4):
        raise ValueError(f"a pose has 3 or 4 rows of 4 numbers, not the shape {values.shape}")
    last = np.broadcast_to([0.0, 0.0, 0.0, 1.0], (*values.shape[:-2], 1, 4))
    return np.concatenate([values, last], -2)


def _wrong(cause: str) -> CameraFileError:
    return CameraFileError(cause, "Check the file, and that it is in the form that was named")
