# SPDX-License-Identifier: GPL-3.0-or-later
"""Small errors of a clip's camera are warped away by the shot's own depth."""

from __future__ import annotations

import numpy as np
import pytest
from second_unit_daemon.adherence.meter import AdherenceMeter
from second_unit_daemon.encode.measure import psnr
from second_unit_daemon.post import catalogue
from second_unit_daemon.post.chain import Chain
from second_unit_daemon.post.stream import Stream
from second_unit_protocol.errors import SecondUnitError
from second_unit_protocol.grid import Rate

from tests.post.clips import pan, stream_of
from tests.support.room import Room, room_shot

COUNT, WIDTH, HEIGHT = 9, 320, 180


def shaken(shot, number: int) -> np.ndarray:
    """A camera that is a few millimetres and a fraction of a degree off the asked-for one."""
    random = np.random.default_rng(number)
    turn, aside = random.normal(0, 0.006, 3), random.normal(0, 0.02, 3)
    skew = np.array([[0, -turn[2], turn[1]], [turn[2], 0, -turn[0]], [-turn[1], turn[0], 0]])
    u, _, v = np.linalg.svd(np.eye(3) + skew)
    pose = shot.c2w[number].copy()
    pose[:3, :3] = pose[:3, :3] @ (u @ v)
    pose[:3, 3] += aside
    return pose


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """(the shot, true frames, those of a camera that shakes)."""
    drawn = room_shot(COUNT, WIDTH, HEIGHT)
    shot = drawn.open(tmp_path_factory.mktemp("room"))
    room, rate = Room(), float(shot.request.grid.clip_rate)
    frames = [
        drawn.truth[0] if i == 0 else room.paint(shaken(shot, i), shot.intrinsics[i], WIDTH, HEIGHT, i / rate)
        for i in range(COUNT)
    ]
    return shot, drawn.truth, frames


def stream() -> Stream:
    return Stream(WIDTH, HEIGHT, Rate(24), COUNT)


def off(shot, frames) -> float:
    meter = AdherenceMeter(shot)
    for i, frame in enumerate(frames):
        meter.add(i, frame)
    return meter.finish().rot_err_rad


def test_a_shaking_clip_is_laid_on_the_asked_for_camera(made):
    shot, truth, frames = made
    chain = Chain([catalogue.parse("stabilise")], shot)
    assert chain.shape(stream()) == stream()
    steady = list(chain.run(iter(frames), stream()))
    inner = np.s_[12:-12, 12:-12]
    before, after = (
        np.mean([psnr(f[inner], t[inner]) for f, t in zip(c, truth, strict=True)][1:]) for c in (frames, steady)
    )
    assert after > before + 5
    assert off(shot, steady) < off(shot, frames) / 4
    facts = chain.facts()[0]
    assert facts["moved"] == COUNT - 1 and 1 < facts["largest_px"] < 10


def test_a_clip_that_kept_to_its_camera_is_left_as_it_is(made):
    shot, truth, _ = made
    chain = Chain([catalogue.parse("stabilise")], shot)
    for same, frame in zip(chain.run(iter(truth), stream()), truth, strict=True):
        assert psnr(same, frame) > 40


def test_a_frame_that_is_far_off_is_left_alone(made):
    shot, _truth, frames = made
    chain = Chain([catalogue.parse("stabilise:0.1")], shot)
    for same, frame in zip(chain.run(iter(frames), stream()), frames, strict=True):
        np.testing.assert_array_equal(same, frame)
    assert chain.facts()[0]["left_alone"] >= COUNT - 2


def test_without_its_shot_it_is_refused():
    with pytest.raises(SecondUnitError, match="depth"):
        Chain([catalogue.parse("stabilise")]).shape(stream_of(3))
    assert len(list(pan(1))) == 1
