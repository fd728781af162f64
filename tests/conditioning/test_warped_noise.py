# SPDX-License-Identifier: GPL-3.0-or-later
"""Warped noise is white Gaussian noise of unit variance in every frame, and it moves with the picture."""

from __future__ import annotations

import numpy as np
import pytest
from attrs import evolve
from second_unit_daemon.conditioning.exports import Options, export_shot
from second_unit_daemon.conditioning.exports.noise import fresh, latent, step, warped_noise
from second_unit_daemon.conditioning.exports.tracks import tracks_of
from second_unit_protocol.errors import SecondUnitError

from tests.support.projecting import altered

SIZE = (96, 64)
CHANNELS = 16


def whiteness(noise):
    """Largest deviation, in standard errors, of mean, variance, fourth moment and of correlations with neighbours."""
    count = noise.size
    found = [
        noise.mean() * count**0.5,
        (noise.var() - 1) * (count / 2) ** 0.5,
        ((noise**4).mean() - 3) * (count / 96) ** 0.5,
    ]
    for dy, dx in ((0, 1), (1, 0), (1, 1), (0, 2), (2, 0), (1, -1)):
        a = noise[: noise.shape[0] - dy, max(-dx, 0) : noise.shape[1] - max(dx, 0)]
        b = noise[dy:, max(dx, 0) : noise.shape[1] - max(-dx, 0)]
        found.append((a * b).mean() * a.size**0.5)
    found.append((noise[..., 0] * noise[..., 1]).mean() * noise[..., 0].size ** 0.5)
    return max(abs(value) for value in found)


def field(zoom=1.0, shift=(0.0, 0.0)):
    """Flow (H, W, 2) about the centre, and its inverse."""
    y, x = np.mgrid[: SIZE[1], : SIZE[0]]
    place = np.stack([x + 0.5 - SIZE[0] / 2, y + 0.5 - SIZE[1] / 2], -1)
    onward = place * (zoom - 1) + shift
    back = (place - shift) / zoom - place
    return onward.astype(np.float32), back.astype(np.float32)


@pytest.mark.parametrize("zoom", [0.6, 0.9, 0.97, 1.0, 1.03, 1.3, 3.0])
def test_noise_stays_white_however_often_it_is_warped(zoom):
    random = np.random.default_rng(5)
    noise = fresh(SIZE[0] * SIZE[1], CHANNELS, random)
    everywhere = np.ones(SIZE[::-1], bool)
    onward, back = field(zoom, (0.37, -0.21))
    for _ in range(8):
        noise = step(noise, SIZE, onward, everywhere, back, everywhere, random)
        assert whiteness(noise.noise.reshape(SIZE[1], SIZE[0], CHANNELS)) < 4.5
    assert whiteness(latent(noise.noise.reshape(SIZE[1], SIZE[0], CHANNELS))) < 4.5


def test_slow_motion_is_not_lost():
    """0.3 pixels a frame for ten frames carries the very same noise three pixels on."""
    random = np.random.default_rng(1)
    first = fresh(SIZE[0] * SIZE[1], 4, random)
    noise, everywhere = first, np.ones(SIZE[::-1], bool)
    onward, back = field(1.0, (0.3, 0.0))
    for _ in range(10):
        noise = step(noise, SIZE, onward, everywhere, back, everywhere, random)
    before, after = (n.noise.reshape(SIZE[1], SIZE[0], 4) for n in (first, noise))
    np.testing.assert_array_equal(after[:, 8:], before[:, 5:-3])  # beside the border noise came in anew


def test_what_is_squeezed_is_summed_and_what_is_spread_is_shared():
    """Two pixels into one: (n₁ + n₂) / √2. One into four: their sum over √4 is what it was."""
    random = np.random.default_rng(2)
    old = fresh(SIZE[0] * SIZE[1], 4, random)
    everywhere = np.ones(SIZE[::-1], bool)
    grid = old.noise.reshape(SIZE[1], SIZE[0], 4)
    onward, back = field(0.5)
    new = step(old, SIZE, onward, everywhere, back, everywhere, random).noise.reshape(SIZE[1], SIZE[0], 4)
    four = grid[20:22, 30:32].sum((0, 1)) / 2
    np.testing.assert_allclose(
        new[26, 39], four, atol=1e-5
    )  # (30…32 - 48) / 2 + 48 = 39…40, (20…22 - 32) / 2 + 32 = 26
    onward, back = field(2.0)
    new = step(old, SIZE, onward, everywhere, back, everywhere, random).noise.reshape(SIZE[1], SIZE[0], 4)
    np.testing.assert_allclose(new[20:22, 30:32].sum((0, 1)) / 2, grid[26, 39], atol=1e-5)


def test_noise_of_a_shot_follows_its_surfaces(room):
    _, shot = room
    frames = list(warped_noise(shot, CHANNELS, seed=3))
    for frame in frames:
        assert whiteness(frame) < 4.5
    tracks = tracks_of(shot, 2)
    seen = tracks.visible[1]
    old, new = (np.floor(tracks.places[f][seen]).astype(int) for f in (0, 1))
    same = np.corrcoef(frames[0][old[:, 1], old[:, 0]].ravel(), frames[1][new[:, 1], new[:, 0]].ravel())[0, 1]
    still = np.corrcoef(frames[0].ravel(), frames[1].ravel())[0, 1]
    assert same > 0.6 and abs(still) < 0.15


def test_the_file_is_that_of_its_readers(room, tmp_path):
    _, shot = room
    export_shot(shot, "warped_noise", tmp_path / "a.npy", Options(seed=3))
    export_shot(shot, "warped_noise", tmp_path / "b.npy", Options(seed=3))
    export_shot(shot, "warped_noise", tmp_path / "c.npy", Options(seed=4))
    a, b, c = (np.load(tmp_path / f"{name}.npy") for name in "abc")
    assert a.shape == (5, 12, 20, 16) and a.dtype == np.float16
    np.testing.assert_array_equal(a, b)
    assert np.abs(a - c).mean() > 0.5
    assert abs(float(a.astype(float).std()) - 1) < 0.03
    odd = altered(shot, lambda request: evolve(request, width=150))
    with pytest.raises(SecondUnitError, match="divide by 8"):
        export_shot(odd, "warped_noise", tmp_path / "d.npy")
