# SPDX-License-Identifier: GPL-3.0-or-later
"""Clean-up steps, each judged by how near it brings a damaged clip to the one that was damaged."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from second_unit_daemon.encode.measure import psnr
from second_unit_daemon.post import catalogue
from second_unit_daemon.post.chain import Chain
from second_unit_protocol.errors import SecondUnitError

from tests.post.clips import grace_hopper, pan, stream_of, write


def run(step: str, frames):
    frames = list(frames)
    height, width = frames[0].shape[:2]
    stream = stream_of(len(frames), width, height, alpha=frames[0].shape[2] == 4)
    return list(Chain([catalogue.parse(step)]).run(iter(frames), stream))


def jump(frames):
    """Mean change of brightness from frame to frame, in levels."""
    means = [f[..., :3].mean() for f in frames]
    return float(np.abs(np.diff(means)).mean())


def test_deflicker_takes_jumps_of_light_out_and_leaves_a_fade():
    clean = list(pan(20))
    gains = 1 + 0.12 * np.array([(-1) ** i for i in range(20)])
    shaky = [np.clip(f * g, 0, 255).astype(np.uint8) for f, g in zip(clean, gains, strict=True)]
    made = run("deflicker:9", shaky)
    assert jump(made[5:-5]) < 0.15 * jump(shaky[5:-5])
    for part in (slice(0, 6), slice(-6, None)):
        assert jump(made[part]) < 0.25 * jump(shaky[part]), "its first and its last frames are even, too"
    fade = [np.clip(f * (1 - 0.03 * i), 0, 255).astype(np.uint8) for i, f in enumerate(clean)]
    for made, wanted in zip(run("deflicker:9", fade), fade, strict=True):
        assert abs(made.mean() - wanted.mean()) < 1.5


def test_deflicker_is_not_fooled_by_something_bright_that_walks_in():
    frames = [f.copy() for f in pan(16, step=0.0)]
    for i in range(6, 16):
        frames[i][10:50, 96 - 6 * (i - 5) : 96 - 6 * (i - 5) + 40] = 250
    for made, wanted in zip(run("deflicker:9", frames), frames, strict=True):
        assert np.abs(made[:, :20].astype(int) - wanted[:, :20]).mean() < 2.0


def test_denoise_brings_a_noisy_pan_nearer_to_the_clean_one():
    random = np.random.default_rng(0)
    clean = list(pan(12, 128, 96))
    noisy = [np.clip(f + random.normal(0, 9, f.shape), 0, 255).astype(np.uint8) for f in clean]
    made = run("denoise:1", noisy)
    gain = [psnr(m, c) - psnr(n, c) for m, n, c in zip(made, noisy, clean, strict=True)][4:]
    assert np.mean(gain) > 2.0 and min(gain) > 1.0


def test_denoise_leaves_a_clean_clip_alone():
    clean = list(pan(8, 128, 96))
    assert min(psnr(m, c) for m, c in zip(run("denoise:1", clean), clean, strict=True)) > 38


def test_sharpen_restores_detail_without_halos():
    sharp = np.ascontiguousarray(grace_hopper()[100:260, 150:310])
    soft = cv2.GaussianBlur(sharp, (0, 0), 0.8)
    (made,) = run("sharpen:0.6", [soft])
    assert psnr(made, sharp) > psnr(soft, sharp) + 0.5
    edge = np.zeros((40, 60, 3), np.uint8)
    edge[:, 30:] = 200
    edge = cv2.GaussianBlur(edge, (0, 0), 1.5)
    (made,) = run("sharpen:2", [edge])
    assert made.max() <= 203 and made[:, :28].min() == 0


def test_grain_is_the_same_for_the_same_seed_and_gone_in_black():
    grey = [np.full((48, 64, 3), 128, np.uint8)] * 3
    first, again, other = run("grain:0.5", grey), run("grain:0.5", grey), run("grain:0.5,seed=2", grey)
    np.testing.assert_array_equal(first, again)
    assert (first[0] != other[0]).any() and (first[0] != first[1]).any()
    assert np.std(first[0].astype(float)) == pytest.approx(11, abs=1.5)
    assert abs(np.mean(first[0].astype(float)) - 128) < 1
    assert run("grain:1", [np.zeros((32, 32, 3), np.uint8)])[0].max() == 0


def test_match_gives_a_clip_the_colours_of_another(tmp_path):
    clean = list(pan(8))
    tint = np.diag([0.8, 1.0, 0.7])
    tinted = [np.clip(f @ tint.T + 12, 0, 255).astype(np.uint8) for f in clean]
    neighbour = write(tmp_path / "neighbour.mp4", clean)
    made = run(f"match:{neighbour}", tinted)
    gains = [psnr(m, c) - psnr(t, c) for m, t, c in zip(made, tinted, clean, strict=True)]
    assert min(gains) > 5
    half = run(f"match:{neighbour},strength=0.5", tinted)
    assert psnr(tinted[3], clean[3]) < psnr(half[3], clean[3]) < psnr(made[3], clean[3])


def test_a_picture_that_is_not_there_is_said():
    with pytest.raises(SecondUnitError, match="not there"):
        run("match:/nowhere/a.png", pan(1))
    with pytest.raises(SecondUnitError, match="nothing to match"):
        run("match", pan(1))


@pytest.mark.parametrize("step", ["deflicker", "denoise", "sharpen", "grain", "interpolate:48"])
def test_alpha_stays(step):
    frames = [np.dstack((f, f[..., 0])) for f in pan(4)]
    made = run(step, frames)
    assert all(m.shape == (64, 96, 4) for m in made)
    if step != "interpolate:48":
        np.testing.assert_array_equal(made[2][..., 3], frames[2][..., 3])
