# SPDX-License-Identifier: GPL-3.0-or-later
"""What becomes of each kind of thing that a scene may hold: where it has depth, if it is followed, what is said."""

from __future__ import annotations

import itertools
import subprocess

import bpy
import numpy as np
import pytest
from bl_ext.user_default.second_unit.protocol.codec import pack
from bl_ext.user_default.second_unit.protocol.results import Input
from bl_ext.user_default.second_unit.protocol.shot import PlaneKind, TrackKind
from bl_ext.user_default.second_unit.scene.surfaces import shows_others
from bl_ext.user_default.second_unit.ui.shot import checks

from tests.blender import kinds
from tests.blender.captures import box, capture, key, plane, spec_of
from tests.blender.kinds import WALL_M, pane, slides, stage
from tests.blender.test_capture_planes import carried, distance_to

MIDDLE = np.s_[24:40, 40:56]  # of 64 rows and 96 columns: what a square of 1 m at 8 m covers


def shoot(tmp_path, thing, **changed):
    return capture(spec_of(bpy.context.scene, thing, **changed), tmp_path)


def depth(shot, time: float = 1) -> np.ndarray:
    return plane(shot, PlaneKind.DEPTH, time)


def tracks(shot) -> list[tuple[str, TrackKind]]:
    return [(one.name, one.kind) for one in shot.motion.tracks]


def middle_is(shot, metres: float) -> None:
    np.testing.assert_allclose(depth(shot)[MIDDLE], metres, rtol=1e-4)


# --- instances and particles -------------------------------------------------------------------------------------


def nearest_to_their_own(shot, name: str, start: float, goal: float) -> float:
    """Greatest distance of carried points of every instance of a part from that part's own surface, at ``goal``."""
    far = 0.0
    for number, entry in enumerate(shot.motion.tracks, 1):
        if entry.name == name and (plane(shot, PlaneKind.INDEX, start) == number).sum() > 8:
            matrix = shot.motion.matrices[shot.times.index(goal), number - 1]
            own = carried(shot, number, start, goal) @ np.linalg.inv(matrix[:3, :3]).T
            own -= np.linalg.inv(matrix[:3, :3]) @ matrix[:3, 3]
            half = np.array(bpy.data.objects[name.rpartition("/")[2]].dimensions) / 2
            outside = np.abs(own) / half
            far = max(far, float(np.abs(outside.max(1) - 1.0).max()))  # on a box's surface, the greatest is 1
    return far


def test_instances_of_geometry_nodes_are_followed_one_by_one(tmp_path):
    thing = stage()
    part = box("Part", (50, 0, 0), 0.5)
    host = kinds.points_nodes("Host", part)
    host.location.x = -1.5
    slides(host, (0.4, 0.0, 0.3))
    shot = shoot(tmp_path, thing)
    rows = [entry for entry in tracks(shot) if entry[0] == "Host/Part"]
    assert rows == [("Host/Part", TrackKind.RIGID)] * 4
    seen = np.unique(plane(shot, PlaneKind.INDEX, 1))
    assert len(seen) == 5, "four instances and what stands still"
    assert nearest_to_their_own(shot, "Host/Part", 1, 3) < 5e-3


def test_particles_as_instances_are_followed_one_by_one(tmp_path):
    thing = stage()
    kinds.particles("Emitter", box("Part", (50, 0, 0), 0.4))
    shot = shoot(tmp_path, thing)
    assert tracks(shot) == [("Emitter/Part", TrackKind.RIGID)] * 20
    assert len(np.unique(plane(shot, PlaneKind.INDEX, 1))) > 8
    assert nearest_to_their_own(shot, "Emitter/Part", 1, 3) < 0.02


# --- curves, text, metaballs -------------------------------------------------------------------------------------


