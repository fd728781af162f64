# SPDX-License-Identifier: GPL-3.0-or-later
"""A take is told from the shot as it stands now: what has changed since, found at little cost."""

from __future__ import annotations

import contextlib
import os

import bpy
import pytest
from bl_ext.user_default.second_unit.core.spec import ShotSpec
from bl_ext.user_default.second_unit.scene import keys
from bl_ext.user_default.second_unit.ui import disk
from bl_ext.user_default.second_unit.ui.shot import shoot, stamp
from bl_ext.user_default.second_unit.ui.shot.spec import shot_spec


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


def spec_now() -> ShotSpec:
    context = bpy.context
    return shot_spec(context.scene, context.view_layer, context.scene.second_unit.shots[0])


def stamps() -> dict[str, str]:
    return stamp.stamp_of(spec_now())


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


def _material(name: str) -> bpy.types.Material:
    material = bpy.data.materials.new(name)
    if material.node_tree is None:
        material.use_nodes = True
    return material


def _nodes(kind: str) -> bpy.types.Node:
    """A node of that type in the box's material."""
    cube = bpy.data.objects["Cube"]
    cube.active_material = cube.active_material or _material("Red")
    nodes = cube.active_material.node_tree.nodes
    return next((node for node in nodes if node.bl_idname == kind), None) or nodes.new(kind)


def _group(name: str) -> bpy.types.NodeTree:
    return bpy.data.node_groups.get(name) or bpy.data.node_groups.new(name, "ShaderNodeTree")


def _inner() -> bpy.types.NodeSocket:
    """What a node group, used by one that the material uses, has inside."""
    outer, inner = _group("Outer"), _group("Inner")
    if not outer.nodes:
        outer.nodes.new("ShaderNodeGroup").node_tree = inner
        inner.nodes.new("ShaderNodeValue")
        inner.nodes.new("ShaderNodeBrightContrast")
        _nodes("ShaderNodeGroup").node_tree = outer
    return inner.nodes["Brightness/Contrast"].inputs["Bright"]


def _energy_key(frame: float) -> None:
    scene = bpy.context.scene
    lamp = bpy.data.lights.get("Lamp") or bpy.data.lights.new("Lamp", "POINT")
    if "Lamp" not in scene.objects:
        scene.collection.objects.link(bpy.data.objects.new("Lamp", lamp))
        lamp.keyframe_insert("energy", frame=1)
    lamp.energy = 10.0 * frame
    lamp.keyframe_insert("energy", frame=5)


def _node_key(value: float) -> None:
    socket = _nodes("ShaderNodeBrightContrast").inputs["Bright"]
    socket.default_value = value
    socket.keyframe_insert("default_value", frame=5)


def _instanced(roughness: float) -> None:
    """A collection that is in no scene, but for what makes instances of it."""
    if "Kit" not in bpy.data.collections:
        kit = bpy.data.collections.new("Kit")
        part = bpy.data.objects.new("Part", bpy.data.meshes.new("Part"))
        part.data.materials.append(_material("Paint"))
        kit.objects.link(part)
        empty = bpy.data.objects.new("Empty", None)
        empty.instance_type, empty.instance_collection = "COLLECTION", kit
        bpy.context.scene.collection.objects.link(empty)
    bpy.data.materials["Paint"].node_tree.nodes["Principled BSDF"].inputs["Roughness"].default_value = roughness


def _faces(value: int) -> None:
    mesh = bpy.data.objects["Cube"].data
    while len(mesh.materials) < 2:
        mesh.materials.append(_material("Another"))
    mesh.polygons[2].material_index = value
    mesh.polygons[0].material_index = 1


def _vertex_colour(value: float, kind: str = "FLOAT_COLOR") -> None:
    mesh = bpy.data.objects["Cube"].data
    found = mesh.color_attributes.get("Col") or mesh.color_attributes.new("Col", kind, "CORNER")
    found.data[0].color = (value, 0.0, 0.0, 1.0)


def _image(value: str) -> None:
    node = _nodes("ShaderNodeTexImage")
    node.image = bpy.data.images.get("Map") or bpy.data.images.new("Map", 4, 4)
    node.image.colorspace_settings.name = value


@pytest.mark.parametrize(
    ("change", "values"),
    [
        (
            lambda v: setattr(_nodes("ShaderNodeValToRGB").color_ramp.elements[0], "color", v),
            ((0, 0, 0, 1), (1, 0, 0, 1)),
        ),
        (lambda v: setattr(_nodes("ShaderNodeValToRGB").color_ramp.elements[0], "position", v), (0.0, 0.3)),
        (
            lambda v: setattr(_nodes("ShaderNodeRGBCurve").mapping.curves[3].points[0], "location", v),
            ((0, 0), (0, 0.4)),
        ),
        (lambda v: setattr(_nodes("ShaderNodeTexNoise"), "normalize", v), (True, False)),
        (lambda v: setattr(_nodes("ShaderNodeGroup"), "node_tree", _group(v)), ("One", "Other")),
        (lambda v: setattr(_inner(), "default_value", v), (0.0, 0.5)),
        (_energy_key, (1, 2)),
        (_node_key, (0.1, 0.2)),
        (_instanced, (0.1, 0.2)),
        (_faces, (0, 1)),
        (_vertex_colour, (0.1, 0.2)),
        (lambda v: _vertex_colour(v, "BYTE_COLOR"), (0.1, 0.2)),
        (_image, ("sRGB", "Non-Color")),
        (lambda v: setattr(bpy.context.scene.view_settings, "view_transform", v), ("Standard", "Raw")),
        (lambda v: setattr(bpy.context.scene.view_settings, "exposure", v), (0.0, 1.0)),
    ],
)
def test_whatever_gives_a_scene_its_colours_is_part_of_the_look(set_up, change, values):
    change(values[0])
    before = stamps()
    bpy.context.scene.frame_set(7)
    assert stamp.changed(before, stamps()) == "", "another frame is no change"
    change(values[1])
    assert stamp.changed(before, stamps()) == "shapes, materials or lights"
    change(values[0])
    assert stamps()["look"] == before["look"]


