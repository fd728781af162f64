# SPDX-License-Identifier: GPL-3.0-or-later
"""Strips that are joined: dissolved over hidden frames in the sequencer itself, or made one file by the program."""

from __future__ import annotations

from types import SimpleNamespace

import bpy
import pytest
from bl_ext.user_default.second_unit.sequencer import compat, memory
from bl_ext.user_default.second_unit.ui.edits import joins

from tests.blender import daemons, footage

DONE = {"FINISHED"}


@pytest.fixture
def strip(edge) -> bpy.types.Strip:
    """A clip whose frame i has an edge at 10 + 4 i, on frames 11 … 34 of a 24 fps scene."""
    editor = footage.frame_scene().sequence_editor_create()
    made = editor.strips.new_movie(name="edge", filepath=str(edge), channel=2, frame_start=11, fit_method="ORIGINAL")
    editor.active_strip = made
    return made


def test_of_strips_that_are_joined_those_inside_a_closed_meta_strip_are_none(strip):
    editor = bpy.context.scene.sequence_editor
    second = editor.strips.new_movie("second", strip.filepath, 2, 60)
    hidden = editor.strips.new_movie("hidden", strip.filepath, 2, 90)
    hidden.move_to_meta(editor.strips.new_meta("M", channel=5, frame_start=1))
    strip.select = second.select = hidden.select = True
    for context in (bpy.context, SimpleNamespace(scene=bpy.context.scene)):
        assert [each.strip for each in joins.two_strips(context)] == ["edge", "second"]


def test_inside_an_open_meta_strip_two_strips_dissolve_there(strip):
    scene, editor = bpy.context.scene, bpy.context.scene.sequence_editor
    second = editor.strips.new_movie("second", strip.filepath, 3, 25)
    meta = editor.strips.new_meta("M", channel=5, frame_start=1)
    for each in (strip, second):
        each.move_to_meta(meta)
        each.select = True
    outside = editor.strips.new_movie("outside", strip.filepath, 9, 25)
    with footage.in_sequencer(scene, outside):
        editor.display_stack(meta)
        assert bpy.ops.second_unit.edit_dissolve(frames=8) == {"FINISHED"}
    (effect,) = [each for each in editor.strips_all if each.type == "GAMMA_CROSS"]
    assert effect in meta.strips[:] and (effect.input_1, effect.input_2) == (strip, second)
    assert effect.channel == 4, "above both"


def test_strips_dissolve_over_hidden_frames_of_both(strip, tmp_path):
    scene = bpy.context.scene
    compat.set_handles(strip, 11, 29)
    editor = scene.sequence_editor
    second = editor.strips.new_movie(
        name="second", filepath=strip.filepath, channel=2, frame_start=25, fit_method="ORIGINAL"
    )
    compat.set_handles(second, 29, 49)
    for each in editor.strips:
        each.select = True
    assert bpy.ops.second_unit.edit_dissolve(frames=8) == {"FINISHED"}
    assert (compat.left(strip), compat.right(strip)) == (11, 35) and compat.left(second) == 27
    (effect,) = [s for s in editor.strips if s.type == "GAMMA_CROSS"]
    assert (compat.left(effect), compat.right(effect)) == (27, 35)
    with pytest.raises(RuntimeError, match="share 10 frames at most"):
        bpy.ops.second_unit.edit_dissolve(frames=20)


def test_strips_that_follow_each_other_become_one_above_them(home, strip, tmp_path, monkeypatch):
    (tmp_path / "bin").mkdir()
    daemons.program(tmp_path / "bin" / "second-unit")
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:/usr/bin:/bin")
    memory.ensure_open()
    scene, editor = bpy.context.scene, bpy.context.scene.sequence_editor
    compat.set_handles(strip, 13, 30)
    strips = [strip]
    for channel, start, first, end in ((3, 25, 27, 45), (2, 40, 45, 55)):
        more = {"filepath": strip.filepath, "channel": channel, "frame_start": start, "fit_method": "ORIGINAL"}
        strips.append(editor.strips.new_movie(name=f"from {start}", **more))
        compat.set_handles(strips[-1], first, end)

    def select(*those: bpy.types.Strip) -> None:
        for each in editor.strips:
            each.select = each in those

    select(*strips)
    with pytest.raises(RuntimeError, match=r"different numbers of frames \(0, 3\)"):
        bpy.ops.second_unit.edit_stitch()
    select(strips[0], strips[2])
    with pytest.raises(RuntimeError, match="There is a gap between edge and from 40"):
        bpy.ops.second_unit.edit_stitch()
    select(strips[0])
    with pytest.raises(RuntimeError, match=r"One strip alone|two or more"):
        bpy.ops.second_unit.edit_stitch()

    select(*strips[:2])
    assert bpy.ops.second_unit.edit_stitch() == DONE
    (made,) = [each for each in footage.movies() if each not in strips]
    assert (compat.left(made), compat.right(made)) == (13, 45) and made.channel > 3 and not made.select
    for frame, start in ((13, 11), (26, 11), (30, 25), (44, 25)):
        assert footage.edge_of(footage.shown(scene, frame, tmp_path)) == pytest.approx(frame - start, abs=0.3), frame
    select(*strips[1:])
    scene.second_unit_finish.file = "PRORES"
    assert bpy.ops.second_unit.edit_stitch() == DONE, "they touch: a hard cut"
    assert made.second_unit.made_by == "stitch 2"
