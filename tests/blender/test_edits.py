# SPDX-License-Identifier: GPL-3.0-or-later
"""Edits of strips with a real daemon: what is made lands above the strip, on the frame, and known frames stay."""

from __future__ import annotations

import json
import shutil
import textwrap
from collections.abc import Iterator
from pathlib import Path

import bpy
import numpy as np
import pytest
from bl_ext.user_default.second_unit.link import current
from bl_ext.user_default.second_unit.protocol.errors import ErrorCode, SecondUnitError
from bl_ext.user_default.second_unit.protocol.late import evolve
from bl_ext.user_default.second_unit.sequencer import compat, memory
from bl_ext.user_default.second_unit.ui.edits import clips, looks, stills, takes
from bl_ext.user_default.second_unit.ui.shot import engines
from bl_ext.user_default.second_unit.ui.takes import view

from tests.blender import daemons, footage

COUNT = 24
DONE = {"FINISHED"}


@pytest.fixture(scope="module")
def home(tmp_path_factory) -> Iterator[Path]:
    """One user folder for all: a new one would have its daemon compile everything again."""
    folder = tmp_path_factory.mktemp("edits")
    (folder / "bin").mkdir()
    daemons.program(folder / "bin" / "second-unit")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SECOND_UNIT_HOME", str(folder / "home"))
        patch.setenv("PATH", f"{folder / 'bin'}:/usr/bin:/bin")
        yield folder / "home"


@pytest.fixture(scope="module")
def running(home) -> Iterator[None]:
    process = daemons.Daemon().start()
    yield
    process.close()


@pytest.fixture(autouse=True)
def fresh(home) -> None:
    """No link, and a journal of the empty file's own."""
    current.link.close()
    current.link.error = None
    memory.close()
    memory.ensure_open()


@pytest.fixture
def daemon(running) -> None:
    daemons.meet()


@pytest.fixture
def strip(edge, tmp_path) -> bpy.types.Strip:
    """A clip whose frame i has an edge at 10 + 4 i, on frames 11 … 34 of a 24 fps scene."""
    scene = footage.frame_scene()
    clip = shutil.copy(edge, tmp_path / "edge.mp4")
    editor = scene.sequence_editor_create()
    made = editor.strips.new_movie(name="edge", filepath=str(clip), channel=2, frame_start=11, fit_method="ORIGINAL")
    editor.active_strip = made
    return made


def new_strip(known: set[str]) -> bpy.types.Strip:
    (made,) = [s for s in footage.movies() if s.name not in known]
    return made


def test_any_strip_goes_on_and_the_new_part_lies_above_its_end(daemon, strip, tmp_path):
    compat.set_handles(strip, 13, 33)  # trimmed at both ends: clip frames 2 … 21 are seen
    assert bpy.ops.second_unit.edit_extend(seconds=0.25, engine="projection") == {"FINISHED"}
    made = new_strip({"edge"})
    assert (compat.left(made), compat.right(made)) == (25, 39), "eight frames go over, six are new"
    assert made.channel > strip.channel
    scene = bpy.context.scene
    for frame in (25, 28, 32):
        assert footage.edge_of(footage.shown(scene, frame, tmp_path)) == pytest.approx(frame - 11, abs=0.3), frame
    lineage = json.loads(made.second_unit.provenance)["lineage"]
    assert lineage["edit"] == "extend" and len(lineage["parents"]) == 1


def test_it_goes_back_before_its_beginning_and_keeps_the_strips_look(daemon, strip, tmp_path):
    strip.transform.scale_x = 0.5
    strip.crop.max_x = 20
    assert bpy.ops.second_unit.edit_extend(seconds=0.25, end="BEFORE", engine="projection") == {"FINISHED"}
    made = new_strip({"edge"})
    assert (compat.left(made), compat.right(made)) == (5, 19)
    assert made.transform.scale_x == pytest.approx(0.5) and made.crop.max_x == 20


