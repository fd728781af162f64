# SPDX-License-Identifier: GPL-3.0-or-later
"""What cannot be captured is refused in a sentence of its own; what is unusual but sound is captured."""

from __future__ import annotations

import shutil
from types import SimpleNamespace

import addon_utils
import bpy
import numpy as np
import pytest
from bl_ext.user_default.second_unit import capture as capturing
from bl_ext.user_default.second_unit.capture import writer
from bl_ext.user_default.second_unit.capture.headless import HeadlessBackend
from bl_ext.user_default.second_unit.core import rules
from bl_ext.user_default.second_unit.core.pictures import write_png
from bl_ext.user_default.second_unit.core.spec import ReferenceSource, ReferenceSpec
from bl_ext.user_default.second_unit.protocol.errors import REMEDY, ErrorCode, SecondUnitError
from bl_ext.user_default.second_unit.protocol.shot import PlaneKind
from bl_ext.user_default.second_unit.scene.facts import read_facts
from bl_ext.user_default.second_unit.scene.match import RenderMatch
from bl_ext.user_default.second_unit.scene.settings import Settings

from tests.blender.captures import ALL, box, camera, capture, key, plane, session_of, spec_of, standard_scene, track
from tests.blender.file_state import difference, file_state

GREY = np.full((64, 96, 3), 128, np.uint8)


def pinned(path="", *, frame=1.0, source=ReferenceSource.FILE, image="", name="plate") -> ReferenceSpec:
    return ReferenceSpec("uid-" + name, name, frame, source, str(path), image)


def refused(spec, folder) -> SecondUnitError:
    """The error of a capture, which leaves nothing behind."""
    before = file_state()
    with pytest.raises(SecondUnitError) as error:
        session_of(spec, folder, captures=ALL).run()
    assert difference(before, file_state()) == {}
    assert not [path for path in (folder / "spool").rglob("*") if path.is_file()]
    assert error.value.info.shot == "Street" and error.value.info.remedy
    return error.value


# --- the camera --------------------------------------------------------------------------------------------------


def test_no_camera(tmp_path):
    error = refused(spec_of(bpy.context.scene, None), tmp_path)
    assert error.code is ErrorCode.NO_CAMERA
    assert error.info.sentence() == f"Street: The shot has no camera. {REMEDY[ErrorCode.NO_CAMERA]}"


def test_a_camera_of_another_scene(tmp_path):
    thing = camera()
    other = bpy.data.scenes.new("Other")
    other.view_layers[0].update()  # a scene that never was evaluated has no active collection until it is
    error = refused(spec_of(other, thing), tmp_path)
    assert error.code is ErrorCode.NO_CAMERA and "The camera Camera is not in the scene Other" in str(error)


@pytest.mark.parametrize(("kind", "word"), [("ORTHO", "orthographic"), ("PANO", "panoramic")])
def test_a_camera_without_perspective(kind, word, tmp_path):
    scene, thing = bpy.context.scene, standard_scene()
    thing.data.type = kind
    error = refused(spec_of(scene, thing), tmp_path)
    assert error.code is ErrorCode.CAMERA_NOT_PERSPECTIVE and f"The camera Camera is {word}." in str(error)


def test_a_camera_that_is_mirrored_in_the_middle_of_the_shot(tmp_path):
    scene, thing = bpy.context.scene, standard_scene()
    key(thing, "scale", {1: (1, 1, 1), 3: (-1, 1, 1)})
    scene.frame_set(1)
    error = refused(spec_of(scene, thing), tmp_path)
    assert error.code is ErrorCode.CAMERA_NOT_PERSPECTIVE and "mirrored, flat or sheared" in str(error)


# --- range and references, by the rules that the panel and Shoot ask ---------------------------------------------


def problems(spec) -> list[str]:
    return [info.sentence() for info in rules.check(spec, read_facts(spec, needs_references=False))]


