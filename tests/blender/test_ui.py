# SPDX-License-Identifier: GPL-3.0-or-later
"""The operators and properties as scripts use them, what they say of themselves, and what a disabled add-on leaves."""

from __future__ import annotations

import importlib
from pathlib import Path
from types import SimpleNamespace
from unittest.mock import MagicMock

import addon_utils
import bpy
import pytest
from bl_ext.user_default.second_unit.protocol.grid import FrameGrid, Rate

from tests.blender import footage
from tests.blender.inside import PACKAGE

OWNERS = (bpy.types.Scene, bpy.types.WindowManager, bpy.types.Strip)
KINDS = (
    bpy.types.Panel,
    bpy.types.UIList,
    bpy.types.Menu,
    bpy.types.Operator,
    bpy.types.PropertyGroup,
    bpy.types.AddonPreferences,
    bpy.types.FileHandler,
)


def part(name: str):
    return importlib.import_module(f"{PACKAGE}.{name}")


def classes() -> list[type]:
    """Every registered class of the add-on."""
    found = [cls for kind in KINDS for cls in kind.__subclasses__() if cls.__module__.startswith(PACKAGE)]
    return [cls for cls in found if cls.is_registered]


def shots():
    return bpy.context.scene.second_unit.shots


def add_shots(*names: str) -> None:
    for name in names:
        bpy.ops.second_unit.shot_add()
        shots()[-1].name = name


def test_every_operator_and_property_says_what_it_does_without_a_full_stop():
    silent, stopped = [], []
    for cls in classes():
        told = {cls.__name__: _tooltip(cls)} if issubclass(cls, bpy.types.Operator) else {}
        if not issubclass(cls, bpy.types.Panel | bpy.types.Menu | bpy.types.UIList | bpy.types.FileHandler):
            own = [prop for prop in cls.bl_rna.properties if prop.identifier in cls.__annotations__]
            told |= {f"{cls.__name__}.{p.identifier}": p.description for p in own if not p.is_hidden}
        rows = cls.__name__.startswith("SECOND_UNIT_PG_take")  # drawn, never shown as properties
        silent += [name for name, text in told.items() if not text and not rows and not _is_list(cls, name)]
        stopped += [name for name, text in told.items() if text.endswith(".")]
    assert not silent
    assert not stopped


def _tooltip(cls: type) -> str:
    return getattr(bpy.ops.second_unit, cls.bl_idname.partition(".")[2]).get_rna_type().description


def _is_list(cls: type, name: str) -> bool:
    prop = cls.bl_rna.properties.get(name.rpartition(".")[2])
    return prop is not None and (prop.type == "COLLECTION" or "filter_glob" in name)


def test_names_of_classes_follow_blenders_scheme():
    marks = {bpy.types.Panel: "_PT_", bpy.types.UIList: "_UL_", bpy.types.Menu: "_MT_", bpy.types.Operator: "_OT_"}
    marks[bpy.types.FileHandler] = "_FH_"
    for cls in classes():
        for kind, mark in marks.items():
            if issubclass(cls, kind):
                assert cls.__name__.startswith(f"SECOND_UNIT{mark}")
    assert len(classes()) > 35


def test_the_interface_speaks_german_where_blender_does():
    words, view = bpy.app.translations, bpy.context.preferences.view
    language = next((name for name in ("de", "de_DE") if name in words.locales), None)
    if language is None:
        pytest.skip("this Blender was built without its languages")
    before = view.language
    view.language, view.use_translate_interface, view.use_translate_tooltips = language, True, True
    part("link.pump").tick()
    try:
        assert words.pgettext_iface("Before You Shoot") == "Vor dem Drehen"
        assert words.pgettext_iface("Shoot", "Operator") == "Drehen"
        assert words.pgettext_tip("Draw a new seed for every take; the take remembers it").startswith("Für jeden Take")
    finally:
        view.language = before
    assert words.pgettext_iface("Before You Shoot") == "Before You Shoot"


def test_disabling_twice_leaves_nothing():
    enabled = traces()
    assert len(enabled) > 40
    for _ in range(2):
        addon_utils.disable(PACKAGE, default_set=True)
        assert traces() == []
        addon_utils.enable(PACKAGE, default_set=True)
        assert traces() == enabled