def test_a_reversed_strip_goes_on_as_it_is_seen(daemon, strip, tmp_path):
    strip.use_reverse_frames = True
    assert bpy.ops.second_unit.edit_extend(seconds=0.25, engine="projection") == {"FINISHED"}
    made = new_strip({"edge"})
    scene = bpy.context.scene
    before = footage.edge_of(footage.shown(scene, 30, tmp_path))
    assert before == pytest.approx(COUNT - 1 - (30 - 11), abs=0.3) and not made.use_reverse_frames


def test_all_selected_strips_go_on(daemon, strip):
    scene = bpy.context.scene
    second = scene.sequence_editor.strips.new_movie(
        name="second", filepath=strip.filepath, channel=2, frame_start=60, fit_method="ORIGINAL"
    )
    with footage.in_sequencer(scene, second, strip):
        assert bpy.ops.second_unit.edit_extend(seconds=0.25, engine="projection") == {"FINISHED"}
    made = [s for s in footage.movies() if s.name not in ("edge", "second")]
    assert sorted(compat.left(each) for each in made) == [27, 76] and not any(each.select for each in made)


def test_the_gap_between_two_strips_is_bridged(daemon, strip, tmp_path):
    scene = bpy.context.scene
    second = scene.sequence_editor.strips.new_movie(
        name="second", filepath=strip.filepath, channel=2, frame_start=40, fit_method="ORIGINAL"
    )
    with footage.in_sequencer(scene, second, strip):
        compat.set_content_start(second, 35)
        with pytest.raises(RuntimeError, match="There is no gap"):
            bpy.ops.second_unit.edit_bridge()
        compat.set_content_start(second, 40)
        assert bpy.ops.second_unit.edit_bridge() == {"FINISHED"}
    made = new_strip({"edge", "second"})
    assert made.name == "edge to second take 1"
    assert (compat.left(made), compat.right(made)) == (35, 40) and second.name
    assert made.channel == strip.channel + 1, "in the gap, whatever its hidden frames lie beside"
    mask = footage.shown(scene, 34, tmp_path), footage.shown(scene, 40, tmp_path)
    assert [round(footage.edge_of(p)) for p in mask] == [23, 0]


def test_a_section_is_made_anew_from_what_is_before_and_after_it(daemon, strip, tmp_path):
    scene = bpy.context.scene
    assert bpy.ops.second_unit.edit_section(first=20, last=23, engine="morph") == {"FINISHED"}
    made = new_strip({"edge"})
    assert made.name == "edge section take 1"
    assert (compat.left(made), compat.right(made)) == (20, 24) and made.channel == strip.channel + 1
    assert footage.edge_of(footage.shown(scene, 21, tmp_path)) == pytest.approx(10, abs=0.6)
    assert json.loads(made.second_unit.provenance)["lineage"]["edit"] == "bridge"
    with pytest.raises(RuntimeError, match="Choose some from 12 to 33"):
        bpy.ops.second_unit.edit_section(first=30, last=34)
    scene.frame_set(12)
    assert clips._suggested(scene, strip) == (12, 18)
    scene.use_preview_range, scene.frame_preview_start, scene.frame_preview_end = True, 15, 90
    assert clips._suggested(scene, strip) == (15, 33)


def test_a_region_of_a_strip_is_filled_from_a_painted_frame(daemon, strip, tmp_path):
    height, width = footage.HEIGHT, footage.WIDTH
    mask = np.zeros((height, width, 3), np.uint8)
    mask[40:80, 100:160] = 255
    paint = np.full((height, width, 3), (0, 200, 0), np.uint8)
    for name, picture in (("mask", mask), ("paint", paint)):
        image = bpy.data.images.new(name, width, height)
        image.pixels.foreach_set(
            (np.concatenate([picture[::-1], np.full((height, width, 1), 255, np.uint8)], -1) / 255).ravel().astype("f4")
        )
        image.filepath_raw, image.file_format = str(tmp_path / f"{name}.png"), "PNG"
        image.save()
    bpy.context.scene.frame_set(15)
    done = bpy.ops.second_unit.edit_modify(
        mask=str(tmp_path / "mask.png"), picture=str(tmp_path / "paint.png"), engine="projection"
    )
    assert done == {"FINISHED"}
    made = new_strip({"edge"})
    assert (compat.left(made), compat.right(made)) == (11, 35)
    shown = footage.shown(bpy.context.scene, 30, tmp_path)
    assert footage.edge_of(shown[:40]) == pytest.approx(19, abs=0.3), "outside of it the strip is as it was"
    assert shown[60, 130, 1] > 150 and shown[60, 130, 0] < 60


