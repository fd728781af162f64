# SPDX-License-Identifier: GPL-3.0-or-later
"""Motion blur is the light of moments in between: of a shot, what a camera with an open shutter would have seen."""

from __future__ import annotations

import numpy as np
from second_unit_daemon.encode.measure import psnr
from second_unit_daemon.post import catalogue
from second_unit_daemon.post.chain import Chain
from second_unit_daemon.post.stream import Stream
from second_unit_protocol.grid import Rate

from tests.post.clips import pan, stream_of
from tests.support.room import dolly, room_shot

FRAMES, MIDDLE, MOMENTS = 5, 2, 16


def light(picture):
    code = picture / 255
    return np.where(code <= 0.04045, code / 12.92, ((code + 0.055) / 1.055) ** 2.4)


def code(values):
    return 255 * np.where(values <= 0.0031308, 12.92 * values, 1.055 * values ** (1 / 2.4) - 0.055)


def path(time):
    """Half of the way, in half of its frames."""
    return dolly(time / 2)


def test_it_is_what_an_open_shutter_sees(tmp_path):
    drawn = room_shot(FRAMES, 320, 180, path=path)
    shot = drawn.open(tmp_path)
    step = "shutter:360"
    made = list(Chain([catalogue.parse(step)], shot).run(iter(drawn.truth), Stream(320, 180, Rate(24), FRAMES)))
    moments = [MIDDLE + (k + 0.5) / MOMENTS - 0.5 for k in range(MOMENTS)]
    seen = [drawn.room.paint(path(at / (FRAMES - 1)), drawn.intrinsics[MIDDLE], 320, 180, at / 24) for at in moments]
    truth = code(np.mean([light(picture) for picture in seen], axis=0))
    assert psnr(made[MIDDLE], truth.round().astype(np.uint8)) > psnr(drawn.truth[MIDDLE], truth.round()) + 4
    assert len(made) == FRAMES


def test_what_stands_still_stays_as_it_is():
    frames = [next(iter(pan(1)))] * 4
    chain = Chain([catalogue.parse("shutter:180,samples=5")])
    flowing = chain.run(iter(frames), stream_of(4))
    assert chain.facts()[0]["method"] == "flow", "known before the first frame, for the file's metadata"
    for made in flowing:
        assert np.abs(made.astype(int) - frames[0]).max() <= 1


def test_a_pan_is_blurred_along_its_way_as_far_as_the_shutter_is_open():
    bar = np.zeros((48, 160, 3), np.uint8)
    frames = [np.roll(bar, 0, 1) for _ in range(5)]
    for n, frame in enumerate(frames):
        frame[:, 40 + 8 * n : 60 + 8 * n] = np.random.default_rng(3).integers(60, 255, (48, 20, 3))
    stream = Stream(160, 48, Rate(24), 5)

    def width(angle):
        made = list(Chain([catalogue.parse(f"shutter:{angle}")]).run(iter(frames), stream))
        return (made[2] > 3).any((0, 2)).sum()

    assert 20 < width(90) < width(360) <= 32