def test_a_curve_that_moves_is_rigid_and_one_that_swells_deforms(tmp_path):
    thing = stage()
    for name, x in (("Pipe", -1.5), ("Vein", 1.5)):
        bpy.ops.curve.primitive_bezier_curve_add(location=(x, 0, 0))
        bpy.context.object.name = name
        bpy.context.object.data.bevel_depth = 0.3
    slides(bpy.data.objects["Pipe"])
    key(bpy.data.objects["Vein"].data, "bevel_depth", {1: 0.2, 3: 0.4})
    bpy.context.scene.frame_set(1)
    shot = shoot(tmp_path, thing)
    assert tracks(shot) == [("Pipe", TrackKind.RIGID), ("Vein", TrackKind.DEFORMING)] and shot.warnings == ()
    index = plane(shot, PlaneKind.INDEX, 1)
    assert (index == 1).sum() > 100 and (index == 2).sum() > 40
    assert distance_to("Pipe", carried(shot, 1, 1, 3), 3).max() < 1e-3


def test_text_is_followed_and_text_that_changes_its_words_is_unknown(tmp_path):
    thing = stage()
    for name, x in (("Title", -2.5), ("Counter", 0.5)):
        bpy.ops.object.text_add(location=(x, 0, 0), rotation=(np.pi / 2, 0, 0))
        bpy.context.object.name = name
        bpy.context.object.data.extrude = 0.1
    slides(bpy.data.objects["Title"])
    counter = bpy.data.objects["Counter"]

    def count(scene, *_):
        counter.data.body = "one two three"[: 3 + scene.frame_current]

    bpy.app.handlers.frame_change_pre.append(count)
    try:
        bpy.context.scene.frame_set(1)
        counter.data.keyframe_insert("size", frame=1)  # animated, so that it is looked at
        shot = shoot(tmp_path, thing)
    finally:
        bpy.app.handlers.frame_change_pre.remove(count)
    assert tracks(shot) == [("Counter", TrackKind.UNKNOWN), ("Title", TrackKind.RIGID)]
    assert shot.warnings == (
        "Counter: its surface changes in a way that cannot be followed, so references show it at their own frames only",
    )
    assert distance_to("Title", carried(shot, 2, 1, 3), 3).max() < 1e-3


def test_metaballs_that_flow_into_each_other_are_unknown_and_still_ones_are_still(tmp_path):
    thing = stage()
    bpy.ops.object.metaball_add(location=(0, 0, 0), radius=1.0)
    bpy.context.object.name = "Blob"
    assert tracks(shoot(tmp_path / "a", thing)) == []
    bpy.ops.object.metaball_add(location=(1, 0, 0), radius=0.8)
    bpy.context.object.name = "Blob.001"  # of one family by its name, so that they flow into each other
    slides(bpy.context.object, (-0.6, 0.0, 0.0))
    shot = shoot(tmp_path / "b", thing)
    assert tracks(shot) == [("Blob", TrackKind.UNKNOWN)] and "cannot be followed" in shot.warnings[0]
    assert (plane(shot, PlaneKind.INDEX, 1)[29:35, 45:51] == 1).all()


# --- hair --------------------------------------------------------------------------------------------------------


def test_hair_has_depth_and_goes_with_what_it_grows_on(tmp_path):
    thing = stage()
    slides(kinds.hairy("Head"))
    shot = shoot(tmp_path, thing)
    assert tracks(shot) == [("Head", TrackKind.RIGID)]
    index, box_alone = plane(shot, PlaneKind.INDEX, 1), 16 * 16
    assert (index == 1).sum() > 1.5 * box_alone
    assert (depth(shot)[index == 1] < WALL_M - 2).all()


def test_hair_curves_are_rigid_until_they_bend(tmp_path):
    thing = stage()
    hair = kinds.strands("Hair")
    slides(hair)
    shot = shoot(tmp_path / "a", thing)
    assert tracks(shot) == [("Hair", TrackKind.RIGID)]
    assert (plane(shot, PlaneKind.INDEX, 1) == 1).sum() > 200
    grow = bpy.data.node_groups.new("Grow", "GeometryNodeTree")
    for way in ("OUTPUT", "INPUT"):
        grow.interface.new_socket("Geometry", in_out=way, socket_type="NodeSocketGeometry")
    first, push, last = (
        grow.nodes.new(kind) for kind in ("NodeGroupInput", "GeometryNodeSetPosition", "NodeGroupOutput")
    )
    grow.links.new(first.outputs[0], push.inputs[0])
    grow.links.new(push.outputs[0], last.inputs[0])
    key(push.inputs["Offset"], "default_value", {1: (0, 0, 0), 3: (0.4, 0, 0)})
    hair.modifiers.new("Grow", "NODES").node_group = grow
    bpy.context.scene.frame_set(1)
    shot = shoot(tmp_path / "b", thing)
    assert tracks(shot) == [("Hair", TrackKind.UNKNOWN)] and shot.warnings[0].startswith("Hair: ")