def test_a_strip_is_drawn_in_another_look_along_with_its_trims(daemon, strip, tmp_path, monkeypatch):
    compat.set_handles(strip, 15, 21)  # clip frames 4 … 9 are seen
    with monkeypatch.context() as patch:
        gone = {"available": False, "unavailable_reason": "The style network is not installed here"}
        engines = [evolve(e, **gone) if e.name == looks.NETWORK else e for e in current.link.engines]
        patch.setattr(current.link, "engines", tuple(engines))
        with pytest.raises(RuntimeError, match="is not installed here"):
            bpy.ops.second_unit.edit_restyle(style="pencil drawing")
    if looks.missing():
        pytest.skip("the daemon's Python has no style network")
    with pytest.raises(RuntimeError, match="No style is given"):
        bpy.ops.second_unit.edit_restyle()
    with pytest.raises(RuntimeError, match="No look is known"):
        bpy.ops.second_unit.edit_restyle(style="vaporwave")
    assert bpy.ops.second_unit.edit_restyle(style="pencil drawing", strength=0.5, file="PRORES") == DONE
    made = new_strip({"edge"})
    assert (made.channel, compat.left(made), compat.right(made)) == (3, 15, 21)
    assert made.second_unit.made_by == "restyle:pencil drawing" and made.filepath.endswith(".mov")
    for frame in (15, 18, 20):
        row = footage.shown(bpy.context.scene, frame, tmp_path)[56:64].mean((0, 2))
        fall = int((row[2:] - row[:-2]).argmin()) + 1.5  # the look is paler: where the picture falls most
        assert (fall - footage.EDGE_START) / footage.EDGE_STEP == pytest.approx(frame - 11, abs=0.3), frame


def test_what_of_an_edit_is_not_used_is_said_with_it(daemon, strip):
    assert bpy.ops.second_unit.edit_extend(seconds=0.25, engine="projection", prompt="a bird") == DONE
    (edit,) = current.editor.edits
    assert any("projection ignores the prompt" in note for note in edit.notes)
    bpy.ops.second_unit.edits_forget()
    assert not current.editor.edits


def test_words_become_a_clip_only_where_an_engine_reads_them(daemon, monkeypatch):
    footage.frame_scene().sequence_editor_create()
    with pytest.raises(RuntimeError, match="No model of this daemon makes clips of words"):
        bpy.ops.second_unit.edit_text(prompt="a wet street")
    there = [evolve(e, available=True) if e.name == "wan-t2v-1.3b" else e for e in current.link.engines]
    monkeypatch.setattr(current.link, "engines", tuple(there))
    names = [row[0] for row in stills.reader_items(None, None)]
    assert names[0] == "wan-t2v-1.3b" and not {"projection", "morph", "parts", "style-network"} & set(names)
    asked = []
    monkeypatch.setattr(stills.SECOND_UNIT_OT_edit_text, "make", lambda _self, words, *_: asked.extend(words) or DONE)
    camera = bpy.data.objects.new("Cam", bpy.data.cameras.new("Cam"))
    bpy.context.scene.collection.objects.link(camera)
    bpy.context.scene.camera = camera
    assert bpy.ops.second_unit.edit_text(prompt="a wet street", use_camera=True) == DONE
    assert asked[asked.index("--engine") + 1] == "wan-t2v-1.3b" and "--move" not in asked
    assert Path(asked[asked.index("--camera") + 1]).is_file()
    assert bpy.context.scene.second_unit.words == "a wet street", "the panel's field has them for the next time"