def traces() -> list[str]:
    """Whatever of the add-on Blender holds."""
    found = [name for name in dir(bpy.types) if name.startswith("SECOND_UNIT_")]
    found += [owner.__name__ for owner in OWNERS if "second_unit" in owner.bl_rna.properties]
    for event in dir(bpy.app.handlers):
        handlers = getattr(bpy.app.handlers, event)
        if isinstance(handlers, list):
            found += [f"{event} {handler.__name__}" for handler in handlers if handler.__module__.startswith(PACKAGE)]
    pump = part("link.pump")
    found += [f"chore {chore}" for chore in pump._chores]
    found += ["timer"] if bpy.app.timers.is_registered(pump._timer) else []
    found += ["previews" for _ in part("ui.previews")._collections]
    return sorted(found)


def test_a_copied_shot_has_its_settings_and_references_but_is_another_shot():
    add_shots("Alley")
    first = shots()[0]
    first.prompt, first.use_scene_range, first.frame_end, first.engine = "rain", False, 77, "somewhere-else"
    pinned = first.references.add()
    pinned.uid, pinned.name, pinned.scene_frame = "pin", "plate", 12.5
    bpy.ops.second_unit.shot_duplicate()
    first, copy = shots()
    assert (copy.prompt, copy.frame_end, copy.engine) == ("rain", 77, "somewhere-else")
    assert [(r.name, r.scene_frame) for r in copy.references] == [("plate", 12.5)]
    assert copy.uid != first.uid and copy.references[0].uid != "pin"
    assert copy.name == "Alley.001"


def test_a_shot_is_copied_to_another_scene_with_its_characters():
    add_shots("Alley", "Roof")
    here, there = bpy.context.scene.second_unit, bpy.data.scenes.new("Night").second_unit
    there.shots.add().name = "Roof"
    here.shots[1].references.add().path = "//plate.png"
    bpy.ops.second_unit.character_add()
    here.characters[0].name = "Ada"
    here.characters[0].pictures.add().path = "//ada.png"
    assert bpy.ops.second_unit.shot_copy(scene="Night") == {"FINISHED"}
    copied = there.shots[there.active_shot]
    assert copied.name == "Roof.001" and copied.uid != here.shots[1].uid and len(here.shots) == 2
    assert [reference.path for reference in copied.references] == ["//plate.png"]
    assert [(one.name, one.uid) for one in there.characters] == [("Ada", copied.cast[0].uid)]
    assert there.characters[0].pictures[0].path == "//ada.png"
    bpy.ops.second_unit.shot_copy(scene="Night")
    assert len(there.characters) == 1, "a character that is there already is not brought twice"
    with pytest.raises(RuntimeError, match="no other scene called"):
        bpy.ops.second_unit.shot_copy(scene=bpy.context.scene.name)


def test_a_shot_that_is_copied_to_another_scene_keeps_what_it_took_from_its_own():
    scene, other = bpy.context.scene, bpy.data.scenes.new("Night")
    camera = bpy.data.objects.new("Lens", bpy.data.cameras.new("Lens"))
    scene.collection.objects.link(camera)
    scene.camera = camera
    scene.frame_start, scene.frame_end = 5, 17
    scene.render.resolution_x, scene.render.resolution_y = 640, 360
    add_shots("Alley")
    bpy.ops.second_unit.shot_copy(scene="Night")
    other.collection.objects.link(camera)
    bpy.ops.second_unit.shot_copy(scene="Night")
    away, with_it = other.second_unit.shots
    spec = part("ui.shot.spec")
    for copied in (away, with_it):
        assert spec.frame_range(other, copied) == (5, 17) and spec.clip_size(other, copied) == (640, 360)
    assert away.camera is None and with_it.camera == camera, "one that is not in the scene cannot be followed there"
    same = bpy.data.scenes.new("Same")
    same.frame_start, same.frame_end, same.camera = 5, 17, camera
    same.render.resolution_x, same.render.resolution_y = 640, 360
    bpy.ops.second_unit.shot_copy(scene="Same")
    (copied,) = same.second_unit.shots
    assert copied.use_scene_range and copied.size == "SCENE" and copied.camera is None


def test_a_shots_own_camera_and_its_source_strip_are_not_looked_for_in_a_scene_that_has_them_not(capfd):
    scene, other = bpy.context.scene, bpy.data.scenes.new("Night")
    camera = bpy.data.objects.new("Lens", bpy.data.cameras.new("Lens"))
    scene.collection.objects.link(camera)
    add_shots("Alley")
    shot = shots()[0]
    shot.camera, shot.source.kind, shot.source.strip = camera, "STRIP", "plate"
    bpy.ops.second_unit.shot_copy(scene="Night")
    assert "In Night Alley has no camera: Lens is not there" in capfd.readouterr().out
    other.collection.objects.link(camera)
    bpy.ops.second_unit.shot_copy(scene="Night")
    assert "is in the scene Night" in capfd.readouterr().out
    away, with_it = other.second_unit.shots
    assert away.camera is None and with_it.camera == camera
    assert away.source.scene == with_it.source.scene == scene and shot.source.scene is None
    away.source.scene = bpy.data.scenes.new("Edit")
    with bpy.context.temp_override(scene=other):
        other.second_unit.active_shot = 0
        bpy.ops.second_unit.shot_copy(scene=scene.name)
    assert shots()[-1].source.scene == away.source.scene, "a scene that it names it keeps"


