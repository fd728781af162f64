# SPDX-License-Identifier: GPL-3.0-or-later
"""From "which object is seen here" to "which moving thing is seen here"."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ..core.camera import unproject
from ..core.motion import assign
from ..scene.camera import View
from ..scene.motion import Occurrences

Codes = dict[int, int]  # object's session uid -> the number that a back-end draws it with, counted from 1


def codes_for(occurrences: Occurrences) -> Codes:
    """A number for every object with something that moves; all others are 0."""
    return {uid: place + 1 for place, uid in enumerate(sorted(occurrences))}


def track_plane(
    drawn: NDArray[np.int_],
    codes: Codes,
    depth: NDArray[np.float32],
    view: View,
    occurrences: Occurrences,
    matrices: NDArray[np.float64],
) -> NDArray[np.uint16]:
    """The index plane (H, W) from the numbers that were ``drawn`` (H, W) and the ``depth`` (H, W) under them.

    ``codes`` are those of the ``occurrences``. Several of one number are told apart by where their surface lies;
    ``matrices`` (N, 4, 4) are the tracks'.
    """
    plane = np.zeros(depth.shape, np.uint16)
    points = None
    for uid, code in codes.items():
        here = drawn == code
        places = occurrences[uid]
        if not here.any():
            continue
        if len(places) == 1:
            plane[here] = places[0].number
            continue
        if points is None:
            points = unproject(depth, view.intrinsics, view.c2w)
        unsure = max(place.number for place in places)
        plane[here] = assign(points[here], places, matrices, view.unit_scale, unsure)
    return plane
