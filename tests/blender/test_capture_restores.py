# SPDX-License-Identifier: GPL-3.0-or-later
"""However a capture ends, every setting of the file is as it was, and nothing that has no key is lost."""

from __future__ import annotations

import errno
from pathlib import Path

import bpy
import pytest
from bl_ext.user_default.second_unit.capture import session as session_module
from bl_ext.user_default.second_unit.capture import still
from bl_ext.user_default.second_unit.capture.headless import HeadlessBackend
from bl_ext.user_default.second_unit.protocol.errors import ErrorCode, SecondUnitError

from tests.blender.captures import ALL, box, camera, key, session_of, spec_of, standard_scene, track
from tests.blender.file_state import difference, file_state


@pytest.fixture
def shot():
    """A scene in which as much as possible is set otherwise than by default; (scene, the shot's camera)."""
    scene = bpy.context.scene
    thing = standard_scene()
    render, cycles, layer = scene.render, scene.cycles, scene.view_layers[0]
    render.engine = "BLENDER_WORKBENCH"
    render.resolution_percentage, render.filepath = 50, "//out/"
    image = render.image_settings
    image.file_format, image.color_mode, image.quality = "JPEG", "BW", 71
    render.use_motion_blur = render.use_stamp = render.use_border = render.use_simplify = True
    render.simplify_subdivision, scene.frame_step = 1, 3
    cycles.samples, cycles.max_bounces, cycles.pixel_filter_type, cycles.time_limit = 77, 5, "BOX", 3.0
    layer.use_pass_mist, layer.samples = True, 9
    other = camera((3, 3, 5), (0, 0, 0), name="Other")
    scene.timeline_markers.new("Cut", frame=2).camera = other
    hidden = box("Hidden", (0, 4, 1))
    hidden.hide_set(True)
    bpy.data.objects["Still"].hide_viewport = True
    bpy.data.objects["Still"].pass_index = 12
    sub = bpy.data.objects["Still"].modifiers.new("Subdivision", "SUBSURF")
    sub.levels, sub.render_levels = 0, 1
    key(hidden, "hide_render", {1: True, 3: False})
    folder = bpy.data.collections.new("Folder")
    scene.collection.children.link(folder)
    layer.layer_collection.children["Folder"].hide_viewport = True
    folder.hide_render = True
    editor = scene.sequence_editor_create()
    editor.strips.new_scene("Strip", scene, 1, 1)
    bpy.data.objects["Mover"].select_set(True)
    layer.objects.active = bpy.data.objects["Mover"]
    scene.frame_set(7, subframe=0.25)
    bpy.data.objects["Mover"].location = (9.0, 8.0, 7.0)  # keyed, and changed without a key
    thing.data.lens = 33.0
    thing["note"] = 5
    layer.update()
    return scene, thing


def ends_as_it_began(run) -> None:
    bpy.context.view_layer.update()
    before = file_state()
    assert len(before) > 3000  # it does look at the file
    run()
    changed = difference(before, file_state())
    assert not changed, changed


def test_success(shot, tmp_path):
    scene, thing = shot
    ends_as_it_began(lambda: session_of(spec_of(scene, thing), tmp_path, captures=ALL).run().request())
    assert tuple(bpy.data.objects["Mover"].location) == (9.0, 8.0, 7.0)
    assert (scene.frame_current, scene.frame_subframe) == (7, 0.25)


def test_an_unkeyed_change_is_told_and_the_keys_are_what_is_captured(shot, tmp_path):
    scene, thing = shot
    captured = session_of(spec_of(scene, thing), tmp_path, captures=ALL).run()
    assert any("Mover was changed without a key at frame 7" in warning for warning in captured.warnings)
    assert captured.motion.matrices[0, track(captured, "Mover") - 1, 0, 3] == pytest.approx(-1.8)


def test_cancel_after_every_step(shot, tmp_path):
    scene, thing = shot
    spec = spec_of(scene, thing, frame_end=2)
    steps = len(session_of(spec, tmp_path, captures=ALL)._work) + 4
    for stop in range(steps + 1):
        folder = tmp_path / str(stop)

        def run(stop=stop, folder=folder):
            session = session_of(spec, folder, captures=ALL)
            session.begin()
            for _ in range(stop):
                if session.step().finished:
                    break
            session.abort()
            session.abort()

        ends_as_it_began(run)
        assert not list(folder.rglob("*.*")) and not [p for p in folder.rglob("*") if p.is_file()], stop