# --- what has no surface -----------------------------------------------------------------------------------------


def fog_in_a_box() -> None:
    box("Fog", (0, 0, 0), 3.0).data.materials.append(kinds.fog("Mist"))


def cloud_of_nodes() -> None:
    """A volume that geometry nodes make."""
    tree = bpy.data.node_groups.new("Cloud", "GeometryNodeTree")
    tree.interface.new_socket("Geometry", in_out="OUTPUT", socket_type="NodeSocketGeometry")
    cube, paint = tree.nodes.new("GeometryNodeVolumeCube"), tree.nodes.new("GeometryNodeSetMaterial")
    paint.inputs["Material"].default_value = kinds.fog("Cloud", 5.0)
    last = tree.nodes.new("NodeGroupOutput")
    tree.links.new(cube.outputs[0], paint.inputs[0])
    tree.links.new(paint.outputs[0], last.inputs[0])
    box("Cloud").modifiers.new("Nodes", "NODES").node_group = tree


@pytest.mark.parametrize("make", [fog_in_a_box, kinds.misty_world, cloud_of_nodes, lambda: kinds.lines("Sketch")],
                         ids=["fog in a box", "world", "geometry nodes", "grease pencil"])  # fmt: skip
def test_volumes_and_lines_leave_no_mark_on_geometry(make, tmp_path):
    """Depth is that of what lies behind, at every pixel; the plate shows them as ever."""
    thing = stage()
    make()
    shot = capture(spec_of(bpy.context.scene, thing), tmp_path, captures=(Input.DEPTH, Input.MOTION, Input.COLOUR))
    for time in (1, 3):
        np.testing.assert_allclose(depth(shot, time), WALL_M, rtol=1e-4)
        assert not plane(shot, PlaneKind.INDEX, time).any()
    assert bpy.context.scene.view_layers[0].pass_alpha_threshold == 0.5


def test_the_plate_still_has_what_geometry_leaves_out(tmp_path):
    thing = stage()
    scene = bpy.context.scene
    bpy.data.objects["Wall"].data.materials.append(kinds.principled("Bright", Emission_Strength=0.5))
    scene.cycles.use_denoising = False
    plates = []
    for number, make in enumerate((lambda: None, lambda: kinds.lines("Sketch"), lambda: kinds.misty_world(1.0))):
        make()
        scene.view_settings.view_transform = "Standard"
        shot = capture(spec_of(scene, thing, frame_end=1), tmp_path / str(number), captures=(Input.DEPTH, Input.COLOUR))
        plates.append(plane(shot, PlaneKind.COLOUR, 1).astype(int))
    for before, after in itertools.pairwise(plates):
        assert (np.abs(after - before).max(-1) > 3).mean() > 0.02


def test_what_is_left_out_is_said_in_the_panel(monkeypatch):
    stage()
    scene = bpy.context.scene
    fog_in_a_box()
    kinds.lines("Sketch")
    scene.collection.objects.link(bpy.data.objects.new("Smoke", bpy.data.volumes.new("Smoke")))
    pane("Window", kinds.principled("Glass", Transmission_Weight=1.0))
    monkeypatch.setattr(checks, "_surfaces", checks._Surfaces())
    _, notes = checks.glance(spec_of(scene, scene.camera))
    assert "Volumes and Grease Pencil have no surface: Fog, Sketch, Smoke left out of depth and motion" in notes
    assert "Mirrors and glass are not carried along the camera: Glass" in notes


# --- surfaces that let light through, shine or mirror ------------------------------------------------------------


