# SPDX-License-Identifier: GPL-3.0-or-later
"""Where a sound comes from: loudness by distance, sides by direction, pitch by motion (Doppler)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ...encode.sound import SAMPLE_RATE, Sound
from .noise import Mono

SPEED_OF_SOUND_M_S = 343.0
FULL_M = 2.0  # nearer than that a sound gets no louder
BEHIND = 0.75  # share of loudness left behind the camera


def placed(mono: Mono, path_m: NDArray[np.float64], rate: float) -> Sound:
    """(N, 2) of a source that moves along ``path_m`` (F, 3), the camera's axes, one point per clip frame.

    ``mono`` is longer than the clip by ``lead`` samples, for what was on its way before frame 0. Each sample is heard
    r / c after it was made: that delay, changing, is the Doppler shift.
    """
    samples = len(mono) - lead(path_m)
    clock = np.arange(samples) / SAMPLE_RATE
    at = np.arange(len(path_m)) / rate
    x, y, z = (smooth(clock, at, path_m[:, axis]) for axis in range(3))
    distance = np.maximum(np.sqrt(x * x + y * y + z * z), 0.05)
    made = np.arange(samples) + lead(path_m) - distance / SPEED_OF_SOUND_M_S * SAMPLE_RATE
    heard = np.interp(made, np.arange(len(mono)), mono)
    gain = FULL_M / np.maximum(distance, FULL_M) * np.where(z < 0, BEHIND, 1.0)
    side = np.clip(x / distance, -1, 1)
    angle = (side + 1) * np.pi / 4
    return np.column_stack((heard * gain * np.cos(angle), heard * gain * np.sin(angle))).astype(np.float32)


def lead(path_m: NDArray[np.float64]) -> int:
    """Samples that the sound of the farthest point needs to arrive."""
    return int(np.ceil(np.linalg.norm(path_m, axis=1).max() / SPEED_OF_SOUND_M_S * SAMPLE_RATE)) + 2


def smooth(clock: Mono, at: NDArray[np.float64], values: NDArray[np.float64]) -> Mono:
    """Values at frames as a curve without corners: a corner in a path is a jump in pitch."""
    if len(at) < 3:
        return np.interp(clock, at, values)
    slope = np.gradient(values, at)
    i = np.clip(np.searchsorted(at, clock, side="right") - 1, 0, len(at) - 2)
    step = at[i + 1] - at[i]
    t = np.clip((clock - at[i]) / step, 0, 1)
    t2, t3 = t * t, t * t * t
    return (
        values[i] * (2 * t3 - 3 * t2 + 1)
        + slope[i] * step * (t3 - 2 * t2 + t)
        + values[i + 1] * (3 * t2 - 2 * t3)
        + slope[i + 1] * step * (t3 - t2)
    )
