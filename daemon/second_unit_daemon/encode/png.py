# SPDX-License-Identifier: GPL-3.0-or-later
"""Still pictures without loss."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray


def png(frame: NDArray[np.uint8]) -> bytes:
    """PNG of an (H, W, 3) sRGB picture."""
    encoded, data = cv2.imencode(".png", cv2.cvtColor(frame, cv2.COLOR_RGB2BGR))
    if not encoded:
        raise ValueError(f"a picture of {frame.shape} {frame.dtype} cannot become a PNG")
    return data.tobytes()
