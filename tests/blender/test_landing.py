# SPDX-License-Identifier: GPL-3.0-or-later
"""A take lands on its frame, on a free channel, fitted, with its lineage, once, and without harming anything else."""

from __future__ import annotations

import json
import sys
import threading
import time
import wave
from fractions import Fraction
from pathlib import PurePosixPath

import bpy
import pytest
from attrs import evolve
from bl_ext.user_default.second_unit.protocol.errors import ErrorCode, SecondUnitError
from bl_ext.user_default.second_unit.sequencer import above, busy, channels, compat, landing, picked, provenance

from tests.blender import footage


def strip_of(record) -> bpy.types.Strip:
    found = provenance.find_strip(record.job_id)
    assert found is not None
    return found[1]


def movies(scene) -> list[bpy.types.Strip]:
    return [s for s in scene.sequence_editor.strips_all if s.type == "MOVIE"]


@pytest.mark.parametrize("first", [1, 37, -12])
def test_every_frame_shows_the_clip_frame_that_the_camera_saw_there(edge, tmp_path, first):
    scene = footage.frame_scene()
    landing.land(footage.take(scene, first=first), edge)
    seen = [footage.edge_of(footage.shown(scene, first + i, tmp_path)) for i in (0, 1, 11, 23)]
    assert seen == pytest.approx([0, 1, 11, 23], abs=0.25)


def test_the_strip_covers_exactly_the_shot(edge):
    scene = footage.frame_scene()
    record = footage.take(scene, first=101)
    landing.land(record, edge)
    assert (compat.left(strip_of(record)), compat.right(strip_of(record))) == (101, 125)


def test_handles_lie_in_the_strip_but_are_not_shown(edge, tmp_path):
    scene = footage.frame_scene()
    record = footage.take(scene, first=46, handle_before=4, handle_after=3)
    landing.land(record, edge)
    strip = strip_of(record)
    assert (compat.left(strip), compat.right(strip), compat.content_start(strip)) == (50, 67, 46)
    assert compat.content_length(strip) == 24
    assert footage.edge_of(footage.shown(scene, 50, tmp_path)) == pytest.approx(4, abs=0.25)
    assert footage.edge_of(footage.shown(scene, 66, tmp_path)) == pytest.approx(20, abs=0.25)


def test_a_clip_of_another_size_fills_the_frame(edge, tmp_path):
    scene = footage.frame_scene(footage.WIDTH * 2, footage.HEIGHT * 2)
    landing.land(footage.take(scene), edge)
    assert footage.edge_of(footage.shown(scene, 13, tmp_path), scale=2) == pytest.approx(12, abs=0.25)


@pytest.mark.parametrize("fps", [24, 30, 25, 48])
def test_a_scene_at_another_rate_shows_the_nearest_clip_frame(tmp_path, fps):
    """A clip at 16 fps: the scene frame at time t shows the clip frame of that time, half a frame off at most."""
    clip = footage.edge_clip(tmp_path / "edge16.mp4", count=32, rate=16)
    scene = footage.frame_scene(fps=fps)
    landing.land(footage.take(scene, first=1, count=32, rate=16), clip)
    for offset in (0, 1, 2, 5, 10, 17, 23):
        seen = footage.edge_of(footage.shown(scene, 1 + offset, tmp_path))
        assert abs(seen - offset * 16 / fps) <= 0.5 + 0.15, f"scene frame {1 + offset} shows clip frame {seen:.2f}"


def test_it_goes_above_what_lies_there_and_leaves_locked_channels_alone(edge):
    scene = footage.frame_scene()
    editor = scene.sequence_editor_create()
    editor.strips.new_effect(name="below", type="COLOR", channel=2, frame_start=10, **_span(10, 5))
    editor.strips.new_effect(name="elsewhere", type="COLOR", channel=9, frame_start=500, **_span(500, 5))
    editor.channels[3].lock = True
    record = footage.take(scene)
    landing.land(record, edge)
    assert strip_of(record).channel == 4
    assert [s.name for s in editor.strips if s.type == "COLOR"] == ["below", "elsewhere"]


def test_a_full_timeline_is_said(edge):
    scene = footage.frame_scene()
    editor = scene.sequence_editor_create()
    for channel in range(1, channels.CHANNELS + 1):
        editor.strips.new_effect(name=f"c{channel}", type="COLOR", channel=channel, frame_start=1, **_span(1, 50))
    with pytest.raises(SecondUnitError, match=r"All 128 channels are taken.*Make room on the timeline"):
        landing.land(footage.take(scene), edge)
    assert not movies(scene)