def test_the_list_moves_and_removes_what_is_chosen():
    add_shots("A", "B", "C")
    bpy.ops.second_unit.shot_move(direction="UP")
    assert [shot.name for shot in shots()] == ["A", "C", "B"]
    bpy.ops.second_unit.shot_remove()
    assert [shot.name for shot in shots()] == ["A", "B"]
    assert bpy.context.scene.second_unit.active_shot == 1
    assert bpy.ops.second_unit.shot_move(direction="DOWN") == {"CANCELLED"}


def test_what_keeps_a_shot_from_being_shot_is_mended_by_a_press(monkeypatch):
    scene = bpy.context.scene
    add_shots("too much")
    shot, mend = shots()[-1], bpy.ops.second_unit.shot_mend
    shot.size, shot.width, shot.height = "CUSTOM", 1280, 720
    assert mend(way="SIZE") == {"FINISHED"} and (shot.width, shot.height) == (912, 512)
    shot.width, shot.height = 64, 64
    assert mend(way="SIZE") == {"CANCELLED"}

    shot.use_scene_range, shot.frame_start, shot.frame_end = False, 11, 20
    assert mend(way="FRAMES") == {"FINISHED"} and (shot.frame_start, shot.frame_end) == (11, 15)
    with monkeypatch.context() as patched:
        current = part("link.current")
        grid = FrameGrid(11, 10, Rate(24), Rate(16))
        patched.setattr(current.planner, "plan", SimpleNamespace(engine=shot.engine, grid=grid))
        for rule, last in (("5", 17), ("1", 11)):
            patched.setattr(current.link, "engines", [SimpleNamespace(name=shot.engine, frame_rule=rule)])
            shot.frame_end = 20
            assert mend(way="FRAMES") == {"FINISHED"} and shot.frame_end == last, "as many as the model makes"
    reference = shot.references.add()
    reference.scene_frame = 30.5
    assert mend(way="LONGER") == {"FINISHED"} and (shot.frame_start, shot.frame_end) == (11, 31)
    assert mend(way="WITHOUT") == {"CANCELLED"}
    for frame in (12, 60):
        shot.references.add().scene_frame = frame
    shot.active_reference, shot.handle_after = 2, 2
    assert mend(way="WITHOUT") == {"FINISHED"} and shot.active_reference == 1
    assert [reference.scene_frame for reference in shot.references] == [30.5, 12.0]
    shot.handle_after = 0
    assert mend(way="FRAMES") == {"FINISHED"} and (shot.frame_start, shot.frame_end) == (11, 20)
    shot.frame_end = 3
    assert mend(way="SCENE_RANGE") == {"FINISHED"} and shot.use_scene_range

    shot.engine = "an engine of long ago"
    assert mend(way="ENGINE") == {"FINISHED"} and shot.engine == "projection"
    assert mend(way="ENGINE") == {"CANCELLED"}

    lens = bpy.data.cameras.new("flat")
    lens.type = "ORTHO"
    shot.camera = bpy.data.objects.new("flat", lens)
    scene.collection.objects.link(shot.camera)
    assert mend(way="LENS") == {"FINISHED"} and lens.type == "PERSP"


def test_a_script_shoots_a_shot_by_name_from_a_scene_that_has_none():
    assert not bpy.ops.second_unit.shoot.poll(), "no scene has a shot"
    add_shots("elsewhere")
    uid = shots()[-1].uid
    with bpy.context.temp_override(scene=bpy.data.scenes.new("Edit")):
        for names, cause in (({}, "The scene Edit has no shot"), ({"shot_uid": "none"}, "There is no shot none")):
            with pytest.raises(RuntimeError, match=cause):
                bpy.ops.second_unit.shoot("EXEC_DEFAULT", **names)
        with pytest.raises(RuntimeError, match="The shot has no camera"):  # it is the one that is looked at
            bpy.ops.second_unit.shoot("EXEC_DEFAULT", shot_uid=uid)


