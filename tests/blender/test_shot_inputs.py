# SPDX-License-Identifier: GPL-3.0-or-later
"""LoRAs, characters and the source clip: set with the panels' operators, found in the request that is captured."""

from __future__ import annotations

import hashlib
import math
from pathlib import Path

import bpy
import pytest
from bl_ext.user_default.second_unit.core import rules
from bl_ext.user_default.second_unit.protocol.results import Input
from bl_ext.user_default.second_unit.protocol.shot import Character, Lora, SourceUse
from bl_ext.user_default.second_unit.scene.facts import read_facts
from bl_ext.user_default.second_unit.ui.shot import stamp
from bl_ext.user_default.second_unit.ui.shot.spec import plan_request, shot_spec

from tests.blender import captures, footage


@pytest.fixture
def shot():
    """A shot of three small frames."""
    captures.standard_scene()
    scene = bpy.context.scene
    scene.frame_start, scene.frame_end = 1, 3
    bpy.ops.second_unit.shot_add()
    made = scene.second_unit.shots[0]
    made.size, made.width, made.height = "CUSTOM", captures.WIDTH, captures.HEIGHT
    made.engine = "wan-vace-1.3b"
    return made


@pytest.fixture
def pictures(tmp_path) -> list[Path]:
    paths = []
    for name in ("front", "side"):
        image = bpy.data.images.new(name, 8, 8)
        image.generated_color = (0.2, 0.4, 0.6 if name == "side" else 0.1, 1.0)
        image.filepath_raw, image.file_format = str(tmp_path / f"{name}.png"), "PNG"
        image.save()
        paths.append(tmp_path / f"{name}.png")
    return paths


def spec_of(shot):
    return shot_spec(bpy.context.scene, bpy.context.view_layer, shot)


def problems(shot) -> list[str]:
    spec = spec_of(shot)
    return [problem.sentence() for problem in rules.check(spec, read_facts(spec, False))]


def asked(shot) -> set[Input]:
    return set(plan_request(spec_of(shot), seed_matters=False).given)


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_loras_go_with_the_shot_and_one_that_is_off_does_not(shot, tmp_path):
    for name, strength, use in (("ink", 0.8, True), ("grain", -0.5, True), ("old", 1.0, False), ("", 1.0, True)):
        bpy.ops.second_unit.lora_add(lora=name)
        lora = shot.loras[shot.active_lora]
        lora.strength, lora.use = strength, use
    assert Input.LORAS in asked(shot)
    request = captures.capture(spec_of(shot), tmp_path).request()
    assert [lora.name for lora in request.loras] == ["ink", "grain"]
    assert [lora.strength for lora in request.loras] == pytest.approx([0.8, -0.5])
    shot.loras[0].name = "../secret"
    assert any("A LoRA cannot be called '../secret'" in told for told in problems(shot))
    bpy.ops.second_unit.lora_remove()
    bpy.ops.second_unit.shot_duplicate()
    copy = bpy.context.scene.second_unit.shots[1]
    assert [(lora.name, lora.use) for lora in copy.loras] == [("../secret", True), ("grain", True), ("old", False)]
    assert isinstance(request.loras[0], Lora)


def test_a_character_keeps_its_pictures_across_shots(shot, pictures, tmp_path):
    bpy.ops.second_unit.character_add()
    anna = bpy.context.scene.second_unit.characters[0]
    anna.name = "Anna"
    assert any("The character Anna has no picture" in told for told in problems(shot))
    bpy.ops.second_unit.character_picture_add(directory=str(tmp_path), files=[{"name": p.name} for p in pictures])
    shot.cast[0].strength = 0.7
    assert problems(shot) == [] and Input.CHARACTERS in asked(shot)
    captured = captures.capture(spec_of(shot), tmp_path)
    request = captured.request()
    assert all(isinstance(one, Character) for one in request.characters)
    assert [(one.name, one.image.digest) for one in request.characters] == [("Anna", digest(p)) for p in pictures]
    assert [one.strength for one in request.characters] == pytest.approx([0.7, 0.7])
    assert {one.image for one in request.characters} <= set(request.blobs()) and captured.files[digest(pictures[0])]

    bpy.ops.second_unit.shot_add()
    second = bpy.context.scene.second_unit.shots[1]
    assert spec_of(second).characters == ()
    bpy.ops.second_unit.character_cast(uid=anna.uid)
    assert [one.name for one in spec_of(second).characters] == ["Anna"]
    bpy.ops.second_unit.character_cast(uid=anna.uid)
    assert spec_of(second).characters == () and Input.CHARACTERS not in asked(second)

    pictures[1].unlink()
    assert any(f"The picture of character Anna is missing: {pictures[1]}" in told for told in problems(shot))
    bpy.ops.second_unit.character_picture_remove(place=1)
    assert len(spec_of(shot).characters[0].pictures) == 1
    bpy.ops.second_unit.character_remove()
    assert not shot.cast and not second.cast and spec_of(shot).characters == ()


