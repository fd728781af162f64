# SPDX-License-Identifier: GPL-3.0-or-later
"""Wan VACE, with a tiny model of the real classes: what it is given, what changes its output, what does not."""

from __future__ import annotations

import numpy as np
import pytest
from attrs import evolve
from PIL import Image
from second_unit_daemon.conditioning.shot_data import pack_array
from second_unit_protocol.errors import ErrorCode
from second_unit_protocol.grid import Rate
from second_unit_protocol.planes import pack_plane
from second_unit_protocol.results import Input
from second_unit_protocol.shot import (
    Character,
    PlaneKind,
    PlaneSequence,
    Quality,
    SourceClip,
    SourceUse,
)

from tests.support.generating import Studio, Take, add, at_the_door, flat, png, video
from tests.support.shots import SyntheticShot


def region(shot: SyntheticShot, masks: list[np.ndarray]) -> PlaneSequence:
    blobs = tuple(add(shot, pack_plane(mask.tobytes(), "|u1", mask.shape)) for mask in masks)
    height, width = masks[0].shape
    return PlaneSequence(PlaneKind.REGION, width, height, blobs)


def given(studio: Studio, shot: SyntheticShot, **changes) -> tuple[np.ndarray, np.ndarray, dict, Take]:
    """(video (F, h, w, 3), mask (F, h, w), the call's other arguments, the take)."""
    with at_the_door("WanVACEPipeline") as calls:
        take = studio.take(shot, **changes)
    (call,) = calls
    return call.pop("video")[0], call.pop("mask")[0, ..., 0], call, take


# --- what the pipeline is given ----------------------------------------------------------------------------------


def test_unknown_is_exactly_grey_and_the_mask_is_exactly_black_or_white(studio):
    shot = studio.shot(references=2, colour=False)
    pixels, mask, call, take = given(studio, shot)
    assert pixels.shape == (5, 64, 64, 3) and pixels.dtype == mask.dtype == np.float32
    assert set(np.unique(mask)) == {0.0, 1.0}
    assert (pixels[mask == 1] == 0.5).all()  # 127.5 of 255: the pipeline's 2 x - 1 makes it exactly 0
    for frame in (0, 4):  # true pictures at their own frames, all known
        assert (mask[frame] == 0).all()
        assert np.array_equal(np.rint(pixels[frame] * 255), shot.truth[frame])
    known = mask[2] == 0
    error = np.abs(pixels[2] * 255 - shot.truth[2])[known]
    assert known.mean() > 0.9 and np.median(error) < 4, "the middle is carried along the camera"
    assert call["num_frames"] == 5 and call["num_inference_steps"] == 3 and call["guidance_scale"] == 3.0
    assert call["prompt"] == "a wet street" and call["max_sequence_length"] == 512
    assert "What steers the picture: plates" in take.plan.warnings[0]


def test_the_vae_sees_known_pixels_and_holes_apart(studio):
    """At the pipeline's inner door: -1 … 1, unknown 0, and inactive / reactive split by the mask."""
    from diffusers import WanVACEPipeline

    seen = {}
    real = WanVACEPipeline.prepare_video_latents

    def listen(self, pixels, mask, *rest, **more):
        seen.update(pixels=pixels.numpy().copy(), mask=mask.numpy().copy())
        return real(self, pixels, mask, *rest, **more)

    WanVACEPipeline.prepare_video_latents = listen
    try:
        shot = studio.shot(references=1)
        studio.take(shot)
    finally:
        WanVACEPipeline.prepare_video_latents = real
    pixels, mask = seen["pixels"], seen["mask"]
    assert pixels.shape == (1, 3, 5, 64, 64) and mask.shape == (1, 1, 5, 64, 64)
    assert set(np.unique(mask)) == {0.0, 1.0}
    assert (pixels * mask == 0).all(), "nothing of what is unknown reaches the model"
    first = pixels[0, :, 0].transpose(1, 2, 0)
    assert np.abs(first - (shot.truth[0] / 127.5 - 1)).max() < 1e-6


