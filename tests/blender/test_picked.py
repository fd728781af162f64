# SPDX-License-Identifier: GPL-3.0-or-later
"""What a chosen strip shows of its file, held against what the sequencer renders; and what is put above it."""

from __future__ import annotations

import bpy
import pytest
from bl_ext.user_default.second_unit.protocol.errors import SecondUnitError
from bl_ext.user_default.second_unit.sequencer import above, compat, frames, picked

from tests.blender import footage

COUNT = 24


def strip_of(edge, first: int = 11):
    scene = footage.frame_scene()
    editor = scene.sequence_editor_create()
    strip = editor.strips.new_movie("edge", str(edge), 2, first, fit_method="FIT")
    editor.active_strip = strip
    return scene, strip


def trimmed(strip):
    compat.set_handles(strip, 15, 30)


def offset(strip):
    strip.animation_offset_start = 3
    compat.set_handles(strip, 14, 28)


def reversed_(strip):
    strip.use_reverse_frames = True
    compat.set_handles(strip, 15, 30)


def doubled(strip):
    compat.set_handles(strip, 13, 21)
    effect = compat.new_speed_effect(bpy.context.scene.sequence_editor.strips, "rate", 3, 13, 8, strip)
    effect.speed_control, effect.speed_factor, effect.use_frame_interpolate = "MULTIPLY", 2.0, False


@pytest.mark.parametrize("change", [None, trimmed, offset, reversed_, doubled])
def test_the_frames_are_those_that_the_sequencer_shows(edge, tmp_path, change):
    scene, strip = strip_of(edge)
    if change:
        change(strip)
    found = picked.picked(bpy.context)
    scene.frame_set(found.start + 2)
    frames.write_frame(strip, scene, tmp_path / "frame.png")  # as a reference is made of a strip
    seen = footage.edge_of(footage.shown(scene, found.start + 2, tmp_path))
    assert footage.edge_of(footage.read(tmp_path / "frame.png")) == pytest.approx(seen, abs=0.1)
    ends = [footage.edge_of(footage.shown(scene, frame, tmp_path)) for frame in (found.start, found.end - 1)]
    if found.backwards:
        ends.reverse()
    assert ends[0] == pytest.approx(found.first, abs=0.3)
    speed = found.rate.fraction / 24
    assert ends[1] == pytest.approx(found.first + found.count - speed, abs=0.3)
    assert (found.start, found.end) == (compat.left(strip), compat.right(strip))
    assert found.file == edge and found.size == (footage.WIDTH, footage.HEIGHT)
    assert found.media_frames == COUNT and found.whole == (change is None)


def test_a_scene_of_another_rate_plays_the_same_frames(edge):
    scene, _strip = strip_of(edge)
    scene.render.fps = 30
    found = picked.picked(bpy.context)
    assert (float(found.rate), found.count) == (30.0, COUNT)


def refusal() -> str:
    with pytest.raises(SecondUnitError) as error:
        picked.picked(bpy.context)
    return str(error.value)


def test_what_cannot_be_told_is_refused_with_its_reason(edge, tmp_path):
    scene, strip = strip_of(edge)
    editor = scene.sequence_editor
    compat.new_speed_effect(editor.strips, "ramp", 3, 11, 24, strip).speed_control = "STRETCH"
    assert "edge is played at a changing speed by ramp" in refusal()
    editor.strips.remove(editor.strips["ramp"])
    strip.filepath = str(tmp_path / "gone.mp4")
    assert "gone.mp4" in refusal()
    editor.active_strip = editor.strips.new_effect(name="words", type="TEXT", channel=5, frame_start=1, **_length())
    assert "words is not a movie strip" in refusal()
    editor.active_strip = None
    assert "No strip is chosen" in refusal()


def _length() -> dict[str, int]:
    parameters = bpy.types.StripsTopLevel.bl_rna.functions["new_effect"].parameters
    return {"length": 9} if "length" in parameters else {"frame_end": 10}


def test_a_keyed_speed_is_refused(edge):
    _scene, strip = strip_of(edge)
    doubled(strip)
    effect = bpy.context.scene.sequence_editor.strips["rate"]
    effect.keyframe_insert("speed_factor", frame=13)
    assert "changing speed" in refusal()


def test_what_was_made_lies_right_above_and_in_the_same_place(edge, tmp_path):
    scene, strip = strip_of(edge)
    trimmed(strip)
    strip.crop.max_x, strip.transform.offset_x, strip.blend_alpha = 20, 12, 0.75
    strip.second_unit.job_id = "abc"
    found = picked.picked(bpy.context)
    title = scene.sequence_editor.strips.new_effect(name="title", type="TEXT", channel=9, frame_start=1, **_length())
    large = footage.edge_clip(tmp_path / "large.mp4", 15, width=footage.WIDTH * 2, height=footage.HEIGHT * 2)
    made = above.land(found, large, "edge finished", made_by="upscale")
    assert made.channel == 3 < title.channel
    assert (compat.left(made), compat.right(made)) == (15, 30)
    assert (made.second_unit.made_of, made.second_unit.made_by, made.second_unit.job_id) == ("abc", "upscale", "")
    assert (made.crop.max_x, made.transform.offset_x, made.blend_alpha) == (40, 12, 0.75)
    scene.sequence_editor.strips.remove(title)
    made.blend_alpha = strip.blend_alpha = 1.0
    strip.mute = True
    after = footage.shown(scene, 20, tmp_path)[60].mean(axis=1) > 128
    strip.mute, made.mute = False, True
    below = footage.shown(scene, 20, tmp_path)[60].mean(axis=1) > 128
    assert after.argmax() == pytest.approx(below.argmax(), abs=1)
    # Frame 9 of the small clip has its edge at 46; frame 5 of the large one at 30 of its pixels, which are half as big.
    assert (below.sum(), after.sum()) == (pytest.approx(46, abs=1), pytest.approx(15, abs=1))


def test_another_speed_lands_with_its_own_effect(edge, tmp_path):
    scene, strip = strip_of(edge)
    found = picked.picked(bpy.context)
    fine = footage.edge_clip(tmp_path / "fine.mp4", COUNT, rate=48)
    made = above.land(found, fine, "edge fast", first=found.start, speed=found.rate.fraction * 2 / 24)
    assert (compat.left(made), compat.right(made)) == (11, 23)
    strip.mute = True
    assert footage.edge_of(footage.shown(scene, 16, tmp_path)) == pytest.approx(10, abs=0.3)


def test_a_strip_that_is_gone_is_said(edge):
    scene, strip = strip_of(edge)
    found = picked.picked(bpy.context)
    scene.sequence_editor.strips.remove(strip)
    with pytest.raises(SecondUnitError, match="no longer there"):
        above.land(found, edge, "late")
