# SPDX-License-Identifier: GPL-3.0-or-later
"""With many references nothing flickers where one takes over from another."""

from __future__ import annotations

import numpy as np
import pytest

from tests.support.flicker import changes
from tests.support.projecting import project
from tests.support.room import dolly, look_at, room_shot

FRAMES = 17
BAR = 1.1


def handheld(time):
    shake = 0.05 * np.sin(25 * time), 0.04 * np.sin(31 * time)
    eye = (-1.2 + 1.8 * time + shake[0], -4 + 1.2 * time, 1.5 + shake[1])
    return look_at(eye, (0.2 * time + 0.1 * np.sin(17 * time), 4, 1.1), 0.02 * np.sin(20 * time))


@pytest.mark.parametrize(
    ("path", "references"),
    [(dolly, tuple(range(0, FRAMES, 2))), (handheld, (0, 1.5, 4.5, 6, 7.5, 9.5, 12, 13.5, 16))],
    ids=["on frames", "between frames, handheld"],
)
def test_frames_change_no_more_than_a_true_renders(path, references, tmp_path):
    drawn = room_shot(FRAMES, 240, 136, path=path, references=references, plates=True, fineness=3)
    shot = drawn.open(tmp_path)
    clip = changes([frame.image for frame in project(shot)], shot)
    assert (clip / changes(drawn.truth, shot)).max() <= BAR


def test_the_measure_sees_a_switch(tmp_path):
    """A clip whose colours jump once, by two levels, is past the bar at that frame."""
    drawn = room_shot(5, 160, 96, references=(0,))
    shot = drawn.open(tmp_path)
    jumps = [np.clip(frame.astype(int) + 2 * (n > 2), 0, 255).astype(np.uint8) for n, frame in enumerate(drawn.truth)]
    ratio = changes(jumps, shot) / changes(drawn.truth, shot)
    assert ratio.argmax() == 2 and ratio[2] > BAR
    assert np.delete(ratio, 2).max() < 1.01
