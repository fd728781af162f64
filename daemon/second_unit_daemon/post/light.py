# SPDX-License-Identifier: GPL-3.0-or-later
"""Pictures as light: what a film that is exposed to several of them shows."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from .stream import Picture

STEPS = 4096  # of linear light, on the way back to sRGB
_CODES = np.arange(256) / 255
_TO_LIGHT = np.where(_CODES <= 0.04045, _CODES / 12.92, ((_CODES + 0.055) / 1.055) ** 2.4).astype(np.float32)
_LIGHT = np.linspace(0, 1, STEPS) ** 2  # finer where it is dark, as sRGB is (IEC 61966-2-1)
_FROM_LIGHT = np.where(_LIGHT <= 0.0031308, 12.92 * _LIGHT, 1.055 * np.power(_LIGHT, 1 / 2.4) - 0.055)
_TO_BYTES = np.round(255 * _FROM_LIGHT).astype(np.uint8)


def mean_light(pictures: Iterable[Picture]) -> Picture:
    """Their mean in linear light; colours count as far as they cover."""
    taken = list(pictures)
    covers = [p[..., 3:].astype(np.float32) / 255 if p.shape[2] == 4 else np.ones((1, 1, 1), np.float32) for p in taken]
    cover = sum(covers[1:], covers[0])
    light = sum((_TO_LIGHT[p[..., :3]] * c for p, c in zip(taken, covers, strict=True)), np.float32(0))
    mean = np.clip(light / np.maximum(cover, 1e-6), 0, 1)
    colours = _TO_BYTES[np.round(np.sqrt(mean) * (STEPS - 1)).astype(np.int32)]
    if taken[0].shape[2] == 3:
        return colours
    return np.dstack((colours, np.round(cover / len(taken) * 255).astype(np.uint8)))