def test_how_colours_are_shown_matters_where_a_plate_is_drawn(set_up):
    shot = bpy.context.scene.second_unit.shots[0]
    shot.capture_colour = False
    before = stamps()
    bpy.context.scene.view_settings.exposure = 1.0
    assert stamp.changed(before, stamps()) == ""


def test_every_kind_of_node_is_the_same_at_another_frame_and_in_a_saved_file(set_up, tmp_path):
    tree = _nodes("ShaderNodeValue").id_data
    kinds = {name for name in dir(bpy.types) if name.startswith("ShaderNode")} - {"ShaderNode", "ShaderNodeTree"}
    made = 0
    for kind in sorted(kinds):
        with contextlib.suppress(RuntimeError):  # of which none can be made
            tree.nodes.new(kind)
            made += 1
    assert made > 70
    value = tree.nodes["Value"].outputs[0]
    for frame in (1, 9):
        value.default_value = frame
        value.keyframe_insert("default_value", frame=frame)
    before = stamps()
    bpy.context.scene.frame_set(7)
    assert stamp.changed(before, stamps()) == ""
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "saved.blend"))
    bpy.ops.wm.open_mainfile(filepath=str(tmp_path / "saved.blend"))
    assert stamp.changed(before, stamps()) == ""


def test_a_scene_is_looked_at_in_turns_and_may_change_meanwhile(set_up):
    for _ in range(20):
        bpy.ops.object.duplicate()
    bpy.data.objects["Cube"].active_material = bpy.data.materials.new("Gone Soon")
    spec = spec_now()
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
    while not watched.look(spec).get("look"):
        pass
    assert watched.now == stamps()


def test_hiding_and_constraints_that_have_keys_are_no_change_at_another_frame(set_up):
    cube = bpy.data.objects["Cube"]
    follow = cube.constraints.new("COPY_LOCATION")
    bevel = cube.modifiers.new("Bevel", "BEVEL")
    for owner, name in ((cube, "hide_render"), (follow, "mute"), (follow, "influence"), (bevel, "show_render")):
        for frame, value in ((1, 0), (9, 1)):
            setattr(owner, name, value)
            owner.keyframe_insert(name, frame=frame)
    bpy.context.scene.frame_set(1)
    before = stamps()
    bpy.context.scene.frame_set(9)
    assert cube.hide_render and follow.mute and stamp.changed(before, stamps()) == ""
    cube.keyframe_insert("hide_render", frame=12)
    assert stamp.changed(before, stamps()) == "the scene"


def test_keys_are_read_in_pieces(set_up, monkeypatch):
    cube = bpy.data.objects["Cube"]
    for frame in range(1, 31):
        cube.location.x = frame
        cube.keyframe_insert("location", frame=frame)
        cube.keyframe_insert("scale", frame=frame)
    whole, pieces = stamps(), list(keys.key_facts(lambda: cube))
    assert len(pieces) == 1
    monkeypatch.setattr(keys, "KEYS_AT_ONCE", 50)
    assert [len(each) for each in keys.key_facts(lambda: cube)] == [2, 2, 2]
    monkeypatch.setattr(keys, "CURVES_AT_ONCE", 1)
    assert [each for (each,) in keys.key_facts(lambda: cube)] == pieces[0] and stamps() == whole
    cube.animation_data.action.layers[0].strips[0].channelbags[0].fcurves[5].keyframe_points[29].co.y = 3.0
    assert stamp.changed(whole, stamps()) == "the scene"


def test_the_longer_a_look_takes_the_longer_it_rests(set_up, monkeypatch):
    clock, passes = [0.0], []
    monkeypatch.setattr(stamp.time, "monotonic", lambda: clock[0])

    def pieces(spec: ShotSpec) -> stamp.Pieces:
        passes.append(clock[0])
        clock[0] += 0.05
        yield
        return {"scene": "a"}

    again = stamp._Again(pieces, 2.0)
    for _ in range(200):
        again.look(spec_now())
        clock[0] += 0.1
    assert len(passes) == 4 and passes[1] - passes[0] == pytest.approx(5.0, abs=0.3)


@pytest.mark.parametrize("what", ["mode", "capture"])
def test_nothing_is_taken_over_while_a_mode_or_a_capture_has_the_data(set_up, monkeypatch, what):
    monkeypatch.setattr(stamp, "REST_S", 0.0)
    monkeypatch.setattr(stamp, "SHARE", 1e9)
    scene, spec, watched = bpy.context.scene, spec_now(), stamp.Watched()
    scene.world = bpy.data.worlds.new("Sky")
    while not watched.look(spec).get("look"):
        pass
    known = dict(watched.now)
    bpy.data.objects["Cube"].data.vertices[0].co.z = -2.0
    if what == "mode":
        bpy.ops.object.mode_set(mode="EDIT")
    else:
        monkeypatch.setattr(shoot.now, "running", object())
        scene.world = None
    for _ in range(50):
        assert watched.look(spec) == known
    if what == "mode":
        bpy.ops.object.mode_set(mode="OBJECT")
    else:
        monkeypatch.setattr(shoot.now, "running", None)
    while watched.look(spec)["look"] == known["look"]:
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
