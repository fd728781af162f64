# SPDX-License-Identifier: GPL-3.0-or-later
"""Takes kept in order: named, starred, thrown away, and told from the shot as it stands now."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from types import SimpleNamespace

import bpy
import pytest
from bl_ext.user_default.second_unit.link import current, pump
from bl_ext.user_default.second_unit.link.journal import Entry
from bl_ext.user_default.second_unit.sequencer import memory, provenance
from bl_ext.user_default.second_unit.ui import disk
from bl_ext.user_default.second_unit.ui.shot import stamp
from bl_ext.user_default.second_unit.ui.shot.spec import shot_spec
from bl_ext.user_default.second_unit.ui.takes import keeping, trash, view

from tests.blender import footage
from tests.blender.inside import PACKAGE


@pytest.fixture(scope="module")
def edge(tmp_path_factory) -> Path:
    return footage.edge_clip(tmp_path_factory.mktemp("clips") / "edge.mp4")


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch) -> None:
    """A fresh user folder, and no daemon."""
    monkeypatch.setenv("SECOND_UNIT_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("PATH", "")
    current.link.close()
    memory.close()


def shown(job_id: str) -> view.TakeView:
    view.refresh()
    found = view.of_job(job_id)
    assert found is not None
    return found


def test_a_name_and_a_star_outlive_the_session(edge):
    record = footage.note_finished(edge)
    pump.tick()
    assert (shown(record.job_id).title, shown(record.job_id).starred) == ("Take 1", False)
    bpy.ops.second_unit.take_rename(job_id=record.job_id, label=" the good one ")
    if sys.platform == "linux":  # PATH is empty here
        assert bpy.ops.second_unit.take_folder(job_id=record.job_id) == {"CANCELLED"}
    bpy.ops.second_unit.take_star(job_id=record.job_id)
    memory.close()
    memory.ensure_open()
    assert (shown(record.job_id).title, shown(record.job_id).starred) == ("the good one", True)
    bpy.ops.second_unit.take_star(job_id=record.job_id)
    bpy.ops.second_unit.take_rename(job_id=record.job_id, label="")
    assert (shown(record.job_id).title, shown(record.job_id).starred) == ("Take 1", False)


def test_the_seed_of_the_last_take_is_kept_by_one_press_and_let_go_by_another(edge):
    bpy.ops.second_unit.shot_add()
    shot = bpy.context.scene.second_unit.shots[0]
    for number, seed in ((1, 5), (2, 77)):
        footage.note_finished(edge, number=number, shot_id=shot.uid, seed=seed)
    pump.tick()
    view.refresh()
    bpy.ops.second_unit.seed_keep()
    assert (shot.random_seed, shot.seed) == (False, 77)
    bpy.ops.second_unit.seed_keep()
    assert (shot.random_seed, shot.seed) == (True, 77)


def test_with_shift_a_take_is_deleted_without_asking(edge):
    record, done = footage.note_finished(edge), {"FINISHED"}
    operator = SimpleNamespace(record=lambda _context: record, execute=lambda _context: done, job_id="")
    assert keeping.SECOND_UNIT_OT_take_delete.invoke(operator, bpy.context, SimpleNamespace(shift=True)) == done
    assert operator.job_id == record.job_id


def test_who_looks_at_the_newest_take_goes_on_to_the_next_and_who_looks_at_another_stays(edge):
    manager = bpy.context.window_manager
    jobs = []
    for number in (1, 2):
        jobs.append(footage.note_finished(edge, number=number).job_id)
        pump.tick()  # the list looks as soon as there is something new
        assert view.active_job(manager) == jobs[-1]
    manager.second_unit.active_take = 1
    assert view.active_job(manager) == jobs[0]
    footage.note_finished(edge, number=3)
    pump.tick()
    assert [row.name for row in manager.second_unit.takes] == ["Take 3", "Take 2", "Take 1"]
    assert view.active_job(manager) == jobs[0]


def test_a_deleted_take_goes_to_the_trash_with_its_strip_and_never_over_another_file(edge):
    first = footage.note_finished(edge)
    pump.tick()
    file = view.file_of(first)
    trash = file.parent / "trash"
    trash.mkdir()
    (trash / file.name).write_bytes(b"an older one")
    assert len(footage.movies()) == 1
    view.refresh()
    bpy.ops.second_unit.take_delete(job_id=first.job_id)
    assert footage.movies() == [] and not file.exists()
    assert (trash / file.name).read_bytes() == b"an older one"
    assert (trash / "take_001.001.mp4").stat().st_size > 1000
    view.refresh()
    assert view.of_job(first.job_id) is None


def test_undo_brings_a_deleted_take_back_with_its_files_and_its_strip_and_redo_takes_it_off_again(edge):
    record = footage.note_finished(edge)
    pump.tick()
    file = view.file_of(record)
    view.refresh()
    bpy.ops.ed.undo_push(message="before")
    bpy.ops.second_unit.take_delete(job_id=record.job_id)
    bpy.ops.ed.undo_push(message="deleted")
    assert not file.exists() and footage.movies() == []
    bpy.ops.ed.undo()
    assert file.exists() and not (file.parent / "trash" / file.name).exists()
    assert len(footage.movies()) == 1 and shown(record.job_id).status == view.ON_TIMELINE
    bpy.ops.ed.redo()
    view.refresh()
    assert not file.exists() and footage.movies() == [] and view.of_job(record.job_id) is None


def test_undo_brings_back_a_take_that_was_only_taken_off_the_list(edge):
    record = footage.note_finished(edge)
    pump.tick()
    view.refresh()
    bpy.ops.ed.undo_push(message="before")
    bpy.ops.second_unit.take_remove(job_id=record.job_id)
    bpy.ops.ed.undo_push(message="removed")
    assert view.of_job(record.job_id) is None and view.file_of(record).exists()
    bpy.ops.ed.undo()
    assert shown(record.job_id).title == "Take 1"
    trash.tick()
    assert footage.movies()


def test_in_the_sequencer_a_take_is_the_chosen_strips(edge):
    first, second = (footage.note_finished(edge, number=number) for number in (1, 2))
    while len(footage.movies()) < 2:
        pump.tick()
    view.refresh()
    assert view.active_job(bpy.context.window_manager) == second.job_id, "the list's"
    scene = bpy.context.scene
    other = scene.sequence_editor.strips.new_movie("other", str(view.file_of(first)), 9, 1)
    with footage.in_sequencer(scene, provenance.find_strip(first.job_id)[1]):
        bpy.ops.second_unit.take_star()
    with footage.in_sequencer(scene, other), pytest.raises(RuntimeError, match="This strip shows no take"):
        bpy.ops.second_unit.take_star()
    scene.sequence_editor.active_strip = None
    assert (shown(first.job_id).starred, shown(second.job_id).starred) == (True, False)


def test_a_take_inside_a_meta_strip_is_deleted_too(edge):
    record = footage.note_finished(edge)
    pump.tick()
    scene = bpy.context.scene
    (movie,) = footage.movies()
    meta = scene.sequence_editor.strips.new_meta("M", channel=5, frame_start=1)
    movie.move_to_meta(meta)
    view.refresh()
    bpy.ops.second_unit.take_delete(job_id=record.job_id)
    assert footage.movies() == [] and meta.name in scene.sequence_editor.strips


def test_only_as_many_takes_stay_as_the_preferences_keep_but_starred_and_shown_ones(edge):
    settings = bpy.context.preferences.addons[PACKAGE].preferences
    records = [footage.note_finished(edge, number=number) for number in range(1, 7)]
    while len(footage.movies()) < 6:
        pump.tick()
    for record in records:
        current.tracker.journal.write(Entry.ACKNOWLEDGED, record.job_id)
    scene = bpy.context.scene
    for strip in footage.movies():
        if strip.second_unit.take != 2:
            scene.sequence_editor.strips.remove(strip)
    view.refresh()
    bpy.ops.second_unit.take_star(job_id=records[0].job_id)
    try:
        settings.keep_takes = 2
        for _ in range(8):
            pump.tick()
    finally:
        settings.keep_takes = 0
    left = [record.take for record in view.listed()]
    assert left == [6, 5, 2, 1], "the newest two, the one on the timeline, the one with a star"
    trash = view.file_of(records[0]).parent / "trash"
    assert sorted(file.name for file in trash.iterdir()) == ["take_003.mp4", "take_004.mp4"]


@pytest.fixture
def set_up() -> bpy.types.Object:
    """A shot with a keyed camera and a box."""
    scene = bpy.context.scene
    camera = bpy.data.objects.new("Cam", bpy.data.cameras.new("Cam"))
    scene.collection.objects.link(camera)
    scene.camera = camera
    for frame, x in ((1, 0.0), (20, 2.0)):
        camera.location.x = x
        camera.keyframe_insert("location", frame=frame)
    bpy.ops.mesh.primitive_cube_add()
    bpy.ops.second_unit.shot_add()
    scene.second_unit.shots[0].prompt = "rain"
    return camera


def stamps() -> dict[str, str]:
    context = bpy.context
    return stamp.stamp_of(shot_spec(context.scene, context.view_layer, context.scene.second_unit.shots[0]))


def test_what_changed_since_a_take_is_told_in_words(set_up):
    before = stamps()
    bpy.context.scene.frame_set(9)
    assert stamp.changed(before, stamps()) == "", "another frame is no change"
    bpy.context.scene.second_unit.shots[0].name = "Renamed"
    bpy.context.scene.second_unit.shots[0].seed = 8
    assert stamp.changed(before, stamps()) == ""

    bpy.context.scene.second_unit.shots[0].prompt = "snow"
    assert stamp.changed(before, stamps()) == "the settings"
    bpy.data.objects["Cube"].location.z = 1.0
    assert stamp.changed(before, stamps()) == "the scene and the settings"
    set_up.location.y = 3.0
    set_up.keyframe_insert("location", frame=5)
    assert stamp.changed(before, stamps()) == "the camera, the scene and the settings"
    assert stamp.changed({}, stamps()) == "", "a take of an older version knows nothing"


@pytest.mark.parametrize(
    "change",
    [
        lambda: setattr(bpy.data.cameras["Cam"], "lens", 24.0),
        lambda: setattr(bpy.data.objects["Cam"], "parent", bpy.data.objects["Cube"]),
    ],
)
def test_a_lens_and_a_parent_are_part_of_the_camera(set_up, change):
    before = stamps()
    change()
    assert stamp.changed(before, stamps()) == "the camera"


def _recolour() -> None:
    bpy.data.objects["Cube"].active_material.diffuse_color = (1.0, 0.0, 0.0, 1.0)


def _rewire() -> None:
    tree = bpy.data.objects["Cube"].active_material.node_tree
    next(node for node in tree.nodes if node.type == "BSDF_PRINCIPLED").inputs["Roughness"].default_value = 0.1


@pytest.mark.parametrize(
    "change",
    [
        _recolour,
        _rewire,
        lambda: setattr(bpy.data.objects["Cube"].data.vertices[0], "co", (-2.0, 0.0, 0.0)),
        lambda: setattr(bpy.data.lights["Sun"], "energy", 9.0),
        lambda: setattr(bpy.data.worlds["Sky"], "color", (1.0, 0.0, 0.0)),
    ],
)
def test_shapes_materials_and_lights_are_part_of_the_look(set_up, change):
    scene, material = bpy.context.scene, bpy.data.materials.new("Red")
    material.use_nodes = True
    bpy.data.objects["Cube"].active_material = material
    sun = bpy.data.lights.new("Sun", "SUN")
    scene.collection.objects.link(bpy.data.objects.new("Sun", sun))
    scene.world = bpy.data.worlds.new("Sky")
    roughness = 'nodes["Principled BSDF"].inputs[1].default_value'
    for frame, value in ((1, 1.0), (9, 3.0)):
        sun.specular_factor = value
        sun.keyframe_insert("specular_factor", frame=frame)
        material.node_tree.nodes["Principled BSDF"].inputs[1].default_value = value / 4
        material.node_tree.keyframe_insert(roughness, frame=frame)
    before = stamps()
    scene.frame_set(5)
    assert stamp.changed(before, stamps()) == "", "another frame is no change"
    change()
    assert stamp.changed(before, stamps()) == "shapes, materials or lights"


def test_a_scene_is_looked_at_in_turns_and_may_change_meanwhile(set_up):
    context = bpy.context
    for _ in range(20):
        bpy.ops.object.duplicate()
    bpy.data.objects["Cube"].active_material = bpy.data.materials.new("Gone Soon")
    spec = shot_spec(context.scene, context.view_layer, context.scene.second_unit.shots[0])
    stamping, turns = stamp.Stamping(spec), 1
    assert "scene" not in stamping.done
    while stamping.turn(0.0):
        turns += 1
    assert turns > 20 and stamping.done == stamps()

    stamping = stamp.Stamping(spec)
    for _ in range(5):
        assert stamping.turn(0.0)
    for thing in [each for each in bpy.data.objects if each.type == "MESH"]:
        bpy.data.objects.remove(thing)
    bpy.data.materials.remove(bpy.data.materials["Gone Soon"])
    while stamping.turn(0.0):
        pass
    assert stamp.changed(stamping.done, stamps()) == "the scene and shapes, materials or lights"

    bpy.ops.mesh.primitive_cube_add()
    watched = stamp.Watched()
    while not watched.look(spec)["look"]:
        pass
    assert watched.now == stamps()


def test_another_blender_tells_a_look_in_its_own_way():
    assert stamp.changed({"look": "a1 5.0"}, {"look": "b2 5.2"}) == ""
    assert stamp.changed({"look": "a1 5.2"}, {"look": "b2 5.2"}) == "shapes, materials or lights"


def test_a_changed_picture_is_told(set_up, tmp_path):
    picture = tmp_path / "a.png"
    picture.write_bytes(b"1")
    bpy.ops.second_unit.reference_add_file(filepath=str(picture))
    before = stamps()
    bpy.context.scene.second_unit.shots[0].references[0].scene_frame = 4
    assert stamp.changed(before, stamps()) == "the references"
    before = stamps()
    picture.write_bytes(b"painted over")
    disk.clear()
    assert stamp.changed(before, stamps()) == "the references"


def test_a_project_that_is_copied_elsewhere_is_the_same(set_up, tmp_path):
    for folder in ("here", "there"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "a.png").write_bytes(b"picture")
    os.utime(tmp_path / "there" / "a.png", (1, 1))
    bpy.ops.second_unit.reference_add_file(filepath=str(tmp_path / "here" / "a.png"))
    before = stamps()
    bpy.context.scene.second_unit.shots[0].references[0].path = str(tmp_path / "there" / "a.png")
    assert stamp.changed(before, stamps()) == ""
