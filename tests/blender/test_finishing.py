# SPDX-License-Identifier: GPL-3.0-or-later
"""Finishing, sound and delivery of any movie strip, by the daemon's own program, back on the timeline."""

from __future__ import annotations

import json
from pathlib import Path

import bpy
import pytest
from bl_ext.user_default.second_unit.core import rules
from bl_ext.user_default.second_unit.link import current
from bl_ext.user_default.second_unit.sequencer import compat, memory, sound
from bl_ext.user_default.second_unit.ui import here
from bl_ext.user_default.second_unit.ui.finish import running
from bl_ext.user_default.second_unit.ui.shot.spec import plan_request, shot_spec

from tests.blender import daemons, footage


@pytest.fixture
def strip(edge, tmp_path, monkeypatch):
    """The chosen strip, frames 4 … 15 of a clip, on scene frames 15 … 26."""
    program = daemons.program(tmp_path / "second-unit")
    monkeypatch.setattr(here.preferences, "daemon_program", lambda: str(program))
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "film.blend"))
    memory.ensure_open()
    scene = footage.frame_scene()
    editor = scene.sequence_editor_create()
    made = editor.strips.new_movie("edge", str(edge), 1, 11, fit_method="FIT")
    compat.set_handles(made, 15, 27)
    editor.active_strip = made
    yield made
    running.programs.forget()


def settings():
    return bpy.context.scene.second_unit_finish


def found(name: str):
    return bpy.context.scene.sequence_editor.strips[name]


def test_a_strip_is_finished_onto_the_channel_above(strip, tmp_path):
    scene = bpy.context.scene
    compat.set_handles(strip, 18, 22)  # enlarging takes its time
    settings().sharpen, settings().grain, settings().upscale = 0.2, 0.05, "2"
    assert bpy.ops.second_unit.strip_finish() == {"FINISHED"}
    made = found("edge finished")
    assert (made.channel, compat.left(made), compat.right(made)) == (2, 18, 22)
    assert Path(bpy.path.abspath(made.filepath)).parent == tmp_path / "second_unit" / "finished"
    assert (made.elements[0].orig_width, made.elements[0].orig_height) == (footage.WIDTH * 2, footage.HEIGHT * 2)
    assert made.second_unit.made_by == "upscale:2, sharpen:0.2, grain:0.05"
    assert footage.edge_of(footage.shown(scene, 20, tmp_path)) == pytest.approx(9, abs=0.3)
    run = running.programs.runs[-1]
    assert run.over and run.share == 1 and run.seconds_left in (None, 0) and "channel 2" in run.words
    bpy.ops.second_unit.finish_forget()
    assert not running.programs.runs


def test_all_selected_strips_are_finished_and_the_selection_stays(strip, edge):
    scene = bpy.context.scene
    other = scene.sequence_editor.strips.new_movie("edge.001", str(edge), 1, 40)
    aside = scene.sequence_editor.strips.new_movie("aside", str(edge), 1, 80)
    settings().sharpen = 0.2
    with footage.in_sequencer(scene, strip, other):
        assert bpy.ops.second_unit.strip_finish() == {"FINISHED"}
    made = [found("edge finished"), found("edge.001 finished")]
    assert [(compat.left(one), one.select) for one in made] == [(15, False), (40, False)]
    assert made[0].filepath != made[1].filepath
    assert [s.name for s in scene.sequence_editor.strips if s.select] == ["edge", "edge.001"]
    scene.sequence_editor.active_strip = aside  # chosen by a script, or clicked away from: it alone
    with footage.in_sequencer(scene, strip, other):
        scene.sequence_editor.active_strip = aside
        assert bpy.ops.second_unit.strip_finish() == {"FINISHED"}
    assert {s.name for s in footage.movies()} == {
        "edge",
        "edge.001",
        "aside",
        *(s.name for s in made),
        "aside finished",
    }


def test_slow_motion_has_twice_the_frames_at_the_same_pace(strip, tmp_path):
    settings().between = "SLOW2"
    bpy.ops.second_unit.strip_finish()
    made = found("edge finished")
    assert (compat.left(made), compat.right(made)) == (15, 39)
    strip.mute = True
    edges = [footage.edge_of(footage.shown(bpy.context.scene, frame, tmp_path)) for frame in (15, 20, 25)]
    assert edges == [pytest.approx(4 + (frame - 15) / 2, abs=0.4) for frame in (15, 20, 25)]


def test_a_clip_of_half_the_rate_gets_frames_of_its_own(strip, tmp_path):
    effect = compat.new_speed_effect(bpy.context.scene.sequence_editor.strips, "half", 2, 15, 12, strip)
    effect.speed_control, effect.speed_factor, effect.use_frame_interpolate = "MULTIPLY", 0.5, False
    settings().between = "FILL"
    bpy.ops.second_unit.strip_finish()
    made = found("edge finished")
    assert (compat.left(made), compat.right(made)) == (15, 27) and made.channel == 3
    assert footage.edge_of(footage.shown(bpy.context.scene, 18, tmp_path)) == pytest.approx(5.5, abs=0.4)


def test_colours_of_the_strip_before_are_taken_over(strip, tmp_path):
    strips = bpy.context.scene.sequence_editor.strips
    pale = footage.make("colours", tmp_path / "pale.mp4", colours=[[200, 180, 160]] * 8, patch=16)
    strips.new_movie("pale", str(pale), 1, 5)
    settings().match = "BEFORE"
    bpy.ops.second_unit.strip_finish()
    assert (
        "match:" in found("edge finished").second_unit.made_by
        and "pale.mp4" in found("edge finished").second_unit.made_by
    )
    settings().match = "AFTER"
    with pytest.raises(RuntimeError, match="No movie strip lies after edge"):
        bpy.ops.second_unit.strip_finish()


