# SPDX-License-Identifier: GPL-3.0-or-later
"""Where a picture has what its camera should see."""

from __future__ import annotations

import numpy as np
from attrs import field, frozen
from numpy.typing import NDArray

from ..adherence.pose import Pose


@frozen(eq=False)
class Found:
    """A measurement, in pixels of the reference's planes (coarse). ``off``: mean distance as a share of the width.

    ``similarity`` (2, 3) takes the place where a point should be to where the picture has it; ``pose`` is the camera
    that took the picture, where a similarity does not explain it. ``expected`` and ``seen`` (N, 2) are points for the
    drawing of it.
    """

    off: float
    similarity: NDArray[np.float64] | None
    pose: Pose | None
    expected: NDArray[np.float64] = field(repr=False)
    seen: NDArray[np.float64] = field(repr=False)
    by: str = ""