def test_a_leaf_cut_from_a_picture_has_depth_where_it_is(tmp_path):
    thing = stage()
    pane("Leaf", kinds.leaf("Leaf"))
    shot = shoot(tmp_path, thing)
    found = depth(shot)[MIDDLE]
    np.testing.assert_allclose(found[:, :7], 8.0, rtol=1e-4)
    np.testing.assert_allclose(found[:, 9:], WALL_M, rtol=1e-4)
    assert tracks(shot) == []


@pytest.mark.parametrize(("alpha", "metres"), [(0.0, WALL_M), (0.1, 8.0), (0.4, 8.0), (0.7, 8.0)])
def test_a_clear_surface_is_one_from_a_twentieth_on(alpha, metres, tmp_path):
    """At every pixel alike: Cycles itself decides at random below the view layer's threshold."""
    thing = stage()
    pane("Veil", kinds.principled("Veil", Alpha=alpha), side=12.0)
    middle_is(shoot(tmp_path, thing), metres)


def test_what_shines_is_a_surface_like_any_other(tmp_path):
    thing = stage()
    lamp = pane("Lamp", kinds.principled("Lamp", Emission_Strength=20.0))
    slides(lamp, (0.2, 0.0, 0.0))
    shot = shoot(tmp_path, thing)
    assert tracks(shot) == [("Lamp", TrackKind.RIGID)]
    middle_is(shot, 8.0)


def test_mirrors_and_glass_are_marked_as_not_to_be_followed(tmp_path, daemon_python):
    """Their surface has depth, but pictures do not stick to it; a moving car keeps its number, its windows do not."""
    thing = stage()
    glass = kinds.principled("Glass", Transmission_Weight=1.0)
    pane("Mirror", kinds.principled("Chrome", Metallic=1.0, Roughness=0.05), x=-2.0, side=1.0)
    car = pane("Car", kinds.principled("Paint"), x=0.0)
    car.data.materials.append(glass)
    pane("Steel", kinds.principled("Brushed", Metallic=1.0, Roughness=0.5), x=2.0, side=1.0)
    split(car)
    slides(car, (0.2, 0.0, 0.0))
    shot = shoot(tmp_path, thing)
    assert tracks(shot) == [("Car", TrackKind.RIGID), ("Mirrors and glass", TrackKind.UNKNOWN)]
    assert shot.warnings == (
        "Mirrors and glass (Chrome, Glass): what they show cannot be carried, so references show it at their own "
        "frames only",
    )
    index = plane(shot, PlaneKind.INDEX, 1)
    assert index[30, 16] == 2 and index[26, 48] == 2 and index[38, 48] == 1 and index[32, 79] == 0
    middle_is(shot, 8.0)
    request = shot.request()
    assert request.materials is None and request.motion.matrices.shape == (3, 2, 4, 4)
    (tmp_path / "request").write_bytes(pack(request))
    words = [tmp_path / "request", tmp_path / "spool", tmp_path / "flow.npz", "0:2"]
    subprocess.run([daemon_python, "-m", "tests.support.flow_probe", *map(str, words)], check=True, timeout=300)
    with np.load(tmp_path / "flow.npz") as found:
        np.testing.assert_array_equal(found["valid_0_2"], index != 2)  # the daemon carries everything but these


def split(thing: bpy.types.Object) -> None:
    """Two faces, the upper one of the second material."""
    mesh = thing.data
    materials = list(mesh.materials)
    mesh.clear_geometry()
    points = [(-1, 0, -1), (1, 0, -1), (1, 0, 0), (-1, 0, 0), (1, 0, 1), (-1, 0, 1)]
    mesh.from_pydata(points, [], [(0, 1, 2, 3), (3, 2, 4, 5)])
    assert list(mesh.materials) == materials
    mesh.polygons[1].material_index = 1