def test_landing_twice_changes_nothing(edge):
    scene = footage.frame_scene()
    record = footage.take(scene)
    first = landing.land(record, edge)
    before = [(s.name, s.channel, compat.left(s), compat.right(s)) for s in scene.sequence_editor.strips_all]
    again = landing.land(record, edge)
    assert (first.fresh, again.fresh, again.strip) == (True, False, first.strip)
    assert [(s.name, s.channel, compat.left(s), compat.right(s)) for s in scene.sequence_editor.strips_all] == before


def test_landing_is_one_undo_step(edge):
    scene = footage.frame_scene()
    bpy.ops.ed.undo_push(message="before")
    landing.land(footage.take(scene), edge)
    assert len(movies(bpy.context.scene)) == 1
    bpy.ops.ed.undo()
    editor = bpy.context.scene.sequence_editor
    assert not (editor and editor.strips_all)
    bpy.ops.ed.redo()
    assert len(movies(bpy.context.scene)) == 1


def test_the_undo_step_goes_with_threads_that_work_meanwhile():
    """With the context overridden, this crashed Blender within a second; transfers run on such threads."""
    over = threading.Event()

    def work() -> None:
        while not over.is_set():
            [PurePosixPath("a/b") for _ in range(500)]

    workers = [threading.Thread(target=work) for _ in range(3)]
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    try:
        for worker in workers:
            worker.start()
        end = time.monotonic() + 3
        while time.monotonic() < end:
            landing.push_undo("step")
    finally:
        over.set()
        for worker in workers:
            worker.join()
        sys.setswitchinterval(interval)


def test_the_strip_knows_where_it_comes_from_and_keeps_it_in_the_file(edge, tmp_path):
    scene = footage.frame_scene()
    record = footage.take(
        scene, prompt="a street", blobs={"clip": "ab" * 32}, result={"provenance": json.dumps({"seed": 2**40})}
    )
    landing.land(record, edge)
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "kept.blend"))
    bpy.ops.wm.read_homefile(use_empty=True, use_factory_startup=True)
    bpy.ops.wm.open_mainfile(filepath=str(tmp_path / "kept.blend"))
    lineage = strip_of(record).second_unit
    assert (lineage.job_id, lineage.take, lineage.engine) == (record.job_id, 1, "projection")
    assert (lineage.seed, lineage.prompt, lineage.digest) == (str(2**40), "a street", "ab" * 32)
    assert json.loads(lineage.provenance) == {"seed": 2**40}


def test_beside_a_saved_blend_the_path_is_relative(edge, tmp_path):
    scene = footage.frame_scene()
    beside = tmp_path / "takes" / "edge.mp4"
    beside.parent.mkdir()
    beside.write_bytes(edge.read_bytes())
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "film.blend"))
    record = footage.take(scene)
    landing.land(record, beside)
    assert strip_of(record).filepath == "//takes/edge.mp4"


def test_another_scene_gets_it_at_its_playhead_then_where_the_last_take_lies(edge):
    shot_scene = footage.frame_scene()
    edit = bpy.data.scenes.new("Edit")
    edit.frame_set(77)
    first, second = footage.take(shot_scene), footage.take(shot_scene, take=2)
    landing.land(first, edge, edit)
    edit.frame_set(300)
    landing.land(second, edge, edit)
    assert [compat.left(strip_of(r)) for r in (first, second)] == [77, 77]
    assert strip_of(second).channel > strip_of(first).channel
    assert not (shot_scene.sequence_editor and shot_scene.sequence_editor.strips_all)


def test_the_edit_scene_that_the_artist_chose_gets_it(edge):
    shot_scene = footage.frame_scene()
    edit = bpy.data.scenes.new("Edit")
    shot_scene.second_unit.edit_scene = edit
    assert landing.land(footage.take(shot_scene), edge).scene == "Edit"


def test_a_shot_whose_scene_is_gone_still_lands(edge):
    scene = footage.frame_scene()
    record = footage.take(scene)
    record = evolve(record, clip=evolve(record.clip, scene="deleted"))
    assert landing.land(record, edge).scene == scene.name