def test_one_press_goes_to_a_shot():
    scene = bpy.context.scene
    add_shots("here", "there")
    for shot, first in zip(list(shots())[-2:], (7, 40), strict=True):
        shot.use_scene_range, shot.frame_start, shot.frame_end = False, first, first + 9
    here = len(shots()) - 2
    assert bpy.ops.second_unit.shot_jump(number=here) == {"FINISHED"}
    assert (scene.frame_current, scene.second_unit.active_shot) == (7, here)
    scene.second_unit.active_shot = here + 1
    assert bpy.ops.second_unit.shot_jump() == {"FINISHED"} and scene.frame_current == 40
    assert bpy.ops.second_unit.shot_jump(number=99) == {"CANCELLED"}


def test_a_copied_scene_gets_shots_of_its_own():
    add_shots("A")
    original = shots()[0].uid
    copied = bpy.context.scene.copy()
    assert copied.second_unit.shots[0].uid == original
    assert part("ui.shot.props").renew_copied_uids() == 1
    uids = {scene.second_unit.shots[0].uid for scene in bpy.data.scenes}
    assert original in uids and len(uids) == 2


def test_references_are_pinned_where_the_scene_stands(tmp_path):
    add_shots("A")
    picture = tmp_path / "plate.png"
    image = bpy.data.images.new("Painted", 8, 8)
    image.filepath_raw, image.file_format = str(picture), "PNG"
    image.save()
    bpy.context.scene.frame_set(7, subframe=0.5)
    bpy.ops.second_unit.reference_add_file(filepath=str(picture))
    bpy.ops.second_unit.reference_add_image(image="Painted")
    found = shots()[0].references
    assert [(r.name, r.source, r.scene_frame) for r in found] == [("plate", "FILE", 7.5), ("Painted", "IMAGE", 7.5)]
    bpy.context.scene.frame_set(20)
    bpy.ops.second_unit.reference_here()
    assert [r.scene_frame for r in found] == [7.5, 20.0]
    shots()[0].active_reference = 0
    bpy.ops.second_unit.reference_jump()
    assert bpy.context.scene.frame_current_final == 7.5
    with pytest.raises(RuntimeError, match="There is no picture at"):
        bpy.ops.second_unit.reference_add_file(filepath=str(tmp_path / "gone.png"))
    (tmp_path / "scene.blend").write_bytes(b"BLENDER")
    with pytest.raises(RuntimeError, match=r"There is no picture at .*scene.blend. Choose a file of these kinds: PNG"):
        bpy.ops.second_unit.reference_add_file(filepath=str(tmp_path / "scene.blend"))
    assert len(found) == 2


def test_references_come_from_strips_and_libraries(tmp_path):
    scene = bpy.context.scene
    add_shots("A")
    image = bpy.data.images.new("Wall", 16, 8)
    image.filepath_raw, image.file_format = str(tmp_path / "wall.png"), "PNG"
    image.save()
    library = tmp_path / "library.blend"
    image.asset_mark()
    bpy.data.libraries.write(str(library), {image})
    bpy.data.images.remove(image)

    add = bpy.ops.second_unit
    with pytest.raises(RuntimeError, match="No movie or image strip is at frame"):
        add.reference_add_strip()
    strips = scene.sequence_editor_create().strips
    for channel, name in enumerate(("below", "above"), start=1):
        strips.new_image(name, str(tmp_path / "wall.png"), channel, 5)
    scene.frame_set(5)
    add.reference_add_strip()
    add.reference_add_asset(library=str(library), image="Wall")
    add.reference_add_asset(library=str(library), image="Wall")
    for kind, said in (
        ("scene", "shows the scene Other, no file. Pin a frame of it with From Render"),
        ("effect", "Color"),
    ):
        chosen = (
            strips.new_scene(kind, bpy.data.scenes.new("Other"), 3, 5)
            if kind == "scene"
            else part("sequencer.compat").new_effect(strips, "COLOR", kind, 4, 5, 9, None)
        )
        scene.sequence_editor.active_strip = chosen
        with pytest.raises(RuntimeError, match=said):
            add.reference_add_strip()
        strips.remove(chosen)
    found = shots()[0].references
    assert [(r.name, r.source) for r in found[:2]] == [("above 5", "FILE"), ("Wall", "IMAGE")]
    assert found[1].image.library is None and len(bpy.data.images) == (1 if bpy.app.version >= (5,) else 2)
    assert Path(bpy.path.abspath(found[0].path)) == tmp_path / "wall.png"
    for words, said in (
        ({}, "No image is chosen in an asset browser. Blender shows images there with Extended Asset Browser"),
        ({"library": str(library), "image": "Door"}, "has no image called"),
    ):
        with pytest.raises(RuntimeError, match=said):
            add.reference_add_asset(**words)


