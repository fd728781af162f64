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
        x, y, inverse = view.seen_from(before.c2w, before.intrinsics)
        known = view.smooth.copy()
        if view.things is not None:
            for thing in np.unique(view.things[view.things > 0]):
                here = view.things == thing
                if thing > len(self._shot.rigid) or not self._shot.rigid[thing - 1]:
                    known &= ~here
                    continue
                now, then = (self._shot.matrices[i, thing - 1] for i in (number, number - 1))
                # The thing carried back is as if the camera before had been carried forward.
                carried = now @ np.linalg.inv(then) @ before.c2w
                at = view.seen_from(carried, before.intrinsics)
                for whole, part in zip((x, y, inverse), at, strict=True):
                    whole[here] = part[here]
        valid = known & before.agrees(x, y, inverse, moving=True)
        with np.errstate(invalid="ignore"):
            return x - view.xs[None, :], y - view.ys[:, None], valid
