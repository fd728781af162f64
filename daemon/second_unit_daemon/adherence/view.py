# SPDX-License-Identifier: GPL-3.0-or-later
"""The scene as a camera sees it, small: inverse depth on a coarse lattice, and which of it can be trusted.

Measuring happens at a bounded working size. Planar surfaces have an inverse depth that is linear over the picture, so
a lattice of every second pixel, interpolated, loses nothing on them; where it would (depth edges) nothing is measured.
"""

from __future__ import annotations

from functools import cached_property

import cv2
import numpy as np
from attrs import evolve, field, frozen
from numpy.typing import NDArray

from ..conditioning.cameras import relative_view, scaled_intrinsics
from .facts import ShotFacts
from .kernels import carried, on_lattice, same_surface

Matrix = NDArray[np.float64]
Plane = NDArray[np.float32]
Bits = NDArray[np.bool_]

WORKING_WIDTH = 832
LATTICE_STEP = 2
# A second difference of inverse depth beyond this share of it is an edge, not a surface.
EDGE_SHARE = 0.02
# Inverse depths of one surface seen from two cameras agree to within this share.
SAME_SURFACE = 0.015


@frozen(eq=False)
class Framing:
    """From delivered pictures and captured planes (a centred crop of which is delivered) to the working size."""

    width: int
    height: int
    delivered_width: int
    delivered_height: int
    scale_x: float
    scale_y: float

    @classmethod
    def of(cls, shot: ShotFacts) -> Framing:
        scale = min(1.0, WORKING_WIDTH / shot.width)
        width, height = round(shot.width * scale), round(shot.height * scale)
        return cls(
            width=width,
            height=height,
            delivered_width=shot.width,
            delivered_height=shot.height,
            scale_x=width / shot.width,
            scale_y=height / shot.height,
        )

    @property
    def lattice(self) -> tuple[int, int]:
        """(columns, rows) of the coarse lattice."""
        return -(-self.width // LATTICE_STEP), -(-self.height // LATTICE_STEP)

    def crop(self, plane: NDArray) -> NDArray:
        """The delivered part of a captured plane."""
        left, top = self._corner(plane.shape[1], plane.shape[0])
        return plane[top : top + self.delivered_height, left : left + self.delivered_width]

    def intrinsics(self, intrinsics: Matrix, plane_width: int, plane_height: int) -> Matrix:
        """Intrinsics of the working size from those of captured planes of a size."""
        left, top = self._corner(plane_width, plane_height)
        return scaled_intrinsics(intrinsics, self.scale_x, self.scale_y, left, top)

    def picture(self, image: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """A picture of the delivered frame, of any size, as grey at the working size."""
        grey = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)
        if grey.shape != (self.height, self.width):
            smaller = grey.shape[1] > self.width
            method = cv2.INTER_AREA if smaller else cv2.INTER_LINEAR
            grey = cv2.resize(grey, (self.width, self.height), interpolation=method)
        return np.asarray(grey, np.uint8)

    def _corner(self, width: int, height: int) -> tuple[int, int]:
        return (width - self.delivered_width) // 2, (height - self.delivered_height) // 2


@frozen(eq=False)
class View:
    """``inverse`` (rows, columns) is 1/z in 1/m, 0 = nothing; ``smooth`` marks surfaces away from depth edges,
    ``solid`` those of them that stand still.

    ``things`` (rows, columns) is the number of the moving thing there, 0 = none; None where nothing moves. ``xs``
    (columns,) and ``ys`` (rows,) are where the lattice lies, in working pixels, pixel centres at +0.5.
    """

    c2w: Matrix
    intrinsics: Matrix
    inverse: Plane = field(repr=False)
    smooth: Bits = field(repr=False)
    solid: Bits = field(repr=False)
    things: NDArray[np.uint16] | None = field(repr=False)
    framing: Framing
    xs: Plane = field(repr=False)
    ys: Plane = field(repr=False)

    def seen_from(self, c2w: Matrix, intrinsics: Matrix) -> tuple[Plane, Plane, Plane]:
        """Where the lattice's surfaces lie in another camera: x, y in its pixels and 1/z there (≤ 0: behind it)."""
        homography, epipole = relative_view(self.c2w, self.intrinsics, c2w, intrinsics)
        return carried(homography.astype(np.float32), epipole.astype(np.float32), self.xs, self.ys, self.inverse)

    def agrees(self, x: Plane, y: Plane, inverse: Plane, *, moving: bool = False) -> Bits:
        """Which points (x, y in working pixels, 1/z from this camera) lie on a surface that this view shows solid.

        With ``moving`` surfaces of moving things count too.
        """
        column, row = self.places(x, y)
        mine = cv2.remap(self.inverse, column, row, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
        bits = self._smooth_bytes if moving else self._solid_bytes
        solid = cv2.remap(bits, column, row, cv2.INTER_NEAREST, borderMode=cv2.BORDER_REPLICATE)
        right, bottom = np.float32(self.framing.width - 1), np.float32(self.framing.height - 1)
        return same_surface(x, y, inverse, mine, solid, right, bottom, np.float32(SAME_SURFACE))

    def places(self, x: Plane, y: Plane) -> tuple[Plane, Plane]:
        """Columns and rows of this view's lattice, centres at +0, of working pixels."""
        rows, columns = self.inverse.shape
        return on_lattice(x, y, np.float32(columns / self.framing.width), np.float32(rows / self.framing.height))

    def inverse_at(self, pixels: NDArray) -> NDArray[np.float64]:
        """1/z (N,) under working pixels (N, 2), interpolated."""
        rows, columns = self.inverse.shape
        column = (pixels[:, 0] * (columns / self.framing.width) - 0.5).astype(np.float32)
        row = (pixels[:, 1] * (rows / self.framing.height) - 0.5).astype(np.float32)
        sampled = cv2.remap(self.inverse, column, row, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
        return np.asarray(sampled, np.float64).ravel()

    @cached_property
    def still_mask(self) -> NDArray[np.uint8]:
        """(h, w) at the working size: 255 where the view shows solid surfaces."""
        size = self.framing.width, self.framing.height
        return np.asarray(cv2.resize(self._solid_bytes * 255, size, interpolation=cv2.INTER_NEAREST), np.uint8)

    @cached_property
    def _solid_bytes(self) -> NDArray[np.uint8]:
        return self.solid.astype(np.uint8)

    @cached_property
    def _smooth_bytes(self) -> NDArray[np.uint8]:
        return self.smooth.astype(np.uint8)

    @cached_property
    def samples(self) -> View:
        """A thinned copy (about 30 × 20) for cheap questions about overlap and shift."""
        step = max(1, self.inverse.shape[1] // 30)
        return evolve(
            self,
            inverse=np.ascontiguousarray(self.inverse[::step, ::step]),
            smooth=self.smooth[::step, ::step],
            solid=self.solid[::step, ::step],
            things=None if self.things is None else self.things[::step, ::step],
            xs=np.ascontiguousarray(self.xs[::step]),
            ys=np.ascontiguousarray(self.ys[::step]),
        )

    @cached_property
    def typical_inverse(self) -> float:
        """Median 1/z in 1/m of what the view shows, 0 where it shows nothing."""
        seen = self.samples.inverse
        seen = seen[seen > 0]
        return float(np.median(seen)) if seen.size else 0.0


def lattice_axis(pixels: int, count: int) -> Plane:
    """Centres of ``count`` equal parts of ``pixels`` pixels."""
    return ((np.arange(count) + 0.5) * (pixels / count)).astype(np.float32)


def make_view(
    framing: Framing, c2w: Matrix, intrinsics: Matrix, depth_m: Plane, index: NDArray[np.uint16] | None
) -> View:
    """A view from a captured depth plane (H, W) and, where things move, its index plane."""
    with np.errstate(divide="ignore"):
        inverse = 1 / framing.crop(depth_m)
    inverse = cv2.resize(np.ascontiguousarray(inverse), framing.lattice, interpolation=cv2.INTER_AREA)
    smooth = flat(np.asarray(inverse, np.float32))
    solid, things = smooth, None
    if index is not None:
        index = np.ascontiguousarray(framing.crop(index))
        things = np.asarray(cv2.resize(index, framing.lattice, interpolation=cv2.INTER_NEAREST), np.uint16)
        moving = (index > 0).astype(np.float32)
        moving = cv2.resize(moving, framing.lattice, interpolation=cv2.INTER_AREA) > 0
        solid = smooth & (cv2.dilate(moving.astype(np.uint8), np.ones((3, 3), np.uint8)) == 0)
    columns, rows = framing.lattice
    return View(
        c2w,
        framing.intrinsics(intrinsics, depth_m.shape[1], depth_m.shape[0]),
        np.asarray(inverse, np.float32),
        smooth,
        solid,
        things,
        framing,
        lattice_axis(framing.width, columns),
        lattice_axis(framing.height, rows),
    )


def flat(inverse: Plane) -> Bits:
    """Where there is a surface and no depth edge within one lattice step."""
    bend = np.abs(cv2.Laplacian(inverse, cv2.CV_32F, ksize=1))
    edge = ((bend > EDGE_SHARE * inverse) | (inverse <= 0)).astype(np.uint8)
    return cv2.dilate(edge, np.ones((3, 3), np.uint8)) == 0
