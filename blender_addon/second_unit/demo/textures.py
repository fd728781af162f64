# SPDX-License-Identifier: GPL-3.0-or-later
"""Tileable pictures drawn with numpy, so that every viewport mode and renderer shows the same surfaces.

Each painter takes a size and a random generator and returns (size, size, 3) float32 sRGB in 0 … 1, row 0 at the top.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

Painter = Callable[[int, np.random.Generator], np.ndarray]


def noise(size: int, rng: np.random.Generator, roughness: float = 1.6) -> np.ndarray:
    """(size, size) tileable fractal noise with zero mean and unit deviation; spectrum falls as 1/f**roughness."""
    spectrum = np.fft.rfft2(rng.standard_normal((size, size)))
    frequency = np.hypot(np.fft.fftfreq(size)[:, None], np.fft.rfftfreq(size)[None, :])
    frequency[0, 0] = 1.0
    spectrum *= frequency**-roughness * np.exp(-((frequency / 0.22) ** 2))
    spectrum[0, 0] = 0.0
    values = np.fft.irfft2(spectrum, s=(size, size))
    return (values / values.std()).astype(np.float32)


def _paint(base: tuple[float, float, float], tone: np.ndarray) -> np.ndarray:
    """A base colour whose brightness follows ``tone`` (size, size), 1 = unchanged."""
    return np.clip(np.asarray(base, np.float32) * tone[..., None], 0.0, 1.0)


def _courses(size: int, rows: int, columns: int, joint: float, rng: np.random.Generator) -> tuple[np.ndarray, ...]:
    """Running bond: per-pixel tone of each stone (unit deviation) and 0 … 1 mask of stone against joint.

    ``rows`` is even, so that the pattern tiles; ``joint`` is the joint's width as a share of a stone's height.
    """
    axis = (np.arange(size, dtype=np.float32) + 0.5) / size
    v = axis[:, None] * rows
    row = v.astype(int)
    u = axis[None, :] * columns + 0.5 * (row % 2)
    column = np.floor(u).astype(int) % columns
    aspect = rows / columns
    across = np.minimum(u % 1.0, 1.0 - u % 1.0) * aspect
    down = np.minimum(v % 1.0, 1.0 - v % 1.0)
    edge = np.minimum(across, down + np.zeros_like(across))
    stone = np.clip((edge - 0.5 * joint) / (0.6 * joint), 0.0, 1.0)
    tones = rng.standard_normal((rows, columns)).astype(np.float32)
    return tones[row + np.zeros_like(column), column], stone


def masonry(
    stone: tuple[float, float, float],
    joint: tuple[float, float, float],
    rows: int,
    columns: int,
    spread: float = 0.1,
    joint_width: float = 0.12,
) -> Painter:
    """Bricks, cobbles, slabs or roof tiles."""

    def paint(size: int, rng: np.random.Generator) -> np.ndarray:
        tone, mask = _courses(size, rows, columns, joint_width, rng)
        grain = noise(size, rng, 0.9)
        stones = _paint(stone, 1.0 + spread * tone + 0.05 * grain)
        joints = _paint(joint, 1.0 + 0.04 * grain)
        return joints + (stones - joints) * mask[..., None]

    return paint


def plaster(base: tuple[float, float, float], stain: float = 0.06) -> Painter:
    """Painted render with weather on it."""

    def paint(size: int, rng: np.random.Generator) -> np.ndarray:
        return _paint(base, 1.0 + stain * noise(size, rng, 1.7) + 0.02 * noise(size, rng, 0.8))

    return paint


def stripes(first: tuple[float, float, float], second: tuple[float, float, float], count: int) -> Painter:
    """Upright stripes, for awnings and shutters."""

    def paint(size: int, rng: np.random.Generator) -> np.ndarray:
        wave = np.sin(2 * np.pi * count * (np.arange(size) + 0.5) / size)
        mix = np.clip(0.5 + 3.0 * wave, 0.0, 1.0).astype(np.float32)[None, :, None]
        cloth = (1.0 + 0.03 * noise(size, rng, 1.2))[..., None]
        return np.clip((np.asarray(first) * (1 - mix) + np.asarray(second) * mix) * cloth, 0, 1).astype(np.float32)

    return paint


def slats(base: tuple[float, float, float], count: int) -> Painter:
    """Level slats with a dark gap, for louvred shutters and planking."""

    def paint(size: int, rng: np.random.Generator) -> np.ndarray:
        place = (np.arange(size) + 0.5) / size * count % 1.0
        tone = np.where(place < 0.12, 0.45, 0.85 + 0.25 * place).astype(np.float32)[:, None]
        return _paint(base, tone + 0.05 * noise(size, rng, 1.0))

    return paint


def glass(top: tuple[float, float, float], bottom: tuple[float, float, float]) -> Painter:
    """A pane with a painted sky in it: reflections that do not depend on where one stands."""

    def paint(size: int, rng: np.random.Generator) -> np.ndarray:
        ramp = np.linspace(0, 1, size, dtype=np.float32)[:, None, None]
        axis = np.arange(size) / size
        streak = np.sin(2 * np.pi * (axis[:, None] + axis[None, :])) > 0.55
        pane = np.asarray(top) * (1 - ramp) + np.asarray(bottom) * ramp
        return np.clip(pane + 0.07 * streak[..., None] + 0.03 * noise(size, rng)[..., None], 0, 1).astype(np.float32)

    return paint


def foliage(size: int, rng: np.random.Generator) -> np.ndarray:
    """Leaf greens that turn yellow here and there."""
    sun = np.clip(0.5 + 0.4 * noise(size, rng, 1.0), 0, 1)[..., None]
    return (np.array([0.17, 0.33, 0.12]) * (1 - sun) + np.array([0.55, 0.62, 0.20]) * sun).astype(np.float32)


def checker(first: tuple[float, float, float], second: tuple[float, float, float], count: int) -> Painter:
    """Squares, for tiled floors and test cards; ``count`` is even."""

    def paint(size: int, rng: np.random.Generator) -> np.ndarray:
        cell = np.arange(size) * count // size
        odd = ((cell[:, None] + cell[None, :]) % 2)[..., None]
        tone = (1.0 + 0.05 * noise(size, rng, 1.2))[..., None]
        return np.clip((np.asarray(first) * (1 - odd) + np.asarray(second) * odd) * tone, 0, 1).astype(np.float32)

    return paint


def panorama(zenith: tuple[float, float, float], horizon: tuple[float, float, float], cover: float = 0.55) -> Painter:
    """A sky over all directions, longitude by latitude, with drawn-out clouds; square, so stretched twice as wide."""

    def paint(size: int, rng: np.random.Generator) -> np.ndarray:
        height = np.clip(np.linspace(1, -1, size, dtype=np.float32), 0, 1)[:, None, None] ** 0.7
        puffs = noise(size, rng, 1.8)[np.arange(size) * 3 % size]  # three times flatter than wide
        cloud = (cover * np.clip(0.5 + 0.45 * puffs, 0, 1))[..., None] * np.clip(1.2 - height, 0, 1)
        blue = np.asarray(horizon) * (1 - height) + np.asarray(zenith) * height
        return (blue * (1 - cloud) + np.array([1.0, 0.97, 0.93]) * cloud).astype(np.float32)

    return paint
