# SPDX-License-Identifier: GPL-3.0-or-later
"""LTX-2: pictures at the latent frames that show their time, depth in context, sound with the picture, two stages."""

from __future__ import annotations

import numpy as np
import pytest
from attrs import evolve
from second_unit_daemon.engines.diffusion.families.ltx2 import shared_out, slot_of
from second_unit_daemon.engines.diffusion.weights import lora_folder
from second_unit_protocol.shot import Quality

from tests.support.generating import at_the_door
from tests.support.tiny_models.ltx2 import depth_lora
from tests.support.varying import differences, ignored_words, moved_camera, with_colour, with_depth, with_picture

ENGINE = "tiny-ltx2"


@pytest.fixture
def with_lora(studio):
    path = lora_folder() / "tiny-ic-lora.safetensors"
    depth_lora(path)
    yield
    path.unlink()


def test_pictures_words_seed_and_motion_strength_change_the_output_and_what_is_ignored_does_not(studio):
    shot = studio.shot(ENGINE, frames=9, references=2)
    weak = (evolve(shot.request.references[0], strength=0.5), shot.request.references[1])
    changed = differences(
        studio,
        shot,
        first_picture=with_picture(shot, 0),
        last_picture=with_picture(shot, 1),
        strength={"references": weak},
        prompt={"prompt": "a bright house"},
        negative={"negative_prompt": "bad"},
        seed={"seed": 6},
        motion_strength={"motion_strength": 0.9},
        ignored=with_depth(shot) | moved_camera(shot) | with_colour(shot),
    )
    assert changed == {
        "first_picture", "last_picture", "strength", "prompt", "negative", "seed", "motion_strength",
    }  # fmt: skip
    assert ignored_words(studio.plan(shot)) == {"camera", "depth", "colour"}


def test_with_its_lora_depth_steers_and_the_lora_sees_the_whole_clip_near_in_white(studio, with_lora):
    shot = studio.shot(ENGINE, frames=9)
    assert ignored_words(studio.plan(shot)) == {"colour"}
    with at_the_door("LTX2InContextPipeline") as calls:
        changed = differences(studio, shot, depth=with_depth(shot), quiet={"options": {"control_strength": 0.2}})
    assert changed == {"depth", "quiet"}
    (control,) = calls[2]["reference_conditions"]  # the third call is the one with the slope
    greys = np.array([np.asarray(picture)[..., 0] for picture in control.frames])
    # 1/z runs from 1/9.8 m to 1/1 m: pixel 0 of frame 0 is nearest, the last pixel of the last frame farthest.
    assert greys[0, 0, 0] == 255 and greys[8, -1, -1] == 0
    # One scale for the clip: at (0, 0) of the last frame z is 1.8 m, (1/1.8 - 1/9.8) / (1 - 1/9.8) * 255 = 128.8.
    assert greys[8, 0, 0] == 129
    assert calls[0]["reference_downscale_factor"] == 1


def test_slots_are_the_first_frame_and_then_every_eighth():
    assert [(slot_of(p, 17).index, slot_of(p, 17).frame) for p in (0, 1, 4, 6, 9, 16)] == [
        (0, 0), (1, 1), (1, 1), (2, 9), (2, 9), (2, 9),
    ]  # fmt: skip
    slots = shared_out([("a", 8.0), ("b", 9.0), ("c", 16.0)], 25)
    assert {name: slot.frame for name, slot in slots.items()} == {"b": 9, "c": 17}


def test_pictures_reach_the_pipeline_at_latent_indices_as_they_are(studio):
    shot = studio.shot(ENGINE, frames=17, references=2)  # pinned to clip frames 0 and 16
    with at_the_door("LTX2ConditionPipeline") as calls:
        take = studio.take(shot)
    first, last = calls[0]["conditions"]
    assert (first.index, first.crf, last.index, last.crf) == (0, 0, 2, 0)
    assert (first.frames[0] == shot.truth[0]).all() and (last.frames[0] == shot.truth[16]).all()
    assert calls[0]["frame_rate"] == 16.0 and calls[0]["motion_speed"] == 1.0
    assert any("frame 17 is shown 7 frames earlier" in warning for warning in take.plan.warnings)
    assert [picture.shape for picture in take.previews] == [(2, 2, 3)] * 2


def test_sound_comes_with_the_picture_as_long_as_it(studio):
    take = studio.take(studio.shot(ENGINE, frames=9, references=0))
    sound = studio.engine(ENGINE).sound()
    assert take.facts["pipeline"] == "LTX2Pipeline"
    assert sound.rate == 16_000 and sound.samples.shape[1] == 2
    assert len(sound.samples) / sound.rate == pytest.approx(9 / 16, abs=0.05)
    assert np.std(sound.samples) > 1e-3


def test_a_distilled_model_works_in_two_stages_and_its_second_sees_no_depth(studio, with_lora):
    shot = studio.shot("tiny-ltx2-distilled", frames=9, width=64, height=64, negative_prompt="bad")
    with at_the_door("LTX2InContextPipeline") as first, at_the_door("LTX2ConditionPipeline") as second:
        take = studio.take(shot)
    assert (first[0]["width"], first[0]["height"], first[0]["output_type"]) == (32, 32, "latent")
    assert second[0]["latents"].shape == (1, 8, 2, 2, 2)
    assert second[0]["sigmas"] == [0.909375, 0.725, 0.421875] and second[0]["noise_scale"] == 0.909375
    assert "reference_conditions" not in second[0] and len(second[0]["conditions"]) == 1
    assert second[0]["guidance_scale"] == 1.0 and second[0]["stg_scale"] == 0.0
    assert take.frames[0].image.shape == (64, 64, 3)
    assert [picture.shape for picture in take.previews] == [(1, 1, 3)] * 2 + [(2, 2, 3)] * 3
    assert "negative_prompt" in ignored_words(take.plan)
    assert studio.engine("tiny-ltx2-distilled").sound() is not None


def test_a_model_that_is_not_distilled_refuses_two_stages(studio):
    shot = studio.shot(ENGINE, frames=9)
    problem = studio.plan(shot, options={"two_stages": True}).problem
    assert problem is not None and "not distilled" in problem.cause
    assert studio.plan(shot, quality=Quality.DRAFT).problem is None