def test_each_text_strip_becomes_a_clip_where_it_lies(daemon, monkeypatch):
    scene = footage.frame_scene()
    strips = scene.sequence_editor_create().strips
    texts = []
    for start, length, words in ((10, 48, "a wet street"), (60, 24, "rain on\ntin"), (90, 24, " ")):
        texts.append(compat.new_effect(strips, "TEXT", words, 1, start, length))
        texts[-1].text = words
    there = [evolve(e, available=True) if e.name == "wan-t2v-1.3b" else e for e in current.link.engines]
    monkeypatch.setattr(current.link, "engines", tuple(there))
    asked = []
    monkeypatch.setattr(stills.SECOND_UNIT_OT_edit_text, "make", lambda _self, words, *_: asked.append(words) or DONE)
    with footage.in_sequencer(scene, *reversed(texts)):
        assert bpy.ops.second_unit.edit_text(prompt="at night", of_strips=True) == DONE
    told = [(words[1], words[words.index("--place") + 1], words[words.index("--seconds") + 1]) for words in asked]
    assert told == [("a wet street, at night", "10", "2"), ("rain on tin, at night", "60", "1")]
    assert not scene.second_unit.words, "the field is for other clips"


def test_a_still_becomes_a_clip_by_a_move_or_by_the_scenes_own_camera(daemon, tmp_path):
    scene = footage.frame_scene()
    white_left = np.zeros((footage.HEIGHT, footage.WIDTH, 4), np.float32)
    white_left[:, : footage.WIDTH // 2], white_left[..., 3] = 1.0, 1.0
    image = bpy.data.images.new("still", footage.WIDTH, footage.HEIGHT)
    image.pixels.foreach_set(white_left.ravel())
    image.filepath_raw, image.file_format = str(tmp_path / "still.png"), "PNG"
    image.save()
    editor = scene.sequence_editor_create()
    still = editor.strips.new_image(name="still", filepath=image.filepath_raw, channel=1, frame_start=50)
    editor.active_strip = still
    other = editor.strips.new_image(name="other", filepath=image.filepath_raw, channel=1, frame_start=90)
    compat.set_handles(still, 50, 56)
    compat.set_handles(other, 90, 99)
    with footage.in_sequencer(scene, other, still):
        assert bpy.ops.second_unit.edit_animate(move="ORBIT", engine="projection") == {"FINISHED"}
    assert sorted((compat.left(made), compat.right(made)) for made in footage.movies()) == [(50, 56), (90, 99)]
    for made in footage.movies():
        editor.strips.remove(made)

    camera = bpy.data.objects.new("Cam", bpy.data.cameras.new("Cam"))
    camera.data.lens = camera.data.sensor_width  # as many pixels of focal length as the picture is wide
    scene.collection.objects.link(camera)
    scene.camera = camera
    for frame, x in ((1, 3.0), (6, 4.0)):
        camera.location.x = x
        camera.keyframe_insert("location", frame=frame)
    editor.active_strip = still
    done = bpy.ops.second_unit.edit_animate(
        seconds=0.25, use_camera=True, layout_="card", far=10.0, engine="projection"
    )
    assert done == {"FINISHED"}
    for frame, way in ((50, 0.0), (55, 1.0)):
        shown = footage.shown(scene, frame, tmp_path)[40:80].mean() / 255
        assert shown * footage.WIDTH == pytest.approx(footage.WIDTH * (0.5 - way / 10.0), abs=0.7), frame


def test_a_part_of_a_still_goes_and_the_still_stays(daemon, tmp_path):
    scene = footage.frame_scene()
    for name, left in (("still", 40), ("mask", 40)):
        pixels = np.zeros((footage.HEIGHT, footage.WIDTH, 4), np.float32)
        pixels[:, :left], pixels[..., 3] = 1.0, 1.0
        image = bpy.data.images.new(name, footage.WIDTH, footage.HEIGHT)
        image.pixels.foreach_set(pixels.ravel())
        image.filepath_raw, image.file_format = str(tmp_path / f"{name}.png"), "PNG"
        image.save()
    editor = scene.sequence_editor_create()
    still = editor.strips.new_image(name="still", filepath=str(tmp_path / "still.png"), channel=1, frame_start=50)
    compat.set_handles(still, 50, 56)
    editor.active_strip = still
    done = bpy.ops.second_unit.edit_motion(mask=str(tmp_path / "mask.png"), speed=(240.0, 0.0), engine="parts")
    assert done == {"FINISHED"}
    (made,) = footage.movies()
    assert (compat.left(made), compat.right(made)) == (50, 56)
    assert footage.shown(scene, 55, tmp_path)[20, 75, 0] > 200, "its right edge, at 40, has gone 50 pixels"


def test_a_part_of_a_strip_goes_where_a_mask_is_drawn_and_follows_its_open_spline(daemon, strip, tmp_path):
    mask = bpy.data.masks.new("Part")
    layer = mask.layers.new(name="Part")

    def spline(corners, closed):
        made = layer.splines.new()
        made.points.add(len(corners) - 1)
        made.use_cyclic = closed
        for point, (x, y) in zip(made.points, corners, strict=True):
            place = 0.5 + (x / footage.WIDTH - 0.5), 0.5 + (footage.HEIGHT / 2 - y) / footage.WIDTH
            point.handle_left_type = point.handle_right_type = "VECTOR"
            point.co = point.handle_left = point.handle_right = place

    spline([(-4, 8), (6, 8), (6, 28), (-4, 28)], True)  # white in every frame, and black to its right at first
    with pytest.raises(RuntimeError, match="no open spline"):
        bpy.ops.second_unit.edit_motion(region="MASK_DATA", mask_data="Part", way="LINE", engine="parts")
    spline([(0, 18), (160, 18)], False)
    scene = bpy.context.scene
    compat.set_handles(strip, 11, 15)  # the edge is at 10 … 22
    done = bpy.ops.second_unit.edit_motion(
        region="MASK_DATA", mask_data="Part", way="LINE", ease="LINEAR", engine="parts"
    )
    assert done == {"FINISHED"}
    made = new_strip({"edge"})
    assert (compat.left(made), compat.right(made)) == (11, 15)
    shown = footage.shown(scene, 14, tmp_path)
    assert shown[18, 162, 0] > 200 and shown[18, 140, 0] < 60, "it has gone 160 pixels"
    assert footage.edge_of(shown) == pytest.approx(3, abs=0.3), "all else is the strip"
    assert json.loads(made.second_unit.provenance)["lineage"]["edit"] == "motion"
    with pytest.raises(RuntimeError, match="neither goes nor sways"):
        bpy.ops.second_unit.edit_motion(region="MASK_DATA", mask_data="Part", way="STAY", engine="parts")
    with pytest.raises(RuntimeError, match="No mask data-block"):
        bpy.ops.second_unit.edit_modify(region="MASK_DATA", engine="projection")


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda strip: Path(bpy.path.abspath(strip.filepath)).unlink(), "is not at"),
        (lambda strip: setattr(strip, "filepath", ""), "names no file"),
    ],
)
def test_what_cannot_be_edited_is_refused_with_a_sentence(daemon, strip, spoil, said):
    spoil(strip)
    with pytest.raises(RuntimeError, match=said):
        bpy.ops.second_unit.edit_extend(seconds=0.25, engine="projection")
    assert len(footage.movies()) == 1


