# SPDX-License-Identifier: GPL-3.0-or-later
"""How FFmpeg's scaler is told to convert colours without a bias."""

from __future__ import annotations

from av.video.reformatter import Interpolation

# Without ACCURATE_RND and full chroma its fast paths darken: measured 1 to 2 levels on the way from YCbCr to RGB.
EXACT = int(
    Interpolation.BICUBIC | Interpolation.ACCURATE_RND | Interpolation.FULL_CHR_H_INP | Interpolation.FULL_CHR_H_INT
)
