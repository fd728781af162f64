# SPDX-License-Identifier: GPL-3.0-or-later
"""Wan without VACE: what each pipeline is given, and that its camera-blindness is said."""

from __future__ import annotations

import numpy as np
import pytest
from attrs import evolve
from second_unit_daemon.engines.diffusion import loading
from second_unit_protocol.errors import ErrorCode
from second_unit_protocol.grid import Rate, SceneRange
from second_unit_protocol.results import Input
from second_unit_protocol.shot import Lora, SourceClip

from tests.support.generating import add, at_the_door, flat, png, video
from tests.support.varying import moved_camera, with_colour


def test_words_alone_make_a_clip_and_the_camera_is_said_to_be_ignored(studio):
    shot = studio.shot("tiny-text", references=0, negative_prompt="blurred")
    with at_the_door("WanPipeline") as calls:
        take = studio.take(shot)
    (call,) = calls
    assert (call["prompt"], call["negative_prompt"], call["num_frames"]) == ("a wet street", "blurred", 5)
    assert (call["num_inference_steps"], call["guidance_scale"]) == (3, 3.0)
    assert len(take.frames) == 5 and take.frames[0].holes is None
    ignored = {i.input: i.reason for i in take.plan.ignores}
    assert "reads no camera" in ignored[Input.CAMERA] and Input.DEPTH in ignored
    assert take.plan.captures == ()
    made = take.made()
    assert studio.take(shot).made() == made
    for change in ({"seed": 8}, {"prompt": "the sea"}, {"negative_prompt": "ugly"}, {"style": "noir"}):
        assert studio.take(shot, **change).made() != made, change
    ignored = moved_camera(shot) | with_colour(shot) | {"depth": None, "motion_strength": 0.9}
    assert studio.take(shot, **ignored).made() == made


def test_a_clip_is_restyled_as_far_as_its_strength_says(studio):
    shot = studio.shot("tiny-text", references=0, options={"steps": 5})
    colours = [flat((20 * k, 100, 200 - 20 * k)) for k in range(5)]
    source = SourceClip(add(shot, video(colours, 16)), 1.0, Rate(16), strength=0.6)
    with at_the_door("WanVideoToVideoPipeline") as calls:
        take = studio.take(shot, source=source)
    (call,) = calls
    assert call["video"].shape == (1, 5, 64, 64, 3) and call["strength"] == 0.6 and "num_frames" not in call
    assert all(np.array_equal(np.rint(call["video"][0, k] * 255), colours[k]) for k in range(5))
    assert Input.EDITED_CLIP in take.plan.takes
    steps = [fraction for name, fraction in take.stages if name == "denoising"]
    assert steps[-1] >= 3 / 5 - 1e-6
    assert take.made() != studio.take(shot, source=evolve(source, strength=1.0)).made()
    other = evolve(source, video=add(shot, video([flat((5, 5, 5))] * 5, 16)))
    assert take.made() != studio.take(shot, source=other).made()


def test_a_clip_that_ends_too_soon_holds_its_last_picture_and_that_is_said(studio):
    shot = studio.shot("tiny-text", references=0)
    source = SourceClip(add(shot, video([flat((9, 9, 9)), flat((80, 9, 9))], 16)), 1.0, Rate(16))
    with at_the_door("WanVideoToVideoPipeline") as calls:
        take = studio.take(shot, source=source)
    assert all((np.rint(calls[0]["video"][0, k] * 255) == (80, 9, 9)).all() for k in range(1, 5))
    assert any("no picture for 3 of the 5 frames" in note for note in take.notes)


def test_two_faces_of_one_model_share_weights_that_keep_their_type(studio):
    import torch

    studio.take(studio.shot("tiny-text", references=0))
    pipeline = loading._resident.pipeline
    pipeline.transformer.to(torch.bfloat16)
    face = loading._resident.face("WanVideoToVideoPipeline")
    assert face.transformer is pipeline.transformer and face.vae is pipeline.vae
    assert pipeline.transformer.proj_out.weight.dtype is torch.bfloat16
    loading.release()


def test_first_and_last_pictures_are_those_of_the_first_and_last_frame(studio):
    shot = studio.shot("tiny-image", references=2, frames=5)
    with at_the_door("WanImageToVideoPipeline") as calls:
        take = studio.take(shot)
    (call,) = calls
    assert np.array_equal(np.asarray(call["image"]), shot.truth[0])
    assert np.array_equal(np.asarray(call["last_image"]), shot.truth[4])
    assert (call["guidance_scale"], call["guidance_scale_2"]) == (3.0, 2.0)
    made = take.made()
    one = studio.take(shot, references=shot.request.references[:1])
    assert one.made() != made
    changed = evolve(shot.request.references[1], image=add(shot, png(flat((200, 10, 10)))))
    assert studio.take(shot, references=(shot.request.references[0], changed)).made() != made


def test_the_grid_of_a_spanning_model_ends_on_the_last_frame(studio):
    shot = studio.shot("tiny-image", frames=5)
    grid = studio.plan(shot, delivery=SceneRange(1, 24, Rate(24))).grid
    assert grid.count == 17 and grid.scene_frame(0) == 1 and grid.scene_frame(16) == 24
    assert abs(float(grid.clip_rate) - 16) < 1


def test_without_a_first_picture_image_to_video_cannot_start(studio):
    shot = studio.shot("tiny-image", references=0)
    problem = studio.plan(shot).problem
    assert problem.code is ErrorCode.NO_REFERENCE and "first frame" in problem.cause


def test_the_five_billion_takes_a_picture_where_one_is_pinned_to_the_start(studio):
    shot = studio.shot("tiny-text-image", references=1)
    with at_the_door("WanImageToVideoPipeline") as calls:
        pictured = studio.take(shot)
    assert np.array_equal(np.asarray(calls[0]["image"]), shot.truth[0])
    with at_the_door("WanPipeline") as calls:
        worded = studio.take(shot, references=())
    assert len(calls) == 1 and worded.made() != pictured.made()
    late = evolve(shot.request.references[0], scene_frame=4.0)
    assert "none is pinned there" in {i.input: i.reason for i in studio.plan(shot, references=(late,)).ignores}[
        Input.REFERENCES
    ]  # fmt: skip
    assert studio.take(shot, references=(late,)).made() == worded.made()


@pytest.mark.parametrize("engine", ["wan-t2v-a14b", "wan-i2v-a14b", "wan-ti2v-5b"])
def test_what_cannot_restyle_says_what_can(studio, engine):
    shot = studio.shot(engine, references=1)
    source = SourceClip(add(shot, video([flat((9, 9, 9))], 16)), 1.0, Rate(16))
    ignored = {i.input: i.reason for i in studio.plan(shot, source=source, loras=(Lora("x"),)).ignores}
    assert "Wan 2.1 text to video" in ignored[Input.EDITED_CLIP]
    assert Input.LORAS not in ignored
