# SPDX-License-Identifier: GPL-3.0-or-later
"""A clip frame from the references, ready to be delivered: projected, holes filled, silhouettes softened, cropped."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .background import fill_from_background
from .edges import edges_of, soften_edges
from .plate_match import match_plate
from .projector import Projector
from .references import delivered

Frame = NDArray[np.uint8]  # (H, W, 3) sRGB
Mask = NDArray[np.uint8]  # (H, W), 0 or 255


def finished(projector: Projector, i: int) -> tuple[Frame, Mask]:
    """Clip frame ``i`` as it is delivered (H, W, 3), and what no reference shows of it (H, W), 255 there."""
    shot = projector.shot
    still = projector.still(i)
    if still is not None:
        return still, np.zeros(still.shape[:2], np.uint8)
    p = projector.frame(i)
    holes = 255 - p.known
    plate = shot.colour(i)
    edges = edges_of(p.surfaces)
    if plate is not None and p.known.any():
        match = match_plate(p.image, p.known, plate, p.surfaces.inverse)
        match.fill(p.image, p.known)
        image = soften_edges(p.image, p.surfaces, edges, plate)
        match.lean(image, ~edges)
    else:
        fill_from_background(p.image, p.known, p.surfaces)
        image = soften_edges(p.image, p.surfaces, edges, None)
    return np.ascontiguousarray(delivered(shot, image)), np.ascontiguousarray(delivered(shot, holes), np.uint8)
