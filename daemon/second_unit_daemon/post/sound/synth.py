# SPDX-License-Identifier: GPL-3.0-or-later
"""Every sound of the vocabulary, synthesised. Each function: samples, random generator -> mono, about full scale 1."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from ...encode.sound import SAMPLE_RATE
from .noise import Mono, Random, band, burst, drifting, moments, ring, scattered, shaped, times


def wind(n: int, r: Random) -> Mono:
    low = shaped(n, r, band(40, 350, 1)) * drifting(n, r, 0.4, 0.25, 1.0)
    howl = shaped(n, r, band(420, 620, 4)) * drifting(n, r, 0.6, 0.0, 0.35) ** 1.5
    return low + howl


def rain(n: int, r: Random) -> Mono:
    hiss = shaped(n, r, band(900, 9000, 1)) * drifting(n, r, 0.3, 0.8, 1.0)
    drops = scattered(
        n,
        moments(n, r, 60),
        lambda _: r.uniform(0.3, 1.2) * ring(r.uniform(1200, 5200), r.uniform(0.002, 0.008)),
    )
    return 0.6 * hiss + 0.8 * drops


def thunder(n: int, r: Random) -> Mono:
    def clap(_: int) -> Mono:
        length = round(r.uniform(3.5, 6.0) * SAMPLE_RATE)
        t = times(length)
        roll = shaped(length, r, band(25, 110, 1.5)) * drifting(length, r, 4.0, 0.2, 1.0) * np.exp(-t / 1.6)
        crack = np.zeros(length)
        strike = burst(r, 0.12, band(150, 3000, 1))
        crack[: len(strike)] = strike
        return np.minimum(t / 0.02, 1) * (2.0 * roll + 0.8 * crack)

    return scattered(n, spread(n, r, 6.0), clap)


def sea(n: int, r: Random) -> Mono:
    deep = shaped(n, r, band(40, 500, 1))
    foam = shaped(n, r, band(700, 6000, 1))
    swell = drifting(n, r, 0.22, 0.1, 1.0)
    return deep * (0.35 + 0.5 * swell) + 0.7 * foam * swell**2


def river(n: int, r: Random) -> Mono:
    flow = shaped(n, r, band(300, 3500, 1)) * drifting(n, r, 1.5, 0.75, 1.0)
    bubbles = scattered(
        n,
        moments(n, r, 45),
        lambda _: r.uniform(0.2, 1.0) * ring(r.uniform(380, 1500), r.uniform(0.01, 0.035)),
    )
    return 0.6 * flow + 0.7 * bubbles


def fire(n: int, r: Random) -> Mono:
    roar = shaped(n, r, band(50, 420, 1)) * drifting(n, r, 2.5, 0.5, 1.0)
    crackles = scattered(
        n,
        moments(n, r, 14),
        lambda _: r.uniform(0.3, 1.6) * burst(r, r.uniform(0.002, 0.012), band(1200, 9000, 1), 0.0005),
    )
    return 0.6 * roar + 0.8 * crackles


def birds(n: int, r: Random) -> Mono:
    def song(_: int) -> Mono:
        notes = r.integers(2, 7)
        base = r.uniform(2200, 5200)
        parts = []
        for _note in range(notes):
            t = times(round(r.uniform(0.05, 0.16) * SAMPLE_RATE))
            bend = (
                base * r.uniform(0.85, 1.25)
                + r.uniform(-9000, 9000) * t
                + 180 * np.sin(2 * np.pi * r.uniform(18, 45) * t)
            )
            parts += [np.sin(2 * np.pi * np.cumsum(bend) / SAMPLE_RATE) * np.sin(np.pi * t / t[-1]).clip(0) ** 1.5]
            parts += [np.zeros(round(r.uniform(0.02, 0.09) * SAMPLE_RATE))]
        return r.uniform(0.15, 1.0) * np.concatenate(parts)

    air = shaped(n, r, band(200, 2500, 1)) * 0.04
    return air + scattered(n, steady(n, r, 1.4), song)


def insects(n: int, r: Random) -> Mono:
    out = np.zeros(n)
    for _ in range(4):
        hz, pulse, chirp = r.uniform(3800, 5200), r.uniform(28, 40), r.uniform(1.2, 2.6)
        t = times(n)
        on = np.clip(np.sin(2 * np.pi * chirp * t + r.uniform(0, 6)) * 4, 0, 1)
        out += r.uniform(0.3, 1) * np.sin(2 * np.pi * hz * t) * (0.5 - 0.5 * np.cos(2 * np.pi * pulse * t)) * on
    return 0.4 * out + 0.05 * shaped(n, r, band(300, 2000, 1))


def crowd(n: int, r: Random) -> Mono:
    out = np.zeros(n)
    for _ in range(14):
        pitch = r.uniform(95, 240)
        voice = shaped(n, r, band(pitch * 2, pitch * 8, 2)) + 0.6 * shaped(n, r, band(pitch, pitch * 2.2, 3))
        syllables = drifting(n, r, r.uniform(3.0, 5.5), -0.6, 1.0).clip(0) * drifting(n, r, 0.4, 0.2, 1.0)
        out += voice * syllables
    return 0.25 * out + 0.15 * shaped(n, r, band(150, 900, 1))


def applause(n: int, r: Random) -> Mono:
    claps = scattered(
        n,
        moments(n, r, 110),
        lambda _: r.uniform(0.2, 1.0) * burst(r, r.uniform(0.004, 0.012), band(700, 3500, 1.5), 0.001),
    )
    return claps * drifting(n, r, 0.3, 0.6, 1.0)


def traffic(n: int, r: Random) -> Mono:
    rumble = shaped(n, r, band(30, 220, 1)) * drifting(n, r, 0.3, 0.6, 1.0)

    def passing(_: int) -> Mono:
        length = round(r.uniform(2.5, 5.0) * SAMPLE_RATE)
        t = np.linspace(-1, 1, length)
        return r.uniform(0.4, 1.0) * shaped(length, r, band(120, 1600, 1)) * np.exp(-((t / 0.35) ** 2)) * (1 - t**4)

    return 0.6 * rumble + 0.8 * scattered(n, steady(n, r, 0.5), passing)


def engine(n: int, r: Random) -> Mono:
    firing = 32 * drifting(n, r, 0.35, 0.85, 1.3)
    phase = 2 * np.pi * np.cumsum(firing) / SAMPLE_RATE
    tone = sum(np.sin(k * phase + r.uniform(0, 6)) / k**0.9 for k in (0.5, 1, 1.5, 2, 3, 4, 5, 6, 8))
    rough = shaped(n, r, band(80, 900, 1)) * (0.5 + 0.5 * np.sin(phase))
    return 0.5 * np.tanh(tone) + 0.25 * rough


def train(n: int, r: Random) -> Mono:
    rumble = shaped(n, r, band(35, 260, 1))
    gap = round(0.62 * SAMPLE_RATE)
    knocks = np.array([p + d for p in range(0, n, gap) for d in (0, round(0.13 * SAMPLE_RATE)) if p + d < n], np.int64)
    return 0.7 * rumble + 0.9 * scattered(n, knocks, lambda _: burst(r, 0.03, band(140, 1400, 1)))


def aircraft(n: int, r: Random) -> Mono:
    t = times(n)
    roar = shaped(n, r, band(60, 1100, 0.8)) * drifting(n, r, 0.3, 0.8, 1.0)
    whine = np.sin(2 * np.pi * 2350 * t + 4 * np.sin(2 * np.pi * 0.4 * t)) + 0.5 * np.sin(2 * np.pi * 3170 * t)
    return roar + 0.06 * whine


def helicopter(n: int, r: Random) -> Mono:
    t = times(n)
    blade = np.maximum(np.sin(2 * np.pi * 11.5 * t), 0) ** 6
    return 1.4 * shaped(n, r, band(35, 420, 1)) * blade + 0.25 * shaped(n, r, band(400, 2500, 1)) * (0.4 + blade)


def whoosh(n: int, r: Random) -> Mono:
    def pass_by(_: int) -> Mono:
        length = round(r.uniform(0.7, 1.3) * SAMPLE_RATE)
        t = np.linspace(-1, 1, length)
        body = np.exp(-((t / 0.3) ** 2)) * (1 - t**4)
        return body * (
            shaped(length, r, band(180, 900, 1.5)) + np.exp(-((t / 0.18) ** 2)) * shaped(length, r, band(900, 4500, 1))
        )

    return scattered(n, spread(n, r, 2.5), pass_by)


def footsteps(n: int, r: Random) -> Mono:
    gap = 0.53
    places = np.array(
        [round((i + 0.5) * gap * SAMPLE_RATE + r.normal(0, 400)) for i in range(int(n / SAMPLE_RATE / gap) + 1)]
    )

    def step(_: int) -> Mono:
        heel = burst(r, 0.018, band(90, 700, 1.5)) * r.uniform(0.8, 1.1)
        sole = 0.35 * burst(r, 0.03, band(600, 3500, 1), 0.01)
        return laid((0, heel), (0, 0.7 * ring(r.uniform(75, 95), 0.03)), (3000, sole))

    return scattered(n, places[(places >= 0) & (places < n)], step)


def explosion(n: int, r: Random) -> Mono:
    def blast(_: int) -> Mono:
        length = round(4.0 * SAMPLE_RATE)
        t = times(length)
        body = shaped(length, r, band(20, 160, 1)) * np.exp(-t / 0.7) * 2.5
        body += shaped(length, r, band(200, 4000, 0.8)) * np.exp(-t / 0.16)
        body += np.sin(2 * np.pi * 48 * np.exp(-t * 1.5) * t) * np.exp(-t / 0.4)
        return body * np.minimum(t / 0.003, 1)

    return scattered(n, spread(n, r, 5.0), blast)


def impact(n: int, r: Random) -> Mono:
    def hit(_: int) -> Mono:
        thud = ring(r.uniform(55, 85), 0.12)
        noise = burst(r, 0.06, band(120, 2600, 1))
        return laid((0, 1.2 * thud), (0, noise))

    return scattered(n, spread(n, r, 2.2), hit)


def bell(n: int, r: Random) -> Mono:
    def toll(_: int) -> Mono:
        partials = ((0.5, 2.4), (1.0, 1.9), (1.19, 1.5), (1.5, 1.1), (2.0, 1.0), (2.74, 0.6), (3.76, 0.4))
        parts = [ring(330 * ratio, decay, r.uniform(0, 6)) / (1 + k) for k, (ratio, decay) in enumerate(partials)]
        return laid(*((0, part) for part in parts))

    return scattered(n, spread(n, r, 2.6), toll)


def clock(n: int, r: Random) -> Mono:
    places = np.arange(round(0.25 * SAMPLE_RATE), n, SAMPLE_RATE // 2)

    def tick(number: int) -> Mono:
        return ring(2600 if number % 2 else 2100, 0.006)

    return scattered(n, places, tick)


def machine(n: int, r: Random) -> Mono:
    t = times(n)
    motor = sum(np.sin(2 * np.pi * 49 * k * t + r.uniform(0, 6)) / k for k in (1, 2, 3, 4, 6))
    strokes = np.arange(0, n, round(0.8 * SAMPLE_RATE))
    clank = scattered(n, strokes, lambda _: burst(r, 0.05, band(300, 3200, 1)))
    return 0.3 * motor + 0.35 * shaped(n, r, band(120, 2200, 1)) + 0.8 * clank


def hum(n: int, r: Random) -> Mono:
    t = times(n)
    tone = sum(
        a * np.sin(2 * np.pi * 60 * k * t + r.uniform(0, 6))
        for k, a in ((1, 1), (2, 0.6), (3, 0.25), (4, 0.2), (6, 0.1))
    )
    return tone * drifting(n, r, 0.2, 0.85, 1.0) + 0.25 * shaped(n, r, band(80, 700, 1))


def siren(n: int, r: Random) -> Mono:
    t = times(n)
    hz = 900 + 350 * np.sin(2 * np.pi * 0.35 * t - 1)
    phase = 2 * np.pi * np.cumsum(hz) / SAMPLE_RATE
    return np.tanh(1.5 * np.sin(phase)) * 0.7 + 0.2 * np.sin(2 * phase)


def heartbeat(n: int, r: Random) -> Mono:
    gap = round(0.86 * SAMPLE_RATE)
    places = np.array(
        [p + d for p in range(2000, n, gap) for d in (0, round(0.24 * SAMPLE_RATE)) if p + d < n], np.int64
    )
    return scattered(n, places, lambda number: (1.0 if number % 2 == 0 else 0.7) * ring(52 + 8 * (number % 2), 0.06))


def laid(*parts: tuple[int, Mono]) -> Mono:
    """The sum of sounds, each from its own sample on."""
    out = np.zeros(max(place + len(sound) for place, sound in parts))
    for place, sound in parts:
        out[place : place + len(sound)] += sound
    return out


def spread(n: int, r: Random, gap_s: float) -> np.ndarray:
    """Moments about ``gap_s`` apart, the first soon: a short clip has one too."""
    places, place = [], r.uniform(0.05, 0.2) * min(n, gap_s * SAMPLE_RATE)
    while place < n:
        places.append(round(place))
        place += gap_s * SAMPLE_RATE * r.uniform(0.75, 1.35)
    return np.array(places, np.int64)


def steady(n: int, r: Random, per_second: float) -> np.ndarray:
    """As ``moments``, with one at the beginning at least."""
    return np.concatenate((np.zeros(1, np.int64), moments(n, r, per_second)))


SYNTHESISERS: dict[str, Callable[[int, Random], Mono]] = {
    f.__name__: f
    for f in (
        wind, rain, thunder, sea, river, fire, birds, insects, crowd, applause, traffic, engine, train, aircraft,
        helicopter, whoosh, footsteps, explosion, impact, bell, clock, machine, hum, siren, heartbeat,
    )
}  # fmt: skip