def test_pictures_that_are_selected_are_each_pinned_where_they_begin(tmp_path):
    scene = bpy.context.scene
    add_shots("A")
    image = bpy.data.images.new("Wall", 16, 8)
    image.filepath_raw, image.file_format = str(tmp_path / "wall.png"), "PNG"
    image.save()
    strips = scene.sequence_editor_create().strips
    first, second, aside = (strips.new_image(f"at {at}", str(tmp_path / "wall.png"), 1, at) for at in (3, 40, 80))
    with footage.in_sequencer(scene, second, first):
        bpy.ops.second_unit.reference_add_strip()
    found = shots()[0].references
    assert [(r.name, r.source, r.scene_frame) for r in found] == [("at 3", "FILE", 3.0), ("at 40", "FILE", 40.0)]
    assert aside.name and Path(bpy.path.abspath(found[1].path)) == tmp_path / "wall.png"


@pytest.mark.parametrize("name", ["shot_remove", "shot_duplicate", "reference_add_file", "reference_remove", "shoot"])
def test_without_a_shot_there_is_nothing_to_press(name: str):
    operator = getattr(bpy.ops.second_unit, name)
    assert not operator.poll()
    with pytest.raises(RuntimeError, match="has no shot yet: add one to the list"):
        operator()


def test_the_engines_menu_keeps_a_name_that_no_daemon_offers():
    add_shots("A")
    shot = shots()[0]
    assert shot.engine_choice == "projection"
    shot.engine = "dreamer"
    assert shot.engine_choice == "dreamer"
    shot.engine_choice = "projection"
    assert shot.engine == "projection"


def test_sentences_are_broken_between_words_to_fit():
    lines = part("ui.text").lines
    sentence = "Move the reference inside the range of the shot, or make the range of the shot longer"
    narrow = lines(sentence, 120.0, 11.0)
    assert " ".join(narrow) == sentence
    assert len(narrow) > len(lines(sentence, 400.0, 11.0)) > 1
    assert lines("", 120.0, 11.0) == ("",)


def test_frames_of_a_running_job_wait_while_another_shot_is_captured(tmp_path, monkeypatch):
    """An image that comes and goes shows as a change of every object, which would end the capture."""
    tell, shoot, previews = part("ui.shot.frames").tick, part("ui.shot.shoot"), part("ui.previews")
    frame = SimpleNamespace(clip_frame=3, jpeg=jpeg(tmp_path / "frame.jpg"))
    monkeypatch.setitem(part("link.current").tracker.previews, "job", frame)
    bpy.ops.mesh.primitive_cube_add()
    bpy.context.view_layer.update()
    changed = []
    bpy.app.handlers.depsgraph_update_post.append(lambda _scene, graph: changed.extend(graph.updates))
    monkeypatch.setattr(shoot.now, "running", object())
    before = tell()
    bpy.context.view_layer.update()
    assert not previews._shown_frames and tell() == before and not changed
    monkeypatch.setattr(shoot.now, "running", None)
    assert tell() != before and previews._shown_frames == {"job": 3}
    bpy.context.view_layer.update()
    assert changed, "that is why they wait"
    previews.clear()


def test_what_came_of_shooting_is_forgotten_with_its_file(monkeypatch):
    now = part("ui.shot.shoot").now
    monkeypatch.setattr(now, "error", object())
    bpy.ops.wm.read_homefile(use_empty=True, use_factory_startup=True)
    assert now.error is None


def jpeg(path: Path) -> bytes:
    image = bpy.data.images.new("Frame", 16, 8)
    image.filepath_raw, image.file_format = str(path), "JPEG"
    image.save()
    bpy.data.images.remove(image)
    return path.read_bytes()


def test_a_narrow_sidebar_keeps_the_shots_names_and_leaves_their_ranges_out():
    add_shots("Alley")
    settings = bpy.context.scene.second_unit
    for width, labels in ((184, 0), (300, 1)):
        region, system = SimpleNamespace(width=width), SimpleNamespace(ui_scale=1.0)
        context = SimpleNamespace(scene=bpy.context.scene, region=region, preferences=SimpleNamespace(system=system))
        layout = MagicMock()
        part("ui.shot.panels").SECOND_UNIT_UL_shots.draw_item(
            None, context, layout, settings, shots()[0], 0, settings, "active_shot", 0
        )
        row = layout.row.return_value
        assert row.prop.call_count == 1 and row.row.return_value.label.call_count == labels
