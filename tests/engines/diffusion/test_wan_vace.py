# SPDX-License-Identifier: GPL-3.0-or-later
"""Wan VACE, with a tiny model of the real classes: what it is given, what changes its output, what does not."""

from __future__ import annotations

import numpy as np

from tests.support.generating import at_the_door


def test_the_same_request_gives_the_same_bytes_and_another_seed_others(studio):
    shot = studio.shot()
    first, second, other = studio.take(shot), studio.take(shot), studio.take(shot, seed=6)
    assert len(first.frames) == 5 and first.frames[0].image.shape == (64, 64, 3)
    assert first.made() == second.made()
    assert first.made() != other.made()


def test_unknown_is_exactly_grey_and_the_mask_is_exactly_black_or_white(studio):
    shot = studio.shot(references=2)
    with at_the_door("WanVACEPipeline") as calls:
        studio.take(shot)
    (given,) = calls
    video, mask = given["video"], given["mask"]
    assert video.shape == (1, 5, 64, 64, 3) and mask.shape == (1, 5, 64, 64, 1)
    assert set(np.unique(mask)) == {0.0, 1.0}
    assert (video[np.broadcast_to(mask, video.shape) == 1] == 0.5).all()
    # The true pictures stand at their own frames, all known.
    for frame in (0, 4):
        assert (mask[0, frame] == 0).all()
        assert (np.rint(video[0, frame] * 255) == shot.truth[frame]).all()