def test_without_a_daemon_the_button_says_so(strip):
    with pytest.raises(RuntimeError, match="Start the daemon first"):
        bpy.ops.second_unit.edit_extend(seconds=0.25)


@pytest.fixture
def shot(daemon, tmp_path) -> None:
    """A shot in this file, frames 1 … 9, with a picture pinned."""
    scene = footage.frame_scene(96, 64)
    scene.frame_start, scene.frame_end = 1, 9
    camera = bpy.data.objects.new("Cam", bpy.data.cameras.new("Cam"))
    scene.collection.objects.link(camera)
    scene.camera = camera
    for frame, x in ((1, -0.5), (41, 1.5)):
        camera.location = (x, -4.0, 0.0)
        camera.rotation_euler = (1.5708, 0.0, 0.0)
        camera.keyframe_insert("location", frame=frame)
    bpy.ops.mesh.primitive_cube_add()
    noise = np.random.default_rng(3).random((64, 96, 4), np.float32)
    noise[..., 3] = 1.0
    image = bpy.data.images.new("plate", 96, 64)
    image.pixels.foreach_set(np.repeat(np.repeat(noise[::8, ::8], 8, 0), 8, 1).ravel())
    image.filepath_raw, image.file_format = str(tmp_path / "plate.png"), "PNG"
    image.save()
    bpy.ops.second_unit.shot_add()
    scene.second_unit.shots[0].capture_colour = False
    scene.frame_set(1)
    bpy.ops.second_unit.reference_add_file(filepath=str(tmp_path / "plate.png"))


