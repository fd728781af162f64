# SPDX-License-Identifier: GPL-3.0-or-later
"""SANA-WM: the shot's own camera at the pipeline's door, one picture, and nothing else."""

from __future__ import annotations

import numpy as np
import pytest
from second_unit_protocol.errors import ErrorCode

from tests.support.generating import at_the_door
from tests.support.varying import (
    differences,
    ignored_words,
    moved_camera,
    other_lens,
    with_colour,
    with_depth,
    with_picture,
)

ENGINE = "tiny-sana"


def test_camera_lens_picture_words_and_seed_each_change_the_output_and_the_rest_does_not(studio):
    shot = studio.shot(ENGINE, frames=9)
    changed = differences(
        studio,
        shot,
        camera=moved_camera(shot),
        lens=other_lens(shot),
        picture=with_picture(shot),
        prompt={"prompt": "a bright house"},
        negative={"negative_prompt": "bad"},
        seed={"seed": 6},
        ignored=with_depth(shot) | with_colour(shot) | {"motion_strength": 0.9},
    )
    assert changed == {"camera", "lens", "picture", "prompt", "negative", "seed"}


def test_the_door_gets_relative_poses_and_a_lens_in_pixels_of_the_picture(studio):
    shot = studio.shot(ENGINE, frames=9)
    with at_the_door("SanaWMPipeline") as calls:
        studio.take(shot, options={"scene_scale": 2.0})
    (given,) = calls
    # In 8 steps the wall's camera goes 1 m to its right, 0.1 m up (y points down) and 0.6 m forward; doubled here.
    expected = np.tile(np.eye(4, dtype=np.float32), (9, 1, 1))
    expected[:, :3, 3] = np.linspace(0, 1, 9)[:, None] * [2.0, -0.2, 1.2]
    assert given["c2w"].dtype == np.float32
    np.testing.assert_allclose(given["c2w"], expected, atol=1e-6)
    np.testing.assert_array_equal(given["intrinsics"], np.tile(np.float32([64, 64, 32, 32]), (9, 1)))
    assert given["image"].size == (64, 64) and (np.asarray(given["image"]) == shot.truth[0]).all()
    assert (given["num_frames"], given["fps"], given["width"], given["height"]) == (9, 16, 64, 64)


def test_a_shot_without_a_picture_of_its_first_frame_is_refused_before_it_starts(studio):
    plan = studio.plan(studio.shot(ENGINE, frames=9, references=0))
    assert plan.problem is not None and plan.problem.code is ErrorCode.NO_REFERENCE
    assert "first frame, 1" in plan.problem.cause


def test_what_it_ignores_is_said(studio):
    shot = studio.shot(ENGINE, frames=9, references=2, moving_box=True, motion_strength=0.9)
    assert ignored_words(studio.plan(shot)) == {"depth", "colour", "motion", "motion_strength"}
    assert any("the other 1 " in warning for warning in studio.plan(shot).warnings)


@pytest.mark.parametrize(("width", "height", "capture"), [(1920, 1080, (1964, 1080)), (1024, 1024, (1862, 1024))])
def test_the_real_model_makes_one_size_and_the_shot_is_its_centre(studio, width, height, capture):
    plan = studio.plan(studio.shot("sana-wm", frames=9), width=width, height=height)
    assert (plan.capture_width, plan.capture_height) == capture