def test_the_scene_is_put_back_in_parts_that_a_cancel_may_come_between(shot, tmp_path, monkeypatch):
    scene, thing = shot
    monkeypatch.setattr(session_module, "_PART_S", 0.0)  # one change a step
    words = []

    def run(parts: int, folder: Path) -> None:
        session = session_of(spec_of(scene, thing, frame_end=2), folder, captures=ALL)
        progress = session.begin()
        words.clear()
        while not progress.finished and len(words) < parts:
            progress = session.step()
            if progress.what == "Putting the scene back":
                words.append(progress.what)
        session.finish() if progress.finished else session.abort()

    ends_as_it_began(lambda: run(10_000, tmp_path / "whole"))
    count = len(words)
    assert count > 10, "a change a step"
    for parts in (1, count // 2, count - 1):
        ends_as_it_began(lambda parts=parts: run(parts, tmp_path / str(parts)))
        assert len(words) == parts


def test_the_second_of_two_sessions_that_overlap_ends_the_first_without_damage(shot, tmp_path):
    """The first sees the second's work as somebody else's change, and stops."""
    scene, thing = shot
    spec = spec_of(scene, thing)

    def run():
        first = session_of(spec, tmp_path / "1")
        first.begin()
        first.step()
        scene.frame_set(40)
        with pytest.raises(SecondUnitError) as error:
            first.step()
        assert error.value.code is ErrorCode.SCENE_CHANGED

    ends_as_it_began(run)


class Failing(HeadlessBackend):
    """Fails at the n-th drawing, in one way or another."""

    def __init__(self, error: BaseException, after: int):
        super().__init__()
        self._error, self._left = error, after

    def draw(self, *given):
        self._left -= 1
        if self._left < 0:
            raise self._error
        return super().draw(*given)


@pytest.mark.parametrize("error", [RuntimeError("driver"), MemoryError(), KeyboardInterrupt()], ids=repr)
@pytest.mark.parametrize("after", [0, 3])
def test_an_exception_while_drawing(shot, tmp_path, error, after):
    scene, thing = shot

    def run():
        session = session_of(spec_of(scene, thing), tmp_path, captures=ALL, backend=Failing(error, after))
        with pytest.raises(type(error)):
            session.run()

    ends_as_it_began(run)
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


def test_a_render_that_fails(shot, tmp_path):
    """Cycles cannot write its passes: a folder lies where the file should go."""
    scene, thing = shot

    def run():
        session = session_of(spec_of(scene, thing), tmp_path)
        session.begin()
        (tmp_path / "spool" / "geometry.exr").mkdir()
        with pytest.raises(SecondUnitError) as error:
            while not session.step().finished:
                pass
        assert error.value.code is ErrorCode.CAPTURE_FAILED and error.value.info.shot == "Street"
        (tmp_path / "spool" / "geometry.exr").rmdir()

    ends_as_it_began(run)


def test_a_disk_that_fills_up_under_the_writer(shot, tmp_path, monkeypatch):
    scene, thing = shot
    real = Path.write_bytes
    written = []

    def full(path: Path, data: bytes) -> int:
        written.append(path)
        if len(written) > 3:
            raise OSError(errno.ENOSPC, "No space left on device")
        return real(path, data)

    monkeypatch.setattr(Path, "write_bytes", full)

    def run():
        with pytest.raises(SecondUnitError) as error:
            session_of(spec_of(scene, thing), tmp_path).run()
        assert error.value.code is ErrorCode.DISK_FULL
        assert error.value.info.sentence().startswith("Street: The disk that holds ")

    ends_as_it_began(run)
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


def test_a_still(shot, tmp_path):
    scene, thing = shot
    ends_as_it_began(lambda: still.take(bpy.context, spec_of(scene, thing), "RENDER", tmp_path / "a" / "still.png"))
    image = bpy.data.images.load(str(tmp_path / "a" / "still.png"))
    assert tuple(image.size) == (96, 64) and image.channels == 4 and image.depth == 24
    assert [p.name for p in (tmp_path / "a").iterdir()] == ["still.png"]


def test_a_still_into_a_folder_that_cannot_be_written(shot, tmp_path):
    scene, thing = shot
    (tmp_path / "file").write_text("in the way")

    def run():
        with pytest.raises(SecondUnitError) as error:
            still.take(bpy.context, spec_of(scene, thing), "RENDER", tmp_path / "file" / "still.png")
        assert error.value.code is ErrorCode.NOT_WRITABLE

    ends_as_it_began(run)


def test_the_artists_last_render_is_still_there(shot, tmp_path):
    scene, thing = shot
    bpy.ops.render.render()
    result = bpy.data.images["Render Result"]
    slot = result.render_slots.active_index
    result.render_slots.new(name="Second Unit")  # ours, from a capture before: Blender cannot remove it
    result.save_render(str(tmp_path / "before.png"))

    def run():
        session_of(spec_of(scene, thing), tmp_path, captures=ALL).run()
        still.take(bpy.context, spec_of(scene, thing), "RENDER", tmp_path / "still.png")

    ends_as_it_began(run)
    assert result.render_slots.active_index == slot and len(result.render_slots) == 9
    result.save_render(str(tmp_path / "after.png"))
    assert (tmp_path / "after.png").read_bytes() == (tmp_path / "before.png").read_bytes()


def test_a_deleted_object_does_not_keep_the_rest_from_being_put_back(shot, tmp_path):
    scene, thing = shot
    session = session_of(spec_of(scene, thing), tmp_path)
    session.begin()
    session.step()
    bpy.data.objects.remove(bpy.data.objects["Still"])
    with pytest.raises(SecondUnitError) as error:
        session.step()
    assert error.value.code is ErrorCode.SCENE_CHANGED
    assert scene.render.engine == "BLENDER_WORKBENCH" and scene.camera.name == "Other"
    assert not [c for c in bpy.data.cameras if c.name.startswith("Second Unit")]