@pytest.mark.parametrize(
    ("make", "refused"),
    [
        (lambda: kinds.principled("A"), False),
        (lambda: kinds.principled("A", Metallic=1.0, Roughness=0.1), True),
        (lambda: kinds.principled("A", Metallic=1.0, Roughness=0.4), False),
        (lambda: kinds.principled("A", Transmission_Weight=0.9, Roughness=0.6), True),
        (lambda: kinds.principled("A", Alpha=0.3), True),
        (lambda: kinds.principled("A", Alpha=0.8), False),
        (lambda: kinds.leaf("A"), False),
        (lambda: kinds.fog("A"), False),
        (lambda: kinds.mixed("A", 0.3, "ShaderNodeBsdfGlass", "ShaderNodeBsdfDiffuse"), True),
        (lambda: kinds.mixed("A", 0.7, "ShaderNodeBsdfGlass", "ShaderNodeBsdfDiffuse"), False),
        (lambda: kinds.mixed("A", 0.5, "ShaderNodeBsdfTransparent", "ShaderNodeBsdfGlass"), True),
    ],
)
def test_which_materials_show_other_things_than_themselves(make, refused):
    assert shows_others(make()) is refused


def test_a_shader_in_a_group_is_judged_like_one_outside():
    made, tree, output = kinds.nodes_of("A")
    group = bpy.data.node_groups.new("Window", "ShaderNodeTree")
    group.interface.new_socket("Shader", in_out="OUTPUT", socket_type="NodeSocketShader")
    inner = group.nodes.new("NodeGroupOutput")
    group.links.new(group.nodes.new("ShaderNodeBsdfGlass").outputs[0], inner.inputs[0])
    node = tree.nodes.new("ShaderNodeGroup")
    node.node_tree = group
    tree.links.new(node.outputs[0], output.inputs["Surface"])
    assert shows_others(made)


# --- visibility --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("way", ["object", "collection"])
def test_a_holdout_is_a_hole_in_the_picture(way, tmp_path):
    thing = stage()
    cut, folder = box("Cut", (0, 0, 0), 2.0), bpy.data.collections.new("Folder")
    scene = bpy.context.scene
    scene.collection.children.link(folder)
    scene.collection.objects.unlink(cut)
    folder.objects.link(cut)
    if way == "object":
        cut.is_holdout = True
    else:
        scene.view_layers[0].layer_collection.children["Folder"].holdout = True
    slides(cut, (0.1, 0, 0))
    shot = shoot(tmp_path, thing)
    assert np.isposinf(depth(shot)[MIDDLE]).all() and np.isfinite(depth(shot)).mean() > 0.7
    assert not plane(shot, PlaneKind.INDEX, 1).any()


def test_what_only_lights_the_scene_is_not_captured(tmp_path):
    """A collection that a view layer has for indirect light alone."""
    thing = stage()
    folder, inside = bpy.data.collections.new("Folder"), box("Inside", (0, 0, 0), 2.0)
    scene = bpy.context.scene
    scene.collection.children.link(folder)
    scene.collection.objects.unlink(inside)
    folder.objects.link(inside)
    scene.view_layers[0].layer_collection.children["Folder"].indirect_only = True
    middle_is(shoot(tmp_path, thing), WALL_M)


def test_the_shots_view_layer_decides(tmp_path):
    thing = stage()
    scene = bpy.context.scene
    folder, inside = bpy.data.collections.new("Folder"), box("Inside", (0, 0, 0), 2.0)
    scene.collection.children.link(folder)
    scene.collection.objects.unlink(inside)
    folder.objects.link(inside)
    empty = scene.view_layers.new("Empty")
    empty.layer_collection.children["Folder"].exclude = True
    middle_is(shoot(tmp_path / "a", thing, view_layer=scene.view_layers[0].name), 7.0)
    middle_is(shoot(tmp_path / "b", thing, view_layer="Empty"), WALL_M)


def test_the_clip_range_cuts_both_ways(tmp_path):
    thing = stage()
    pane("Near", x=0.0)
    thing.data.clip_start, thing.data.clip_end = 9.0, 100.0
    middle_is(shoot(tmp_path / "a", thing), WALL_M)
    thing.data.clip_start, thing.data.clip_end = 0.1, 10.0
    shot = shoot(tmp_path / "b", thing)
    middle_is(shot, 8.0)
    assert np.isposinf(depth(shot)[:8]).all(), "the wall is beyond"
