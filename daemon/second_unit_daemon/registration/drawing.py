# SPDX-License-Identifier: GPL-3.0-or-later
"""A picture of how a reference lies on its geometry: edges of depth, and from where to where points have moved."""

from __future__ import annotations

import math

import cv2
import numpy as np
from numpy.typing import NDArray

from ..conditioning.shot_data import ReferenceData, ShotData
from .canvas import canvas_of
from .edges import depth_edges
from .fit import Fit

WIDTH = 832
EDGE, EXPECTED, SEEN = (255, 0, 200), (255, 210, 0), (0, 230, 255)
MOST_ARROWS = 150
TIP_PX = 5.0
PALE = 0.55  # of the picture under the drawing


def drawing_of(shot: ShotData, reference: ReferenceData, fit: Fit) -> NDArray[np.uint8]:
    """(h, w, 3): the picture, pale; edges of depth in magenta; arrows from where points should be to where they are."""
    canvas = canvas_of(shot, reference, WIDTH)
    made = np.asarray(255 - PALE * (255 - canvas.picture.astype(np.float32)), np.uint8)
    edges = depth_edges(reference, (made.shape[1], made.shape[0])) > 0
    made[edges] = EDGE
    if fit.found is not None:
        every = max(1, -(-len(fit.found.expected) // MOST_ARROWS))
        pairs = zip(fit.found.expected[::every], fit.found.seen[::every], strict=True)
        for start, end in pairs:
            a, b = (tuple(int(v) for v in np.round(point * canvas.scale)) for point in (start, end))
            cv2.arrowedLine(made, a, b, SEEN, 1, cv2.LINE_AA, tipLength=TIP_PX / max(math.dist(a, b), TIP_PX))
            cv2.circle(made, a, 2, EXPECTED, -1, cv2.LINE_AA)
    return made
