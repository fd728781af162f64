# SPDX-License-Identifier: GPL-3.0-or-later
"""The clip's own optical flow against the exact one, from each frame back to the one before.

The end-point error is the length of the difference of two flow vectors (Otte and Nagel, 1994; Baker et al., "A Database
and Evaluation Methodology for Optical Flow", IJCV 2011). Unlike poses it needs nothing to be recognised, and it sees
what moves in the scene.
"""

from __future__ import annotations

import cv2
import numpy as np
from attrs import frozen
from numpy.typing import NDArray

from ..conditioning.cameras import scaled_intrinsics
from ..conditioning.flow import Flow, flow_of_cameras
from .facts import ShotFacts
from .view import Bits, Plane, View

# Where the smaller eigenvalue of the picture's structure is below this, no flow can be seen (evened grey levels²).
LEAST_TEXTURE = 4e-4
# Fewer comparable lattice points than this share, and the frame has no flow error.
LEAST_SHARE = 0.02


@frozen
class FlowError:
    """Means over the comparable points, in pixels of the delivered width: error, exact and measured motion."""

    error_px: float
    asked_px: float
    made_px: float


class FlowMeter:
    """Give it every frame's evened grey picture and asked-for view in order."""

    def __init__(self, shot: ShotFacts):
        self._shot = shot
        self._flow = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_FAST)
        self._last: tuple[int, NDArray[np.uint8], View] | None = None

    def add(self, number: int, picture: NDArray[np.uint8], view: View) -> FlowError | None:
        """None without a frame just before, or where too little can be compared."""
        last, self._last = self._last, (number, picture, view)
        if last is None or last[0] != number - 1:
            return None
        dx, dy, valid = self._exact(number, view, last[2])
        rows, columns = valid.shape
        texture = cv2.resize(cv2.cornerMinEigenVal(picture, 5), (columns, rows), interpolation=cv2.INTER_AREA)
        valid &= texture > LEAST_TEXTURE
        if valid.mean() < LEAST_SHARE:
            return None
        measured = self._flow.calc(picture, last[1], np.zeros((*picture.shape, 2), np.float32))
        measured = cv2.resize(measured, (columns, rows), interpolation=cv2.INTER_AREA)[valid]
        exact = np.stack([dx[valid], dy[valid]], -1)
        scale = view.framing.delivered_width / view.framing.width

        def mean(vectors: NDArray) -> float:
            return float(scale * np.linalg.norm(vectors, axis=1).mean())

        return FlowError(mean(measured - exact), mean(exact), mean(measured))

    def _exact(self, number: int, view: View, before: View) -> tuple[Plane, Plane, Bits]:
        """Motion (x, y) in working pixels to the frame before on the view's lattice, and where both frames show it."""
        if self._shot.flow is None:
            dx, dy, inverse, known = _still(view, before)
        else:
            dx, dy, inverse, known = _on_lattice(self._shot.flow(number, number - 1), view)
        x, y = view.xs[None, :] + dx, view.ys[:, None] + dy
        return dx, dy, known & view.smooth & before.agrees(x, y, inverse, moving=True)


Motion = tuple[Plane, Plane, Plane, Bits]  # x, y in working pixels, 1/z there, known; each on a lattice


def _still(view: View, before: View) -> Motion:
    """That of a scene that stands still, from the view's own depth, in which a lattice point is a pixel."""
    rows, columns = view.inverse.shape
    to_x, to_y = view.framing.width / columns, view.framing.height / rows
    lenses = [scaled_intrinsics(v.intrinsics, 1 / to_x, 1 / to_y) for v in (view, before)]
    with np.errstate(divide="ignore"):
        depth = (1 / view.inverse).astype(np.float32)
    found = flow_of_cameras(depth, (view.c2w, lenses[0]), (before.c2w, lenses[1]))
    return found.vectors[..., 0] * to_x, found.vectors[..., 1] * to_y, _inverse(found), found.valid


def _on_lattice(found: Flow, view: View) -> Motion:
    """The flow of the delivered part, averaged over what each lattice point stands for."""
    framing = view.framing

    def thin(plane: NDArray) -> Plane:
        own = np.ascontiguousarray(framing.crop(plane))
        return np.asarray(cv2.resize(own, framing.lattice, interpolation=cv2.INTER_AREA), np.float32)

    vectors = thin(found.vectors)
    known = thin(found.valid.astype(np.float32)) >= 1.0
    return vectors[..., 0] * framing.scale_x, vectors[..., 1] * framing.scale_y, thin(_inverse(found)), known


def _inverse(found: Flow) -> Plane:
    with np.errstate(divide="ignore"):
        return np.where(found.depth_m > 0, 1 / found.depth_m, 0).astype(np.float32)
