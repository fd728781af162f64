# SPDX-License-Identifier: GPL-3.0-or-later
"""Loudness as broadcast measures it (ITU-R BS.1770-4), reached without clipping."""

from __future__ import annotations

import warnings

import numpy as np
from second_unit_protocol.errors import ErrorCode, SecondUnitError

from ...encode.sound import SAMPLE_RATE, Sound

CEILING = 10 ** (-1 / 20)  # -1 dB full scale
SHORTEST_S = 0.5  # the measure needs blocks of 0.4 s; what is shorter is measured repeated


def loudness_lufs(sound: Sound) -> float:
    """Integrated loudness; −inf for silence. Raises SecondUnitError where pyloudnorm is not installed."""
    try:
        import pyloudnorm
    except ImportError as error:
        raise SecondUnitError(
            ErrorCode.BAD_REQUEST,
            "Sound needs the package pyloudnorm, which is not installed",
            remedy="Install the daemon with its extra: pip install 'second-unit[finish]'",
        ) from error
    least = round(SHORTEST_S * SAMPLE_RATE)
    measured = np.tile(sound, (-(-least // max(len(sound), 1)), 1)) if len(sound) < least else sound
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return float(pyloudnorm.Meter(SAMPLE_RATE).integrated_loudness(measured.astype(np.float64)))


def levelled(sound: Sound, lufs: float) -> Sound:
    """The sound at ``lufs``; peaks that would pass −1 dB are bent softly under it, and the level reached again."""
    for _ in range(8):
        found = loudness_lufs(sound)
        if not np.isfinite(found) or (abs(found - lufs) < 0.05 and np.abs(sound).max() <= CEILING):
            break
        sound = _limited(sound * 10 ** ((lufs - found) / 20))
    return sound.astype(np.float32)


def _limited(sound: Sound) -> Sound:
    """Straight up to 0.6 of the ceiling, then a smooth bend towards it."""
    knee = 0.6 * CEILING
    size = np.abs(sound)
    over = np.maximum(size - knee, 0)
    room = CEILING - knee
    bent = knee + room * np.tanh(over / room)
    return np.where(size > knee, np.sign(sound) * bent, sound)
