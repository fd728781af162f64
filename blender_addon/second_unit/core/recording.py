# SPDX-License-Identifier: GPL-3.0-or-later
"""What a hand-flown viewport did, as one pose per frame: resampled in time and smoothed."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Series = NDArray[np.float64]


def resampled(times: Series, places: Series, turns: Series, frames: Series, sigma: float) -> tuple[Series, Series]:
    """Poses at ``frames`` from poses at irregular ``times``, both in frames.

    ``places`` (N, 3); ``turns`` (N, 4) unit quaternions, either sign. ``sigma``: frames that the smoothing reaches
    over, 0 for none. Returns (F, 3) and (F, 4); neighbouring quaternions have the same sign. Turns are interpolated and
    averaged as vectors and normalised again, which is right to third order in the angle between neighbours.
    Raises ValueError where there is nothing to sample.
    """
    if not len(times):
        raise ValueError("nothing was recorded")
    from ..cameras.moves import smoothed

    order = np.argsort(times, kind="stable")
    series = np.concatenate([places[order], _same_sign(turns[order])], 1)
    sampled = np.stack([np.interp(frames, times[order], column) for column in series.T], 1)
    sampled = smoothed(sampled, sigma)
    turned = sampled[:, 3:]
    return sampled[:, :3], turned / np.linalg.norm(turned, axis=1, keepdims=True)


def _same_sign(turns: Series) -> Series:
    """q and -q are the same turn; each is given the sign that lies nearer to the one before."""
    result = np.array(turns, float)
    for i in range(1, len(result)):
        if result[i] @ result[i - 1] < 0:
            result[i] *= -1
    return result