def test_a_file_is_a_source_and_stays_where_it_is(shot, tmp_path):
    clip = footage.edge_clip(tmp_path / "edge.mp4", count=6)
    source = shot.source
    assert spec_of(shot).source is None
    source.kind = "FILE"
    assert any("No source clip is chosen" in told for told in problems(shot))
    source.path, source.frame, source.strength = str(clip), 2, 0.4
    assert problems(shot) == [] and {Input.EDITED_CLIP} == asked(shot) & {Input.EDITED_CLIP, Input.EXTENDED_CLIP}
    before = stamp.stamp_of(spec_of(shot))
    captured = captures.capture(spec_of(shot), tmp_path)
    request = captured.request()
    assert (request.source.video.digest, request.source.video.size) == (digest(clip), clip.stat().st_size)
    assert (request.source.scene_frame, float(request.source.rate)) == (2.0, 24.0)
    assert request.source.use is SourceUse.EDIT and request.source.strength == pytest.approx(0.4)
    assert captured.files[digest(clip)] == clip and not (tmp_path / "spool" / digest(clip)).exists()

    source.use = "extend"
    assert Input.EXTENDED_CLIP in asked(shot) and spec_of(shot).source.strength == 1.0
    after = stamp.stamp_of(spec_of(shot))
    assert before["references"] != after["references"] and before["settings"] == after["settings"]
    aborted = captures.session_of(spec_of(shot), tmp_path / "again", captures=(Input.DEPTH,))
    progress = aborted.begin()
    while not progress.what.startswith("Reading camera"):
        progress = aborted.step()
    aborted.abort()
    assert clip.is_file()
    clip.unlink()
    assert any(f"The source clip is missing: {clip}" in told for told in problems(shot))


def test_a_strip_is_a_source_seen_when_the_strip_shows_it(shot, tmp_path):
    clip = footage.edge_clip(tmp_path / "edge.mp4", count=24)
    scene = bpy.context.scene
    strip = scene.sequence_editor_create().strips.new_movie("Edge", str(clip), 1, 11)
    shot.source.kind = "STRIP"
    assert any("No strip is chosen" in told for told in problems(shot))
    shot.source.strip = "Gone"
    assert any("The strip Gone is not in the scene Scene" in told for told in problems(shot))
    scene.sequence_editor.active_strip = strip
    assert bpy.ops.second_unit.source_strip() == {"FINISHED"}
    assert (shot.source.kind, shot.source.strip, shot.source.scene) == ("STRIP", "Edge", scene)
    source = spec_of(shot).source
    assert (Path(source.path), source.scene_frame, float(source.rate), source.problem) == (clip, 11.0, 24.0, "")
    strip.frame_final_start = 14  # trimmed: what is seen is seen at the same time as before
    assert spec_of(shot).source.scene_frame == 11.0
    strip.use_reverse_frames = True
    assert any("The strip Edge is played backwards" in told for told in problems(shot))


def test_motion_blur_is_a_setting_of_the_clip(shot):
    assert spec_of(shot).post == ()
    shot.shutter = math.pi
    (step,) = spec_of(shot).post
    assert (step.step, step.options["angle"]) == ("shutter", pytest.approx(180, abs=1e-3))