@pytest.fixture
def take(shot) -> bpy.types.Strip:
    """A take of that shot, moved on the timeline to 101."""
    scene = bpy.context.scene
    assert bpy.ops.second_unit.shoot("EXEC_DEFAULT") == {"FINISHED"}
    (strip,) = footage.movies()
    compat.set_content_start(strip, 101)
    scene.sequence_editor.active_strip = strip
    return strip


def test_the_guides_script_shoots_all_shots_and_finishes_their_takes(shot, tmp_path):
    bpy.ops.second_unit.shot_duplicate()
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "film.blend"))
    guide = (footage.ROOT / "docs" / "user-guide.md").read_text("utf-8")
    script = guide[guide.index("    import bpy\n") :].partition("\n\n## ")[0]
    exec(textwrap.dedent(script), {})
    made = sorted((strip.name, strip.second_unit.made_by) for strip in footage.movies())
    first, second = (shot.name for shot in bpy.context.scene.second_unit.shots)
    assert made == [
        (f"{first} take 1", ""),
        (f"{first} take 1 finished", "grain:0.2"),
        (f"{second} take 1", ""),
        (f"{second} take 1 finished", "grain:0.2"),
    ]


def test_a_take_goes_on_along_the_animated_camera_of_its_shot(take):
    assert bpy.ops.second_unit.edit_extend(seconds=0.25, engine="projection") == {"FINISHED"}
    made = new_strip({take.name})
    assert (compat.left(made), compat.right(made)) == (106, 116), "four frames go over, six are new"
    told = json.loads(made.second_unit.provenance)
    assert (told["delivery"]["first"], told["delivery"]["last"]) == (1, 15)
    assert told["lineage"] == {"edit": "extend", "parents": [take.second_unit.job_id], "alike": None}
    assert told["facts"]["camera"] == "Cam" and not told["facts"]["stand_in"], "the scene was captured"
    assert made.second_unit.shot_uid == take.second_unit.shot_uid and made.second_unit.take == 2
    assert made.second_unit.seed == take.second_unit.seed
    assert view.record_of(made.second_unit.job_id).stamp == view.record_of(take.second_unit.job_id).stamp, "not stale"
    assert bpy.ops.second_unit.edit_extend(seconds=0.25, engine="projection", use_scene=False) == {"FINISHED"}


def test_several_takes_go_on_without_their_scenes_being_captured(take, monkeypatch):
    scene, asked = bpy.context.scene, []

    def make(_self, words, *_, **__):
        asked.append(words)
        return DONE

    monkeypatch.setattr(clips.SECOND_UNIT_OT_edit_extend, "make", make)
    other = scene.sequence_editor.strips.new_movie("other", take.filepath, 5, 200)
    with footage.in_sequencer(scene, other, take):
        assert bpy.ops.second_unit.edit_extend(seconds=0.25, engine="projection") == DONE
        other.filepath = "//gone.mp4"
        with pytest.raises(RuntimeError, match="is not at"):
            bpy.ops.second_unit.edit_extend(seconds=0.25, engine="projection")
    assert len(asked) == 3, "what is left of several is not one alone"