def test_rules_of_range_and_references(tmp_path):
    scene, thing = bpy.context.scene, standard_scene()
    good, square = tmp_path / "good.png", tmp_path / "square.png"
    good.write_bytes(write_png(GREY))
    square.write_bytes(write_png(GREY[:, :64]))
    assert problems(spec_of(scene, thing, references=(pinned(good),))) == []
    said = {
        "The range is empty: it ends at frame 2, before its start at 9. Make": dict(frame_start=9, frame_end=2),
        "The picture of reference plate is missing: ": dict(references=(pinned(tmp_path / "gone.png"),)),
        "Reference plate has no picture. ": dict(references=(pinned(""),)),
        "Reference plate is pinned to frame 4, outside the range 1 to 3. ": dict(references=(pinned(good, frame=4.0),)),
        "Reference plate is 64 × 64 (1.000 : 1), the shot 96 × 64 (1.500 : 1). ": dict(
            references=(pinned(square),), engine="made-up"
        ),
        "The size 8 × 64 is out of range. ": dict(width=8),
    }
    for words, changed in said.items():
        found = problems(spec_of(scene, thing, **changed))
        assert len(found) == 1 and found[0].startswith(f"Street: {words}"), found
    with_handle = spec_of(scene, thing, handle_after=1, references=(pinned(good, frame=4.0),))
    assert problems(with_handle) == []
    assert problems(spec_of(scene, thing, references=(pinned(square),))) == [], "projection takes any aspect"


def test_a_picture_that_goes_away_between_press_and_capture(tmp_path):
    scene, thing = bpy.context.scene, standard_scene()
    error = refused(spec_of(scene, thing, references=(pinned(tmp_path / "gone.png"),)), tmp_path)
    assert error.code is ErrorCode.REFERENCE_MISSING and str(tmp_path / "gone.png") in str(error)
    error = refused(spec_of(scene, thing, references=(pinned(source=ReferenceSource.IMAGE, image="Lost"),)), tmp_path)
    assert error.code is ErrorCode.REFERENCE_MISSING and "Lost" in str(error)


def test_a_picture_that_is_none(tmp_path):
    scene, thing = bpy.context.scene, standard_scene()
    (tmp_path / "text.tif").write_text("not a picture")
    error = refused(spec_of(scene, thing, references=(pinned(tmp_path / "text.tif"),)), tmp_path)
    assert error.code is ErrorCode.REFERENCE_UNREADABLE


# --- references' pictures ----------------------------------------------------------------------------------------


def test_a_reference_brings_its_own_time_picture_and_geometry(tmp_path):
    """Between two clip frames: depth and what moves are captured there, colour is not."""
    scene, thing = bpy.context.scene, standard_scene()
    (tmp_path / "plate.png").write_bytes(write_png(GREY))
    spec = spec_of(scene, thing, references=(pinned(tmp_path / "plate.png", frame=1.5),))
    shot = capture(spec, tmp_path, captures=ALL)
    assert [float(moment) for moment in shot.times] == [1.0, 1.5, 2.0, 3.0]
    reference = shot.request().references[0]
    assert reference.scene_frame == 1.5 and reference.depth and reference.index
    assert shot.files[reference.image.digest].read_bytes() == (tmp_path / "plate.png").read_bytes()
    assert (PlaneKind.COLOUR, shot.times[1]) not in shot.refs
    moved = shot.motion.matrices[:, track(shot, "Mover") - 1, 0, 3]
    assert moved[0] < moved[1] < moved[2]


def test_images_of_the_file_arrive_in_their_own_colours(tmp_path):
    """A byte image value for value; a float image through the scene's view transform, as a render is saved."""
    scene, thing = bpy.context.scene, standard_scene()
    scene.view_settings.view_transform = "Standard"
    plain = bpy.data.images.new("Plain", 96, 64)
    plain.pixels.foreach_set(np.tile(np.float32([0.2, 0.4, 0.6, 1.0]), 96 * 64))
    light = bpy.data.images.new("Light", 96, 64, float_buffer=True)
    light.pixels.foreach_set(np.tile(np.float32([0.2, 0.5, 0.05, 1.0]), 96 * 64))
    references = tuple(pinned(source=ReferenceSource.IMAGE, image=n, name=n) for n in ("Plain", "Light"))
    shot = capture(spec_of(scene, thing, references=references), tmp_path)
    expected = {"Plain": (51, 102, 153), "Light": (124, 188, 63)}
    for reference in shot.request().references:
        copy = tmp_path / f"{reference.name}.png"
        copy.write_bytes(shot.files[reference.image.digest].read_bytes())
        image = bpy.data.images.load(str(copy))
        value = np.array(image.pixels[: image.channels])[:3] * 255
        assert value == pytest.approx(expected[reference.name], abs=1)


