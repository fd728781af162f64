# SPDX-License-Identifier: GPL-3.0-or-later
"""How alike two pictures are."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray


def psnr(a: NDArray[np.uint8], b: NDArray[np.uint8], mask: NDArray[np.bool_] | None = None) -> float:
    """Peak signal-to-noise ratio in decibels of 8-bit pictures of one shape, over all channels.

    ``mask`` (H, W) says which pixels count. Equal pictures give +inf, no pixels at all give NaN.
    """
    if a.shape != b.shape:
        raise ValueError(f"pictures of {a.shape} and {b.shape} cannot be compared")
    error = a.astype(np.int32) - b
    if mask is not None:
        error = error[mask]
    if error.size == 0:
        return math.nan
    mean = float(np.mean(np.square(error)))
    return math.inf if mean == 0 else 10 * math.log10(255**2 / mean)
