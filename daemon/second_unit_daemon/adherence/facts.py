# SPDX-License-Identifier: GPL-3.0-or-later
"""What measuring needs of a shot: its camera, and planes one frame at a time. From a ShotData or from plain files."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from attrs import field, frozen
from numpy.typing import NDArray

from ..conditioning.flow import Flow, flow
from ..conditioning.shot_data import ReferenceData, ShotData


@frozen(eq=False)
class ShotFacts:
    """``width`` × ``height`` is the delivered picture, the centre of the planes (``plane_width`` × ``plane_height``).

    ``c2w`` (F, 4, 4) in metres, OpenCV axes; ``intrinsics`` (F, 3, 3) in pixels of the planes. Of a frame ``depth``
    gives (H, W) planar metres (None where the first frame's is all there is), ``colour`` (H, W, 3) the scene's own
    colours or None, ``index`` (H, W) the number of the moving thing there (0: none) or None. ``flow`` gives the exact
    one from a frame to another, at the planes' size; None where nothing is known to move.
    """

    width: int
    height: int
    plane_width: int
    plane_height: int
    c2w: NDArray[np.float64] = field(repr=False)
    intrinsics: NDArray[np.float64] = field(repr=False)
    depth: Callable[[int], NDArray[np.float32] | None] = field(repr=False)
    colour: Callable[[int], NDArray[np.uint8] | None] = field(repr=False)
    index: Callable[[int], NDArray[np.uint16] | None] = field(repr=False)
    flow: Callable[[int, int], Flow] | None = field(default=None, repr=False)
    references: tuple[ReferenceData, ...] = ()

    def __len__(self) -> int:
        return len(self.c2w)


def facts_of(shot: ShotData) -> ShotFacts | None:
    """None where the shot brought no depth to measure by, or one that only stands in for a scene."""
    request = shot.request
    if request.depth is None or request.facts.stand_in:
        return None
    return ShotFacts(
        width=request.width,
        height=request.height,
        plane_width=request.depth.width,
        plane_height=request.depth.height,
        c2w=shot.c2w,
        intrinsics=shot.intrinsics,
        depth=shot.depth,
        colour=shot.colour,
        index=shot.index,
        flow=lambda frame, other: flow(shot, frame, other),
        references=shot.references,
    )