# --- the disk and the file ---------------------------------------------------------------------------------------


def test_a_full_disk_is_told_before_anything_is_captured(tmp_path, monkeypatch):
    scene, thing = bpy.context.scene, standard_scene()
    monkeypatch.setattr(writer.shutil, "disk_usage", lambda _: SimpleNamespace(free=5_000_000))
    error = refused(spec_of(scene, thing), tmp_path)
    assert error.code is ErrorCode.DISK_FULL
    assert str(tmp_path) in str(error) and "5 MB left. Free some space" in str(error)


def test_a_spool_folder_that_is_a_file(tmp_path):
    scene, thing = bpy.context.scene, standard_scene()
    (tmp_path / "spool").write_text("in the way")
    with pytest.raises(SecondUnitError) as error:
        session_of(spec_of(scene, thing), tmp_path).run()
    assert error.value.code is ErrorCode.NOT_WRITABLE and error.value.info.shot == "Street"


def test_an_unsaved_file_is_captured_and_a_saved_one_names_itself(tmp_path):
    scene, thing = bpy.context.scene, standard_scene()
    spec = spec_of(scene, thing)
    assert capture(spec, tmp_path / "a").request().facts.blend_file == ""
    facts = read_facts(spec, needs_references=True)
    assert any("not saved yet" in note for note in rules.notes(spec, facts))
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "street.blend"))
    assert capture(spec, tmp_path / "b").request().facts.blend_file == "street.blend"


# --- edits meanwhile ---------------------------------------------------------------------------------------------


def _delete_scene() -> None:
    scene = bpy.context.scene
    bpy.data.scenes.new("Left over")
    bpy.data.scenes.remove(scene)


EDITS = {
    "an object is moved": (lambda: setattr(bpy.data.objects["Still"], "location", (5, 5, 5)), "Still was changed"),
    "a mesh is changed": (
        lambda: bpy.data.objects["Still"].data.transform(((2, 0, 0, 0), (0, 1, 0, 0), (0, 0, 1, 0), (0, 0, 0, 1))),
        "Still",
    ),
    "the frame is changed": (lambda: bpy.context.scene.frame_set(44), "The scene was moved to frame 44"),
    "an object is deleted": (lambda: bpy.data.objects.remove(bpy.data.objects["Still"]), ""),
    "an object is added": (lambda: box("New"), ""),
    "the scene is deleted": (_delete_scene, "went away"),
}


@pytest.mark.parametrize("edit", EDITS)
@pytest.mark.parametrize("after", [0, 4])
def test_a_scene_that_is_edited_meanwhile_ends_the_capture(edit, after, tmp_path):
    scene, thing = bpy.context.scene, standard_scene()
    change, words = EDITS[edit]
    session = session_of(spec_of(scene, thing), tmp_path)
    session.begin()
    for _ in range(after):
        session.step()
    change()
    if "mesh" in edit:
        bpy.data.objects["Still"].data.update()
    with pytest.raises(SecondUnitError) as error:
        session.step()
    assert error.value.code is ErrorCode.SCENE_CHANGED
    assert words in str(error.value) and "Press Shoot again" in str(error.value)
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


def test_selecting_and_looking_around_do_not_end_it(tmp_path):
    scene, thing = bpy.context.scene, standard_scene()
    session = session_of(spec_of(scene, thing), tmp_path)
    progress = session.begin()
    while not progress.finished:
        bpy.data.objects["Still"].select_set(progress.done % 2 == 0)
        bpy.context.view_layer.objects.active = bpy.data.objects["Still"]
        scene.render.use_lock_interface = progress.done % 2 == 0
        progress = session.step()
    assert session.finish().request().grid.count == 3


# --- scenes as they come -----------------------------------------------------------------------------------------


