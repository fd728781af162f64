# SPDX-License-Identifier: GPL-3.0-or-later
"""Still pictures as JPEG: previews while a job runs, posters of finished clips."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray


def jpeg(frame: NDArray[np.uint8], max_width: int | None = None, quality: int = 90) -> bytes:
    """JPEG of an (H, W, 3) sRGB or (H, W) grey picture, made smaller (never larger) to ``max_width`` pixels."""
    height, width = frame.shape[:2]
    if max_width is not None and width > max_width:
        size = max_width, max(1, round(height * max_width / width))
        frame = np.asarray(cv2.resize(frame, size, interpolation=cv2.INTER_AREA), np.uint8)
    picture = cv2.cvtColor(frame, cv2.COLOR_RGB2BGR) if frame.ndim == 3 else frame
    encoded, data = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, quality])
    if not encoded:
        raise ValueError(f"a picture of {frame.shape} {frame.dtype} cannot become a JPEG")
    return data.tobytes()