def test_depth_as_control_is_each_frames_inverse_depth_with_white_for_near(studio):
    shot = studio.shot(references=0, moving_box=True)
    pixels, mask, _, take = given(studio, shot)
    assert (mask == 1).all()
    # The wall stands at y = 0, the box at y = -1.5, the camera at y = -4 + 0.6 t: two depths a frame.
    assert set(np.unique(pixels)) == {0.0, 1.0}
    box = pixels[0, :, :, 0] == 1
    assert 0.02 < box.mean() < 0.5
    assert "What steers the picture: depth" in take.plan.warnings[0]
    assert Input.MOTION in {ignored.input for ignored in take.plan.ignores}


def test_with_depth_as_control_true_pictures_stand_at_their_frames(studio):
    shot = studio.shot(references=2)
    pixels, mask, _, _ = given(studio, shot, options={"control": "depth"})
    assert [bool((mask[frame] == 0).all()) for frame in range(5)] == [True, False, False, False, True]
    assert np.array_equal(np.rint(pixels[4] * 255), shot.truth[4])


def test_a_reference_between_two_frames_is_shown_at_the_nearer_one_and_that_is_said(studio):
    shot = studio.shot(references=1)
    between = evolve(shot.request.references[0], scene_frame=2.4)
    _, mask, _, take = given(studio, shot, references=(between,), options={"control": "depth"})
    assert [bool((mask[frame] == 0).all()) for frame in range(5)] == [False, True, False, False, False]
    assert any("pinned between two clip frames" in note for note in take.notes)


def test_a_clip_is_changed_inside_its_region_alone(studio):
    shot = studio.shot(references=0)
    green = [flat((10, 200, 30))] * 5
    inside = np.zeros((64, 64), np.uint8)
    inside[16:48, 16:48] = 255
    source = SourceClip(add(shot, video(green, 16)), 1.0, Rate(16))
    pixels, mask, _, take = given(studio, shot, source=source, region=region(shot, [inside] * 5))
    assert (mask[:, 16:48, 16:48] == 1).all() and mask.sum() == 5 * 32 * 32
    assert (pixels[mask == 1] == 0.5).all()
    assert (np.rint(pixels[mask == 0] * 255) == (10, 200, 30)).all()
    images = take.images()
    far = np.ones((64, 64), bool)
    far[12:52, 12:52] = False
    assert (images[:, far] == (10, 200, 30)).all(), "known pixels come back as they were"
    assert (images[:, 28:36, 28:36] != (10, 200, 30)).any()


def test_a_picture_pinned_to_a_changed_clip_shows_inside_the_region_alone(studio):
    shot = studio.shot(references=1)  # at clip frame 0
    green, inside = flat((10, 200, 30)), np.zeros((64, 64), np.uint8)
    inside[16:48, 16:48] = 255
    source = SourceClip(add(shot, video([green] * 5, 16)), 1.0, Rate(16))
    pixels, mask, _, take = given(studio, shot, source=source, region=region(shot, [inside] * 5))
    assert (mask[0] == 0).all() and (mask[1:, 16:48, 16:48] == 1).all()
    middle = (slice(20, 44), slice(20, 44))
    assert np.array_equal(np.rint(pixels[0][middle] * 255), shot.truth[0][middle])
    assert np.array_equal(take.images()[0][middle], shot.truth[0][middle])
    outside = inside == 0
    assert (np.rint(pixels[:, outside] * 255) == (10, 200, 30)).all()
    assert (take.images()[:, outside] == (10, 200, 30)).all(), "the clip itself, up to the region's very edge"


def test_a_picture_pinned_to_a_frame_of_a_clip_that_is_continued_leaves_that_frame_as_it_is(studio):
    shot = studio.shot(references=1, frames=9)  # at clip frame 0
    source = SourceClip(add(shot, video([flat((10, 200, 30))] * 3, 16)), 1.0, Rate(16), SourceUse.EXTEND)
    pixels, _, _, take = given(studio, shot, source=source, options={"control": "none"})
    assert (np.rint(pixels[:3] * 255) == (10, 200, 30)).all() and (take.images()[0] == (10, 200, 30)).all()


def test_a_clip_is_continued_from_the_frames_that_it_has(studio):
    shot = studio.shot(references=0, frames=9)
    colours = [flat((20 * k, 100, 200 - 20 * k)) for k in range(6)]
    # At twice the shot's rate: its frame 2 k shows clip frame k.
    source = SourceClip(add(shot, video(colours, 32)), 1.0, Rate(32), SourceUse.EXTEND)
    pixels, mask, _, take = given(studio, shot, source=source)
    assert [bool((mask[frame] == 0).all()) for frame in range(9)] == [True] * 3 + [False] * 6
    for frame in range(3):
        assert np.array_equal(np.rint(pixels[frame] * 255), colours[2 * frame])
    for frame in range(2):
        assert np.array_equal(take.images()[frame], colours[2 * frame])
    goes_over = (colours[4].astype(float) + take.frames[2].measured) / 2
    assert np.abs(take.images()[2] - goes_over).max() <= 0.5, "the last one goes over into what is made"


