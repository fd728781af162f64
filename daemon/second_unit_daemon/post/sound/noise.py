# SPDX-License-Identifier: GPL-3.0-or-later
"""What synthesis is made of: noise of a spectrum, slow random curves, decaying resonances."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from ...encode.sound import SAMPLE_RATE

Mono = NDArray[np.float64]
Random = np.random.Generator
BLOCK_S = 20.0  # shaped noise is made in pieces of that length, faded into each other


def times(samples: int) -> Mono:
    return np.arange(samples) / SAMPLE_RATE


def shaped(samples: int, random: Random, gain: Callable[[Mono], Mono]) -> Mono:
    """Gaussian noise whose amplitude at f Hz is ``gain(f)``; its root mean square is 1."""
    size = 1 << int(np.ceil(np.log2(min(samples, BLOCK_S * SAMPLE_RATE) + 2048)))
    frequency = np.fft.rfftfreq(size, 1 / SAMPLE_RATE)
    curve = gain(np.maximum(frequency, 1.0))
    curve[0] = 0.0
    fade = min(2048, size // 4)
    ramp = np.sin(np.linspace(0, np.pi / 2, fade))
    out = np.zeros(samples + size)
    step, place = size - fade, 0
    while place < samples:
        piece = np.fft.irfft(np.fft.rfft(random.standard_normal(size)) * curve, size)
        piece[:fade] *= ramp  # equal power: the pieces know nothing of each other
        piece[-fade:] *= ramp[::-1]
        out[place : place + size] += piece
        place += step
    out = out[fade : fade + samples] if samples + fade <= len(out) else out[:samples]
    return out / max(float(np.sqrt(np.mean(out**2))), 1e-9)


def band(low_hz: float, high_hz: float, slope: float = 2.0) -> Callable[[Mono], Mono]:
    """Passes low … high, falling off on both sides with the given order."""
    return lambda f: 1 / np.sqrt((1 + (low_hz / f) ** (2 * slope)) * (1 + (f / high_hz) ** (2 * slope)))


def drifting(samples: int, random: Random, rate_hz: float, low: float, high: float) -> Mono:
    """A smooth random curve between ``low`` and ``high`` with about ``rate_hz`` turns a second."""
    count = max(4, int(np.ceil(samples / SAMPLE_RATE * rate_hz)) + 4)
    knots = random.uniform(low, high, count)
    place = np.linspace(0, count - 1.001, samples) if samples > 1 else np.zeros(samples)
    left = place.astype(int)
    part = 0.5 - 0.5 * np.cos(np.pi * (place - left))
    return knots[left] * (1 - part) + knots[left + 1] * part


def moments(samples: int, random: Random, per_second: float) -> NDArray[np.int64]:
    """Sample numbers of events that fall at random, ``per_second`` on average."""
    count = random.poisson(per_second * samples / SAMPLE_RATE)
    return np.sort(random.integers(0, max(samples, 1), count))


def scattered(samples: int, places: NDArray[np.int64], make: Callable[[int], Mono]) -> Mono:
    """The sum of ``make(number)`` laid at each place; what sticks out at the end is cut."""
    out = np.zeros(samples)
    for number, place in enumerate(places):
        grain = make(number)[: samples - place]
        out[place : place + len(grain)] += grain
    return out


def ring(hz: float, decay_s: float, phase: float = 0.0) -> Mono:
    """A decaying sine, begun without a step."""
    t = times(max(16, round(5 * decay_s * SAMPLE_RATE)))
    attack = np.minimum(t / 0.002, 1)
    return np.sin(2 * np.pi * hz * t + phase) * np.exp(-t / decay_s) * attack * _ended(len(t))


def _ended(count: int) -> Mono:
    """What is left after five times the decay is led to nothing."""
    return np.minimum(np.linspace(5, 0, count), 1)


def burst(random: Random, decay_s: float, gain: Callable[[Mono], Mono], attack_s: float = 0.003) -> Mono:
    """Noise that is struck and dies away."""
    count = max(64, round(5 * decay_s * SAMPLE_RATE))
    t = times(count)
    return shaped(count, random, gain) * np.exp(-t / decay_s) * np.minimum(t / attack_s, 1) * _ended(count)
