# SPDX-License-Identifier: GPL-3.0-or-later
"""Noise that moves with the picture and stays white: each frame's is independent Gaussian noise of unit variance.

Every pixel carries a particle of noise with a place inside the pixel and an area. From frame to frame particles move by
the exact flow. Particles that meet in a pixel are summed as white noise integrated over areas is: Σ √aᵢ nᵢ / √Σ aᵢ. A
pixel that none reaches shares the particle of the surface that it shows: k pixels that share n become
n/√k + zⱼ - mean(z) with fresh z, which is the distribution of k independent ones given their sum. What comes into view
gets fresh noise. So each frame's noise is white, whatever the motion.

Purpose and file as in Burgert et al., *Go-with-the-Flow* (2025); noise as an integral over areas as in Chang et al.,
*How I Warped Your Noise* (2024).
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
from attrs import define, field
from numpy.lib.format import open_memmap
from numpy.typing import NDArray

from ..flow import flow, seen_at
from ..shot_data import ShotData
from .base import Export, Options, refused
from .pictures import cropped

CHANNELS = 16
STRIDE = 8  # pixels of a latent's side
AREAS = (1 / 64, 64.0)  # a particle's area stays within, so that neither stops to matter

Grid = NDArray[np.int64]


@define(eq=False)
class Particles:
    """Of H·W pixels, one each: ``noise`` (P, C), ``area`` (P,) in pixels, ``place`` (P, 2) inside the pixel, 0 … 1."""

    noise: NDArray[np.float32] = field(repr=False)
    area: NDArray[np.float32] = field(repr=False)
    place: NDArray[np.float32] = field(repr=False)


def fresh(pixels: int, channels: int, random: np.random.Generator) -> Particles:
    """White noise, a particle in the middle of each pixel."""
    noise = random.standard_normal((pixels, channels), np.float32)
    return Particles(noise, np.ones(pixels, np.float32), np.full((pixels, 2), 0.5, np.float32))


def step(
    old: Particles,
    size: tuple[int, int],
    onward: NDArray[np.float32],
    lasts: NDArray[np.bool_],
    back: NDArray[np.float32],
    shown: NDArray[np.bool_],
    random: np.random.Generator,
) -> Particles:
    """The noise of the next frame.

    ``onward`` (H, W, 2) is the flow of the old frame, ``lasts`` (H, W) where its surface is seen in the new one;
    ``back`` and ``shown`` the same from the new frame to the old. ``size`` is width, height.
    """
    width, height = size
    new = fresh(width * height, old.noise.shape[1], random)
    own = np.stack(np.meshgrid(np.arange(width), np.arange(height)), -1).reshape(-1, 2)
    moved = own + old.place + onward.reshape(-1, 2)
    target = np.floor(moved).astype(np.int64)
    goes = lasts.ravel() & _inside(target, size)
    pixel = np.where(goes, target[:, 1] * width + target[:, 0], -1)
    filled = _gather(new, old, moved - target, np.flatnonzero(goes), pixel[goes])
    _share(new, filled, _origins(own + 0.5 + back.reshape(-1, 2), shown.ravel(), pixel, size), random)
    np.clip(new.area, *AREAS, out=new.area)
    return new


def _gather(new: Particles, old: Particles, place: NDArray, source: Grid, pixel: Grid) -> NDArray[np.bool_]:
    """Puts moved particles into their pixels, summed where several meet; returns (P,) which pixels have any."""
    pixels = len(new.area)
    area = np.bincount(pixel, old.area[source], pixels)
    filled = area > 0
    root = np.sqrt(old.area[source])
    scale = 1 / np.sqrt(area[filled])
    for channel in range(new.noise.shape[1]):
        total = np.bincount(pixel, root * old.noise[source, channel], pixels)
        new.noise[filled, channel] = total[filled] * scale
    for axis in (0, 1):
        total = np.bincount(pixel, old.area[source] * place[source, axis], pixels)
        new.place[filled, axis] = np.clip(total[filled] / area[filled], 0, 1 - 1e-6)
    new.area[filled] = area[filled]
    return filled


def _origins(before: NDArray, shown: NDArray[np.bool_], pixel: Grid, size: tuple[int, int]) -> Grid:
    """(P,) the new pixel that holds the particle of the surface that each new pixel shows, -1 where there is none."""
    width = size[0]
    at = np.floor(before).astype(np.int64)
    known = shown & _inside(at, size)
    return np.where(known, pixel[np.where(known, at[:, 1] * width + at[:, 0], 0)], -1)


def _share(new: Particles, filled: NDArray[np.bool_], origin: Grid, random: np.random.Generator) -> None:
    """Empty pixels share the particle of their origin with it."""
    empty = np.flatnonzero(~filled & (origin >= 0))
    if not len(empty):
        return
    pixels, channels = new.noise.shape
    many = np.bincount(origin[empty], minlength=pixels)
    owners = np.flatnonzero(many)
    members = np.concatenate([owners, empty])
    group = np.concatenate([owners, origin[empty]])
    count = (many + 1.0)[group].astype(np.float32)
    z = random.standard_normal((len(members), channels), np.float32)
    held = new.noise.copy()
    for channel in range(channels):
        mean = np.bincount(group, z[:, channel], pixels)[group] / count
        new.noise[members, channel] = held[group, channel] / np.sqrt(count) + z[:, channel] - mean
    new.area[members] = new.area[group] / count


def _inside(at: Grid, size: tuple[int, int]) -> NDArray[np.bool_]:
    return (at >= 0).all(-1) & (at < np.array(size)).all(-1)


def warped_noise(shot: ShotData, channels: int, seed: int) -> Iterator[NDArray[np.float32]]:
    """(H, W, C) noise of each clip frame at the delivered size; the same seed gives the same noise."""
    random = np.random.default_rng(seed)
    size = (shot.request.width, shot.request.height)
    noise = fresh(size[0] * size[1], channels, random)
    for frame in range(len(shot)):
        if frame:
            onward, back = flow(shot, frame - 1, frame), flow(shot, frame, frame - 1)
            lasts, shown = seen_at(shot, onward, frame), seen_at(shot, back, frame - 1)
            moves, returns = cropped(shot, onward.vectors), cropped(shot, back.vectors)
            noise = step(noise, size, moves, cropped(shot, lasts), returns, cropped(shot, shown), random)
        yield noise.noise.reshape(size[1], size[0], channels)


def latent(noise: NDArray[np.float32]) -> NDArray[np.float32]:
    """(H/8, W/8, C): sums of 8 × 8 over 8, which keeps unit variance."""
    height, width, channels = noise.shape
    blocks = noise.reshape(height // STRIDE, STRIDE, width // STRIDE, STRIDE, channels)
    return blocks.sum((1, 3)) / STRIDE


def _write(shot: ShotData, path: Path, options: Options) -> None:
    width, height = shot.request.width, shot.request.height
    if width % STRIDE or height % STRIDE:
        cause = f"Noise is made for latents of an eighth of the size, and {width} × {height} does not divide by 8"
        raise refused(shot, cause, "Give the shot a size that divides by 8")
    shape = (len(shot), height // STRIDE, width // STRIDE, CHANNELS)
    target = open_memmap(path, "w+", np.float16, shape)
    for frame, noise in enumerate(warped_noise(shot, CHANNELS, options.seed)):
        target[frame] = latent(noise)
    target.flush()


EXPORTS = (
    Export(
        "warped_noise",
        "Gaussian noise carried by the flow, (F, H/8, W/8, 16) float16",
        ".npy",
        "Go-with-the-Flow (noises.npy)",
        _write,
    ),
)
