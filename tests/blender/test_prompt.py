# SPDX-License-Identifier: GPL-3.0-or-later
"""Prompts, styles, sizes and durations as a script or a button sets them, and what the shot becomes of it."""

from __future__ import annotations

import importlib

import bpy
import numpy as np
import pytest

from tests.blender.inside import PACKAGE


def part(name: str):
    return importlib.import_module(f"{PACKAGE}.{name}")


@pytest.fixture
def shot():
    bpy.ops.second_unit.shot_add()
    return bpy.context.scene.second_unit.shots[0]


def spec(shot):
    return part("ui.shot.spec").shot_spec(bpy.context.scene, bpy.context.view_layer, shot)


def test_words_in_the_prompt_set_the_shot(shot):
    shot.size, shot.negative_prompt = "1280x720", "text"
    shot.prompt = "a quiet street --no blurry, cartoon --ar 9:16 --seed 7 --motion 0.25"
    made = spec(shot)
    assert (made.prompt, made.negative_prompt) == ("a quiet street", "text, blurry, cartoon")
    assert (made.width, made.height) == (720, 1280)
    assert (made.seed, made.motion_strength) == (7, 0.25)
    assert part("ui.shot.spec").has_own_seed(shot)


def test_a_text_block_is_the_prompt_while_it_is_linked(shot):
    shot.prompt = "short"
    bpy.ops.second_unit.prompt_edit()
    text = shot.prompt_text
    assert text.as_string() == "short"
    text.from_string("A long one,\nover two lines --seed 3")
    assert (spec(shot).prompt, spec(shot).seed) == ("A long one, over two lines", 3)
    bpy.ops.second_unit.prompt_use(prompt="another")
    assert spec(shot).prompt == "another" and text.name in bpy.data.texts


def test_a_style_is_chosen_by_name(shot):
    name, words = part("core.styles").PRESETS[0]
    bpy.ops.second_unit.style_use(words=words)
    assert spec(shot).style == words and name


def test_a_duration_in_seconds_sets_the_last_frame_and_follows_the_rate(shot):
    scene = bpy.context.scene
    scene.render.fps, scene.frame_start, scene.frame_end = 24, 5, 52
    assert shot.seconds == pytest.approx(2.0)
    shot.seconds = 3.0
    assert (shot.use_scene_range, shot.frame_start, shot.frame_end) == (False, 5, 76)
    scene.render.fps = 36
    assert shot.seconds == pytest.approx(2.0)


def test_a_copy_keeps_its_own_duration_and_text(shot):
    shot.use_scene_range, shot.frame_start, shot.frame_end = False, 3, 40
    shot.prompt_text = bpy.data.texts.new("Words")
    shot.prompt_text.write("a pond")
    bpy.ops.second_unit.shot_duplicate()
    copy = bpy.context.scene.second_unit.shots[1]
    assert (copy.use_scene_range, copy.frame_start, copy.frame_end) == (False, 3, 40)
    assert copy.prompt_text.as_string() == "a pond"
    copy.prompt_text.from_string("a pond, at night")
    shots = bpy.context.scene.second_unit.shots
    assert [part("ui.shot.spec").written(each).text for each in shots] == ["a pond", "a pond, at night"]


def test_a_style_picture_goes_with_the_shot_and_is_missed_when_it_is_gone(shot, tmp_path):
    from tests.blender.captures import capture  # it imports the installed extension

    picture = tmp_path / "look.png"
    picture.write_bytes(part("core.pictures").write_png(np.full((8, 8, 3), 90, np.uint8)))
    camera = bpy.data.objects.new("Eye", bpy.data.cameras.new("Eye"))
    bpy.context.scene.collection.objects.link(camera)
    shot.camera = camera
    shot.use_scene_range, shot.frame_start, shot.frame_end = False, 1, 2
    shot.size, shot.width, shot.height = "CUSTOM", 96, 64
    shot.style_picture, shot.style_strength, shot.capture_colour = str(picture), 0.6, False
    made = spec(shot)
    asked = part("ui.shot.spec").plan_request(made, seed_matters=False)
    assert {"style_picture", "style_strength"} <= {kind.value for kind in asked.given}
    captured = capture(made, tmp_path)
    request = captured.request()
    assert captured.files[request.style_picture.digest].read_bytes() == picture.read_bytes()
    assert request.style_strength == pytest.approx(0.6) and request.style_picture in request.blobs()
    picture.unlink()
    assert "look.png" in next(e.cause for e in part("ui.shot.checks").check(made) if "style" in e.cause)