def test_a_take_is_changed_inside_its_shots_region(take):
    shot = bpy.context.scene.second_unit.shots[0]
    with pytest.raises(RuntimeError, match="names no region"):
        bpy.ops.second_unit.edit_modify(region="SHOT", engine="projection")
    shot.region_kind = "OBJECT"
    shot.region_object = bpy.data.objects["Cube"]
    with pytest.raises(RuntimeError, match="invents nothing"):
        bpy.ops.second_unit.edit_modify(region="SHOT", engine="projection")
    bpy.data.objects["Cube"].scale.z = 1.1
    assert bpy.ops.second_unit.edit_modify(region="SHOT", engine="projection") == {"FINISHED"}, "its scene has changed"
    bpy.data.objects["Cube"].scale.z = 1.0
    bpy.context.scene.sequence_editor.strips.remove(new_strip({take.name}))
    bpy.context.scene.sequence_editor.active_strip = take
    shot.references[0].strength = 0.5
    assert bpy.ops.second_unit.edit_modify(region="SHOT", engine="projection") == {"FINISHED"}
    made = new_strip({take.name})
    told = json.loads(made.second_unit.provenance)
    assert {"edited_clip", "region"} <= set(told["takes"]) and told["lineage"]["edit"] == "modify"
    assert (compat.left(made), compat.right(made)) == (101, 110)
    assert "references" in told["takes"]


def test_a_model_is_not_given_the_pictures_of_what_it_is_to_change(take, monkeypatch):
    shot, specs = bpy.context.scene.second_unit.shots[0], []
    shot.region_kind, shot.region_object = "OBJECT", bpy.data.objects["Cube"]

    def shooting(_context, _scene, _shot, spec, *_):
        specs.append(spec)
        raise SecondUnitError(ErrorCode.CANCELLED, "Seen")

    def whole_scene(*_):
        raise AssertionError("the button waits for every object to be looked at")

    monkeypatch.setattr("bl_ext.user_default.second_unit.ui.shot.stamp.Stamping", whole_scene)
    monkeypatch.setattr("bl_ext.user_default.second_unit.ui.shot.shooting.Shooting", shooting)
    for engine, strength in (("plates", 1.0), ("projection", 0.5), ("plates", 0.5)):
        shot.references[0].strength = strength
        with pytest.raises(RuntimeError, match="Seen"):
            bpy.ops.second_unit.edit_modify(region="SHOT", engine=engine)
    assert [len(spec.references) for spec in specs] == [0, 1, 1], "those that were changed since are for the change"


def test_a_trimmed_take_is_drawn_in_another_look_along_its_exact_motion(take):
    if looks.missing():
        pytest.skip("the daemon's Python has no style network")
    compat.set_handles(take, 104, 108)
    assert bpy.ops.second_unit.edit_restyle(style="watercolour") == DONE
    made = new_strip({take.name})
    assert (compat.left(made), compat.right(made)) == (104, 108)
    assert made.second_unit.made_of == take.second_unit.job_id
    assert b"exact" in Path(bpy.path.abspath(made.filepath)).read_bytes(), "its provenance says how"


def test_a_take_is_remixed_and_made_final(take):
    with footage.in_sequencer(bpy.context.scene, take), pytest.raises(RuntimeError, match="knows no quality"):
        bpy.ops.second_unit.edit_final()
    bpy.ops.second_unit.edit_final(job_id=take.second_unit.job_id)
    made = new_strip({take.name})
    told = json.loads(made.second_unit.provenance)
    assert told["lineage"]["edit"] == "final" and told["quality"] == "final"
    was = view.record_of(take.second_unit.job_id).stamp
    kept = view.record_of(made.second_unit.job_id).stamp
    assert kept == {kind: was[kind] for kind in ("camera", "references", "scene", "look")}, (
        "what it shows is the take's"
    )
    with pytest.raises(RuntimeError, match="Nothing is changed"):
        bpy.ops.second_unit.edit_remix(job_id=take.second_unit.job_id)