def test_linked_objects_and_overrides_are_captured_and_left_alone(tmp_path):
    scene, thing = bpy.context.scene, standard_scene()
    key(bpy.data.objects["Mover"], "hide_render", {1: False})
    bpy.data.objects["Still"].hide_viewport = True
    library = tmp_path / "library.blend"
    bpy.data.libraries.write(str(library), {bpy.data.objects["Mover"], bpy.data.objects["Still"]}, fake_user=True)
    for name in ("Mover", "Still"):
        bpy.data.objects.remove(bpy.data.objects[name])
    with bpy.data.libraries.load(str(library), link=True) as (_, wanted):
        wanted.objects = ["Mover", "Still"]
    mover, still = wanted.objects
    still.hide_viewport = False  # Blender works out no matrices of what it never showed
    scene.collection.objects.link(still)
    bpy.context.view_layer.update()
    still.hide_viewport = True
    scene.collection.objects.link(mover.override_create(remap_local_usages=True))
    for kind in ("JPEG", "PNG"):  # a new scene's format has no colour space until it is set for the first time
        scene.render.image_settings.file_format = kind
    bpy.context.view_layer.update()
    before = file_state()
    shot = capture(spec_of(scene, thing), tmp_path, captures=ALL)
    changed = difference(before, file_state())
    assert not changed, changed
    assert [entry.name for entry in shot.motion.tracks] == ["Mover"]
    index, depth = plane(shot, PlaneKind.INDEX, 1), plane(shot, PlaneKind.DEPTH, 1)
    assert (index == 1).sum() > 50 and np.isfinite(depth).any()


def test_another_scene_than_the_open_one(tmp_path):
    scene, thing = bpy.context.scene, standard_scene()
    spec = spec_of(scene, thing)
    here = plane(capture(spec, tmp_path / "a"), PlaneKind.DEPTH, 2)
    other = bpy.data.scenes.new("Open")
    bpy.context.window.scene = other
    assert bpy.context.scene == other
    np.testing.assert_array_equal(plane(capture(spec, tmp_path / "b"), PlaneKind.DEPTH, 2), here)
    assert bpy.context.scene == other


def test_without_cycles_and_without_a_window_there_is_a_sentence():
    addon_utils.disable("cycles")
    try:
        assert not HeadlessBackend.available(bpy.context)
        with pytest.raises(SecondUnitError) as error:
            capturing.choose(bpy.context)
        assert error.value.code is ErrorCode.NO_VIEWPORT
        assert "Cycles" in str(error.value)
    finally:
        addon_utils.enable("cycles")
    assert capturing.choose(bpy.context).name == "headless"


def unmatched(settings: Settings, detail: bool) -> list[str]:
    scene = bpy.context.scene
    match = RenderMatch(scene, scene.view_layers[0], settings, detail)
    while not match.some(scene.view_layers[0], 0.0001):  # in many parts, as a large scene has it
        pass
    return match.unmatched


def test_a_viewports_match_names_what_it_cannot_match():
    leaf = box("Leaf")
    cut = bpy.data.materials.new("Cut out")
    cut.use_nodes = True
    cut.node_tree.nodes["Principled BSDF"].inputs["Alpha"].default_value = 0.4
    leaf.data.materials.append(cut)
    box("Solid")
    asks = box("Asks").modifiers.new("Nodes", "NODES")
    asks.node_group = bpy.data.node_groups.new("Group", "GeometryNodeTree")
    asks.node_group.nodes.new("GeometryNodeIsViewport")
    bpy.context.view_layer.update()
    settings = Settings()
    said = unmatched(settings, True)
    settings.restore()
    assert sorted(line.split(":")[0] for line in said) == ["Asks", "Leaf"]
    said = unmatched(Settings(), False)
    assert [line.split(":")[0] for line in said] == ["Asks"], "its vertices are read from the viewport's mesh"


def test_the_spool_is_the_files_that_the_request_names(tmp_path):
    scene, thing = bpy.context.scene, standard_scene()
    shot = capture(spec_of(scene, thing), tmp_path, captures=ALL)
    assert {path.name for path in (tmp_path / "spool").iterdir()} == set(shot.files)
    shutil.rmtree(tmp_path / "spool")