def test_sound_is_as_long_as_the_strip_and_stays_with_it(strip):
    scene = bpy.context.scene
    settings().sound_prompt = "rain"
    bpy.ops.second_unit.strip_sound()
    heard = sound.of_clip(scene, strip)
    assert heard.type == "SOUND" and (compat.left(heard), compat.right(heard)) == (15, 27)
    assert compat.content_length(heard) == 12
    heard.volume = 0.5
    compat.set_content_start(strip, 51)
    assert sound.tick() == 1 and compat.left(heard) == compat.left(strip) == 55
    settings().sound_prompt = "wind"
    bpy.ops.second_unit.strip_sound()
    again = sound.of_clip(scene, strip)
    assert again.volume == 0.5 and "sound_2" in again.sound.filepath
    assert [s.type for s in scene.sequence_editor.strips_all].count("SOUND") == 1


def test_a_strip_is_delivered_with_its_sound(strip, tmp_path):
    settings().sound_prompt = "rain"
    bpy.ops.second_unit.strip_sound()
    settings().preset, settings().focus, settings().level = "square", "MIDDLE", True
    out = tmp_path / "square.mp4"
    assert bpy.ops.second_unit.strip_deliver(filepath=str(out)) == {"FINISHED"}
    told = json.loads((tmp_path / "square.mp4.json").read_text("utf-8"))
    assert (told["frames"], told["width"], told["height"], told["sound"]) == (12, 1080, 1080, True)
    assert told["loudness_lufs"] == pytest.approx(-14, abs=0.1)
    assert (tmp_path / "square.mp4.poster.jpg").is_file() and (tmp_path / "square.mp4.sheet.jpg").is_file()
    compat.set_handles(strip, 15, 19)
    sound.of_clip(bpy.context.scene, strip).mute = True
    bpy.ops.second_unit.strip_deliver(filepath=str(out))
    assert json.loads((tmp_path / "square.mp4.json").read_text("utf-8"))["loudness_lufs"] is None, (
        "what is muted is silent"
    )


def test_what_cannot_be_done_is_said(strip, tmp_path, monkeypatch):
    with pytest.raises(RuntimeError, match="No step is set"):
        bpy.ops.second_unit.strip_finish()
    settings().stabilise = True
    with pytest.raises(RuntimeError, match="needs the shot's depth"):
        bpy.ops.second_unit.strip_finish()
    assert running.programs.runs[-1].over is False
    settings().sound_prompt = "zzz"
    with pytest.raises(RuntimeError, match="No sound is known"):
        bpy.ops.second_unit.strip_sound()
    monkeypatch.setattr(here.preferences, "daemon_program", lambda: str(tmp_path / "gone"))
    with pytest.raises(RuntimeError, match="not installed"):
        bpy.ops.second_unit.strip_finish()
    bpy.context.scene.sequence_editor.active_strip = None
    assert not bpy.ops.second_unit.strip_finish.poll()


def test_a_strip_that_goes_meanwhile_leaves_its_file(strip):
    settings().sharpen = 0.2
    gone = daemons.program(Path(here.preferences.daemon_program()))
    assert gone.is_file() and current.tracker.take_folder.is_dir()
    run = None

    def started(*words, **rest):
        nonlocal run
        run = original(*words, **rest)
        bpy.context.scene.sequence_editor.strips.remove(bpy.context.scene.sequence_editor.strips["edge"])
        return run

    original, running.start = running.start, started
    try:
        bpy.ops.second_unit.strip_finish()
    except RuntimeError as error:
        assert "no longer there" in str(error)
    finally:
        running.start = original
    assert run.over is False and run.out.is_file() and str(run.out) in run.words


def test_a_shot_takes_its_finishing_to_the_job_and_into_the_blend(tmp_path):
    """Switched on in the shot's panel, kept in the file, copied with the shot, said before it is shot."""
    scene = bpy.context.scene
    bpy.ops.second_unit.shot_add()
    shot = scene.second_unit.shots[0]
    assert shot_spec(scene, bpy.context.view_layer, shot).post == ()
    shot.size = "832x480"
    shot.steps.stabilise, shot.steps.grain, shot.steps.sound, shot.steps.sound_prompt = True, 0.2, True, "rain"
    shot.steps.upscale, shot.steps.width = "WIDTH", 1664
    bpy.ops.second_unit.shot_duplicate()
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "film.blend"))
    bpy.ops.wm.open_mainfile(filepath=str(tmp_path / "film.blend"))
    scene = bpy.context.scene
    for shot in scene.second_unit.shots:
        spec = shot_spec(scene, bpy.context.view_layer, shot)
        assert [(step.step, step.options) for step in spec.post] == [
            ("stabilise", {}),
            ("upscale", {"size": "1664x960"}),
            ("grain", {"strength": 0.2}),
            ("sound", {"prompt": "rain", "seed": 0}),
        ]
        assert plan_request(spec, seed_matters=False).post == spec.post
        notes = rules.notes(spec, rules.ShotFacts())
        assert "Then: stabilised onto its camera, enlarged to 1664 × 960, grain 0.2, sound" in notes
