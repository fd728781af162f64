# SPDX-License-Identifier: GPL-3.0-or-later
"""Projects a shot's references to its frames, one frame at a time: ``Projector(shot).frame(i)``."""

from __future__ import annotations

import cv2
import numpy as np
from attrs import field, frozen
from numpy.typing import NDArray

from ..motion import SAME_TIME, Movement, movement
from ..shot_data import ReferenceData, ShotData
from .geometry import Surfaces, surfaces_of
from .jit import over_rows
from .kernel import project_rows
from .references import crop_of, region_of, stack_of, views_from, weights_at
from .told import told_at

SAME_CAMERA = 1e-6
SAME_PLACE_PX = 0.5  # how far the borders of a picture may be off those of the frame that it stands for


@frozen(eq=False)
class Projection:
    """One frame as the references show it, at the planes' size.

    ``image`` (H, W, 3) uint8, meaningless where ``known`` (H, W) uint8 is 0: no reference sees that surface.
    """

    image: NDArray[np.uint8] = field(repr=False)
    known: NDArray[np.uint8] = field(repr=False)
    surfaces: Surfaces = field(repr=False)


class Projector:
    """Holds the references; frames may be asked for in any order. Memory does not depend on the shot's length."""

    def __init__(self, shot: ShotData):
        self.shot = shot
        self.stack = stack_of(shot)

    def still(self, frame: int) -> NDArray[np.uint8] | None:
        """The picture (H, W, 3) of the reference that is pinned to this very frame, at the delivered size.

        None where that reference was taken by another camera than the shot's, or shows another part of its picture.
        """
        for reference in self.stack.data:
            if abs(reference.clip_position - frame) < SAME_TIME and self._is_whole(reference, frame):
                size = (self.shot.request.width, self.shot.request.height)
                if reference.image.shape[1::-1] == size:
                    return reference.image
                smaller = reference.image.shape[1] > size[0]
                how = cv2.INTER_AREA if smaller else cv2.INTER_CUBIC
                return np.asarray(cv2.resize(reference.image, size, interpolation=how), np.uint8)
        return None

    def _is_whole(self, reference: ReferenceData, frame: int) -> bool:
        """Whether the reference shows just what the delivered frame does: its borders fall on the frame's."""
        shot = self.shot
        planes = shot.request.depth
        if planes is None or not np.allclose(reference.c2w, shot.c2w[frame], atol=SAME_CAMERA):
            return False
        left, top, width, height = region_of(reference, shot)
        to_frame = shot.intrinsics[frame] @ np.linalg.inv(reference.intrinsics)
        corners = to_frame @ np.array([[left, left + width], [top, top + height], [1.0, 1.0]])
        x, y, wide, high = crop_of(shot, planes.width, planes.height)
        return bool(np.allclose(corners[:2], [[x, x + wide], [y, y + high]], atol=SAME_PLACE_PX * (1 + wide / 100)))

    def frame(self, frame: int) -> Projection:
        """Projects every reference to clip frame ``frame``."""
        depth = self.shot.needed_depth(frame)
        seen = movement(self.shot, self.shot.instant(frame), depth, self.shot.index(frame))
        return self.project(frame, surfaces_of(depth, seen.index), seen)

    def project(self, frame: int, surfaces: Surfaces, seen: Movement) -> Projection:
        """The same for geometry that is at hand already."""
        height, width = surfaces.shape
        weights = weights_at(self.stack, self.shot, frame)
        views = views_from(self.stack, seen)
        intrinsics = self.shot.intrinsics[frame]
        rays = np.array([1 / intrinsics[0, 0], 1 / intrinsics[1, 1], intrinsics[0, 2], intrinsics[1, 2]], np.float32)
        image = np.zeros((height, width, 3), np.uint8)
        known = np.zeros((height, width), np.uint8)
        target = (surfaces.inverse, surfaces.slope_x, surfaces.slope_y, surfaces.index, seen.place)
        order = np.argsort(-weights, kind="stable")
        stack = self.stack
        over_rows(
            project_rows, height, target, rays, stack.near, stack.cells, stack.finer.arrays, stack.fineness,
            told_at(stack.data, frame, (height, width)), stack.confidence, views, weights, order, stack.pictures,
            stack.bounds, stack.looks.at(frame), image, known,
        )  # fmt: skip
        return Projection(image, known, surfaces)