def test_characters_are_reference_images(studio):
    shot = studio.shot(references=0)
    who = Character("Ann", add(shot, png(flat((250, 20, 20), 40))))
    _, _, call, _ = given(studio, shot, characters=(who,))
    (picture,) = call["reference_images"]
    assert isinstance(picture, Image.Image) and picture.size == (40, 40)
    assert picture.getpixel((5, 5)) == (250, 20, 20)


def test_a_size_that_the_model_does_not_make_is_captured_larger_and_cut_back(studio):
    shot = studio.shot(width=72, height=66, capture=(80, 80))
    pixels, _, call, take = given(studio, shot)
    assert (take.plan.capture_width, take.plan.capture_height) == (80, 80)
    assert (call["width"], call["height"]) == (80, 80) and pixels.shape[1:3] == (80, 80)
    assert take.frames[0].image.shape == (66, 72, 3)
    assert np.array_equal(take.frames[0].image, shot.truth[0][7:73, 4:76])


# --- what changes the output, and what does not ------------------------------------------------------------------


@pytest.fixture(scope="module")
def plain(studio):
    """The shot as it stands, and its own output."""
    shot = studio.shot(references=1, moving_box=True, negative_prompt="blurred")
    return shot, studio.take(shot).made()


def test_the_same_request_gives_the_same_bytes(studio, plain):
    shot, made = plain
    assert studio.take(shot).made() == made


@pytest.mark.parametrize(
    "changes",
    [
        {"seed": 6},
        {"prompt": "a house by the sea"},
        {"negative_prompt": "ugly"},
        {"style": "noir"},
        {"options": {"steps": 2}},
        {"options": {"guidance": 1.5}},
        {"options": {"control": "depth"}},
        {"options": {"control_strength": 0.3}},
    ],
    ids=str,
)
def test_what_is_taken_changes_the_output(studio, plain, changes):
    shot, made = plain
    assert studio.take(shot, **changes).made() != made


def test_camera_depth_motion_references_and_characters_change_the_output(studio, plain):
    shot, made = plain
    request = shot.request
    moved = studio.data(shot).c2w.copy()
    moved[1:, 0, 3] += 0.3
    assert studio.take(shot, camera=evolve(request.camera, c2w=pack_array(moved))).made() != made
    depths = [np.full((64, 64), 2.0 + 0.5 * k, np.float32) for k in range(5)]
    blobs = tuple(add(shot, pack_plane(d.tobytes(), "<f4", d.shape)) for d in depths)
    assert studio.take(shot, depth=evolve(request.depth, frames=blobs)).made() != made
    still = studio.data(shot).matrices.copy()
    still[:] = still[0]
    assert studio.take(shot, motion=evolve(request.motion, matrices=pack_array(still))).made() != made
    other = evolve(request.references[0], image=add(shot, png(flat((9, 9, 90)))))
    assert studio.take(shot, references=(other,)).made() != made
    who = Character("Ann", add(shot, png(flat((250, 20, 20), 40))))
    assert studio.take(shot, characters=(who,)).made() != made


def test_what_is_ignored_is_said_and_changes_nothing(studio, plain):
    shot, made = plain
    changed = {"motion_strength": 0.9, "colour": None}
    take = studio.take(shot, **changed)
    assert take.made() == made
    told = studio.plan(shot, motion_strength=0.9)
    assert {i.input for i in told.ignores} == {Input.MOTION_STRENGTH, Input.COLOUR}
    assert all(i.reason for i in told.ignores)
    assert {*told.takes, *(i.input for i in told.ignores)} >= {Input.CAMERA, Input.SEED, Input.COLOUR}