def test_one_press_makes_another_take_of_each_chosen_one(take, monkeypatch):
    scene, asked = bpy.context.scene, []

    def make(_self, words, title, *_, **__):
        asked.append((*words, title))
        return DONE

    monkeypatch.setattr(takes.SECOND_UNIT_OT_edit_again, "make", make)
    with footage.in_sequencer(scene, take), pytest.raises(RuntimeError, match="reads no seed"):
        bpy.ops.second_unit.edit_again("INVOKE_DEFAULT")
    monkeypatch.setattr(engines, "reads", lambda *_: True)
    other = scene.sequence_editor.strips.new_movie("other", take.filepath, 5, 200)
    with footage.in_sequencer(scene, other, take):
        assert bpy.ops.second_unit.edit_again("INVOKE_DEFAULT") == DONE
    ((command, job, _, seed, title),) = asked
    assert (command, job) == ("remix", take.second_unit.job_id) and int(seed) >= 0
    assert title == f"Another take of {take.second_unit.shot_name} take 1"


def test_in_the_sequencer_a_take_is_the_active_strips_and_no_other(take, strip):
    scene, remix, extend = bpy.context.scene, bpy.ops.second_unit.edit_remix, bpy.ops.second_unit.edit_extend
    assert view.active_job(bpy.context.window_manager) == take.second_unit.job_id, "the list's"
    with footage.in_sequencer(scene, take):
        assert remix.poll() and extend.poll()
    with footage.in_sequencer(scene, strip):
        assert not remix.poll() and extend.poll()
        with pytest.raises(RuntimeError, match="shows no take"):
            remix(new_seed=True)
        with pytest.raises(RuntimeError, match="Choose an image strip"):
            bpy.ops.second_unit.edit_animate()
    with footage.in_sequencer(scene, scene.sequence_editor.strips.new_scene("3D", scene, 9, 1)):
        with pytest.raises(RuntimeError, match="make one with Render to Movie"):
            extend(seconds=0.25)
        scene.sequence_editor.active_strip = None
        with pytest.raises(RuntimeError, match="Choose a take"):
            remix(new_seed=True)


def test_in_the_3d_view_an_edit_is_of_the_take_that_the_list_shows(take, tmp_path):
    scene = bpy.context.scene
    scene.sequence_editor.active_strip = None
    mask = bpy.data.images.new("mask", 96, 64)
    mask.generated_color = (1, 1, 1, 1)
    mask.filepath_raw, mask.file_format = str(tmp_path / "mask.png"), "PNG"
    mask.save()
    area = next(a for a in bpy.context.window.screen.areas if a.type == "VIEW_3D")
    with bpy.context.temp_override(area=area):
        done = bpy.ops.second_unit.edit_motion(mask=str(tmp_path / "mask.png"), speed=(8, 0), engine="parts")
        assert done == {"FINISHED"}
        made = new_strip({take.name})
        told = json.loads(made.second_unit.provenance)["lineage"]
        assert told["edit"] == "motion" and told["parents"] == [take.second_unit.job_id]
        # The list goes on to what was made, which is edited where its shot has it, not where it lies.
        assert bpy.ops.second_unit.edit_motion(mask=str(tmp_path / "mask.png"), speed=(8, 0), engine="parts") == done
        again = new_strip({take.name, made.name})
        assert json.loads(again.second_unit.provenance)["lineage"]["parents"] == [made.second_unit.job_id]
        assert (compat.left(again), compat.right(again)) == (compat.left(made), compat.right(made))
        scene.sequence_editor.strips.remove(again)
        with pytest.raises(RuntimeError, match="not on the timeline"):
            bpy.ops.second_unit.edit_motion(mask=str(tmp_path / "mask.png"), engine="parts")