def test_a_file_that_was_deleted_before_landing_is_named(tmp_path):
    scene = footage.frame_scene()
    with pytest.raises(SecondUnitError) as caught:
        landing.land(footage.take(scene), tmp_path / "gone.mp4")
    assert caught.value.code is ErrorCode.FILE_GONE
    assert caught.value.info.sentence() == (
        f"Street: The clip {tmp_path / 'gone.mp4'} is gone. "
        "Fetch the take again from the takes list while the daemon still keeps it"
    )


def test_a_file_that_is_no_clip_is_refused_and_leaves_no_strip(tmp_path):
    scene = footage.frame_scene()
    (tmp_path / "broken.mp4").write_bytes(b"not a video")
    with pytest.raises(SecondUnitError, match=r"Blender cannot read the clip"):
        landing.land(footage.take(scene), tmp_path / "broken.mp4")
    assert not (scene.sequence_editor and scene.sequence_editor.strips_all)
    assert not bpy.data.movieclips


def test_swapping_to_a_file_that_is_no_clip_leaves_the_strip_as_it_is(edge, tmp_path):
    scene = footage.frame_scene()
    record = footage.take(scene)
    landing.land(record, edge)
    (tmp_path / "broken.mp4").write_bytes(b"not a video")
    with pytest.raises(SecondUnitError, match=r"Blender cannot read the clip"):
        landing.swap(strip_of(record), scene, footage.take(scene, take=2), tmp_path / "broken.mp4")
    assert strip_of(record).filepath == str(edge)


def test_prefetching_is_off_while_strips_change_and_on_again_after(edge):
    scene = footage.frame_scene()
    editor = scene.sequence_editor_create()
    editor.use_prefetch = True
    with busy.still_timeline(scene):
        assert editor.use_prefetch is False
    assert editor.use_prefetch is True
    with pytest.raises(ZeroDivisionError), busy.still_timeline(scene):
        raise ZeroDivisionError
    assert editor.use_prefetch is True


def test_swapping_a_take_keeps_place_handles_and_transform(edge, tmp_path):
    scene = footage.frame_scene()
    record = footage.take(scene, first=11)
    landing.land(record, edge)
    strip = strip_of(record)
    compat.set_handles(strip, 15, 30)
    strip.transform.offset_x = 12.0
    longer = footage.edge_clip(tmp_path / "longer.mp4", count=40)
    second = footage.take(scene, first=11, take=2)
    landing.swap(strip, scene, second, longer)
    assert provenance.find_strip(record.job_id) is None
    assert strip_of(second) == strip
    assert (compat.left(strip), compat.right(strip), strip.transform.offset_x) == (15, 30, 12.0)
    assert compat.content_length(strip) == 40


def _span(start: int, length: int) -> dict[str, int]:
    parameters = bpy.types.StripsTopLevel.bl_rna.functions["new_effect"].parameters
    return {"length": length} if "length" in parameters else {"frame_end": start + length}


def test_what_is_made_of_a_strip_in_a_meta_strip_lies_in_it_and_is_seen(edge, tmp_path):
    scene = footage.frame_scene()
    editor = scene.sequence_editor_create()
    strip = editor.strips.new_movie("inside", str(edge), 2, 11)
    meta = editor.strips.new_meta("M", channel=5, frame_start=11)
    strip.move_to_meta(meta)
    compat.set_handles(meta, 11, 35)
    source = picked.media_of(strip, scene)
    made = above.land(source, edge, "made")
    slow = above.land(source, edge, "slow", speed=Fraction(1, 2))
    wav = tmp_path / "rain.wav"
    with wave.open(str(wav), "wb") as file:
        file.setparams((1, 2, 48_000, 0, "NONE", ""))
        file.writeframes(bytes(2 * 48_000))
    heard = above.land_sound(scene, made, wav)
    landing.land(footage.take(scene, first=11), edge, scene, wav, over="inside")
    beside, effects = meta.strips[:], [each for each in meta.strips if each.type == "SPEED"]
    assert editor.strips[:] == [meta] and {made, slow, heard} < {*beside} and len(effects) == 1
    assert sorted(each.type for each in beside) == ["MOVIE"] * 4 + ["SOUND"] * 2 + ["SPEED"]
    assert len({each.channel for each in beside}) == len(beside), "none over another"
    assert (compat.left(made), compat.right(made)) == (11, 35)
    assert (compat.left(meta), compat.right(meta)) == (11, 35), "it stays as it was"
    meta.strips.remove(slow)
    assert footage.edge_of(footage.shown(scene, 21, tmp_path)) == pytest.approx(10, abs=0.25)