def test_without_guidance_negative_prompts_are_ignored_and_that_is_said(studio, plain):
    shot, _ = plain
    options = {"guidance": 1.0}
    (told,) = [i for i in studio.plan(shot, options=options).ignores if i.input is Input.NEGATIVE_PROMPT]
    assert "set the option guidance above 1" in told.reason
    one = studio.take(shot, options=options, negative_prompt="ugly")
    assert one.made() == studio.take(shot, options=options, negative_prompt="blurred").made()


def test_quality_sets_the_steps(studio):
    shot = studio.shot()
    efforts = {quality: studio.engine("tiny-vace").spec.efforts[quality].steps for quality in Quality}
    assert efforts == {Quality.DRAFT: 3, Quality.STANDARD: 3, Quality.FINAL: 3}
    real = [studio.engine("wan-vace-1.3b").spec.efforts[quality].steps for quality in Quality]
    assert real == sorted(real) and len(set(real)) == 3
    assert studio.take(shot, quality=Quality.FINAL).facts["steps"] == 3


# --- what cannot be, said before ---------------------------------------------------------------------------------


def test_a_control_without_its_facts_is_a_problem(studio):
    shot = studio.shot(references=0)
    problem = studio.plan(shot, options={"control": "plates"}).problem
    assert problem.code is ErrorCode.BAD_REQUEST and "no references" in problem.cause


def test_a_whole_clip_without_a_region_is_ignored_with_a_way_out(studio):
    shot = studio.shot(references=0)
    source = SourceClip(add(shot, video([flat((1, 2, 3))] * 5, 16)), 1.0, Rate(16))
    ignored = {i.input: i.reason for i in studio.plan(shot, source=source).ignores}
    assert "Give the shot a region" in ignored[Input.EDITED_CLIP]
    assert studio.take(shot, source=source).made() == studio.take(shot).made()


def test_without_anything_that_carries_the_camera_the_plan_says_so(studio):
    shot = studio.shot(references=0)
    ignored = {i.input: i.reason for i in studio.plan(shot, depth=None).ignores}
    assert "Nothing carries the camera" in ignored[Input.CAMERA]


def test_an_option_that_does_not_exist_or_fit_is_named(studio):
    shot = studio.shot(references=0)
    warnings = " ".join(studio.plan(shot, options={"colour": "blue", "steps": "many", "control": "magic"}).warnings)
    assert "has no option colour" in warnings and "'many' is not int" in warnings
    assert "'magic' is none of auto, plates, depth, none" in warnings


# --- two experts -------------------------------------------------------------------------------------------------


def test_two_experts_share_the_steps_and_each_has_its_guidance(studio):
    import torch
    from diffusers import WanVACETransformer3DModel

    shot = studio.shot("tiny-a14b")
    used = []
    real = WanVACETransformer3DModel.forward

    def listen(self, *args, **more):
        used.append((id(self), float(more["timestep"].flatten()[0])))
        return real(self, *args, **more)

    WanVACETransformer3DModel.forward = listen
    try:
        _, _, call, take = given(studio, shot)
    finally:
        WanVACETransformer3DModel.forward = real
    assert torch.is_tensor(call["generator"].get_state())
    assert (call["guidance_scale"], call["guidance_scale_2"]) == (3.0, 2.0)
    experts = list(dict.fromkeys(who for who, _ in used))
    assert len(experts) == 2
    assert all(time >= 875 for who, time in used if who == experts[0])
    assert all(time < 875 for who, time in used if who == experts[1])
    assert take.made() == studio.take(shot).made()


# --- long shots --------------------------------------------------------------------------------------------------


def test_a_long_shot_is_made_in_windows_that_continue_each_other(studio):
    shot = studio.shot("tiny-short", frames=13, references=0)
    with at_the_door("WanVACEPipeline") as calls:
        take = studio.take(shot)
    assert len(take.frames) == 13 and len(calls) == 2
    assert any("made in 2 parts of 9" in warning for warning in take.plan.warnings)
    second = calls[1]
    known = [bool((frame == 0).all()) for frame in second["mask"][0]]
    assert known == [True] * 5 + [False] * 4
    # Its first five frames are the last five of the first part, as they were made; the last two go over into it.
    made = np.array([frame.measured for frame in take.frames])
    was = np.rint(second["video"][0, :5] * 255)
    assert np.array_equal(was[:3], made[4:7])
    assert not np.array_equal(was[3], made[7]) and not np.array_equal(was[4], made[8])
    assert take.figures["drift_left"] < 0.5, "levels; what is left of the drift that the overlap shows"
