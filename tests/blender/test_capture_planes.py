# SPDX-License-Identifier: GPL-3.0-or-later
"""What is captured is what would render, and the index plane with its matrices carries surfaces through time."""

from __future__ import annotations

from fractions import Fraction

import bpy
import numpy as np
import pytest
from bl_ext.user_default.second_unit.capture import strips
from bl_ext.user_default.second_unit.core.camera import unproject, unproject_at
from bl_ext.user_default.second_unit.core.pictures import write_png
from bl_ext.user_default.second_unit.core.spec import ReferenceSource, ReferenceSpec
from bl_ext.user_default.second_unit.protocol.grid import Rate
from bl_ext.user_default.second_unit.protocol.planes import unpack_plane
from bl_ext.user_default.second_unit.protocol.results import Input
from bl_ext.user_default.second_unit.protocol.shot import PlaneKind, TrackKind
from mathutils import Vector

from tests.blender.captures import (
    ALL,
    HEIGHT,
    WIDTH,
    box,
    camera,
    capture,
    cast,
    disagreement,
    ground,
    key,
    plane,
    session_of,
    spec_of,
    standard_scene,
    track,
    view_at,
)

PLANES = (PlaneKind.COLOUR, PlaneKind.DEPTH, PlaneKind.INDEX)


def pixel_of(view, point) -> tuple[int, int]:
    """Row and column of the pixel that shows a world point."""
    local = (np.array(point) * view.unit_scale - view.c2w[:3, 3]) @ view.c2w[:3, :3]
    column, row, depth = view.intrinsics @ local
    return int(row / depth), int(column / depth)


def depth_towards(shot, point, time=1) -> float:
    return float(plane(shot, PlaneKind.DEPTH, time)[pixel_of(view_at(shot, time), point)])


# --- what renders ------------------------------------------------------------------------------------------------


def test_render_visibility_rules_and_not_the_viewports(tmp_path):
    """Objects and collections that differ between viewport and render are captured as they render."""
    scene, thing = bpy.context.scene, camera((0, -12, 1), (0, 0, 1))
    shown, hidden, eyed, gone, keyed = (box(n, (x, 0, 1)) for n, x in zip("ABCDE", (-3, -1.5, 0, 1.5, 3), strict=True))
    shown.hide_viewport = True
    hidden.hide_render = True
    eyed.hide_set(True)
    folder = bpy.data.collections.new("Folder")
    folder.hide_render = True
    scene.collection.children.link(folder)
    scene.collection.objects.unlink(gone)
    folder.objects.link(gone)
    key(keyed, "hide_render", {1: True, 2: False})
    shot = capture(spec_of(scene, thing, frame_end=2), tmp_path)
    for time, expected in ((1, (True, False, True, False, False)), (2, (True, False, True, False, True))):
        seen = tuple(np.isfinite(depth_towards(shot, (x, -0.5, 1), time)) for x in (-3, -1.5, 0, 1.5, 3))
        assert seen == expected, time


def test_render_levels_of_modifiers_rule(tmp_path):
    scene, thing = bpy.context.scene, camera((0, -8, 0), (0, 0, 0))
    rounded = box("Rounded", (0, 0, 0), 2.0)
    levels = rounded.modifiers.new("Subdivision", "SUBSURF")
    levels.levels, levels.render_levels = 0, 3
    pushed = box("Pushed", (1.5, 0, 0), 0.5)
    push = pushed.modifiers.new("Push", "DISPLACE")
    push.direction, push.strength, push.mid_level = "Y", -2.25, 0.0
    push.show_viewport, push.show_render = False, True
    shot = capture(spec_of(scene, thing, frame_end=1), tmp_path)
    corner = plane(shot, PlaneKind.DEPTH, 1)[pixel_of(view_at(shot, 1), (-0.93, -1, 0.93))]
    assert not np.isfinite(corner)  # a corner of the cube that subdivision takes away
    assert depth_towards(shot, (1.5, -2.5, 0)) == pytest.approx(5.5, abs=1e-3)


def test_things_that_the_camera_does_not_see_are_not_captured(tmp_path):
    scene, thing = bpy.context.scene, camera((0, -8, 0), (0, 0, 0))
    box("Wall", (0, 4, 0), (20, 1, 20))
    ghost = box("Ghost")
    ghost.visible_camera = False
    assert depth_towards(capture(spec_of(scene, thing, frame_end=1), tmp_path), (0, -0.5, 0)) == pytest.approx(11.5)


def test_an_excluded_collection_is_not_captured(tmp_path):
    scene, thing = bpy.context.scene, camera((0, -8, 0), (0, 0, 0))
    folder = bpy.data.collections.new("Out")
    scene.collection.children.link(folder)
    inside = box("Inside")
    scene.collection.objects.unlink(inside)
    folder.objects.link(inside)
    scene.view_layers[0].layer_collection.children["Out"].exclude = True
    assert np.isposinf(plane(capture(spec_of(scene, thing, frame_end=1), tmp_path), PlaneKind.DEPTH, 1)).all()


def test_the_plate_is_the_scene_in_display_colours(tmp_path):
    """An emitting wall of a known colour comes out as that colour, under the scene's own view transform."""
    scene, thing = bpy.context.scene, camera((0, 0, 0), (0, 1, 0))
    wall = box("Wall", (0, 10, 0), (40, 1, 40))
    material = bpy.data.materials.new("Lit")
    material.use_nodes = True
    nodes = material.node_tree.nodes
    nodes.clear()
    light, out = nodes.new("ShaderNodeEmission"), nodes.new("ShaderNodeOutputMaterial")
    light.inputs[0].default_value = (0.2, 0.5, 0.05, 1)
    material.node_tree.links.new(light.outputs[0], out.inputs[0])
    wall.data.materials.append(material)
    scene.render.dither_intensity = 2.0
    scene.cycles.use_denoising = False  # it draws edges of its own in a picture as small as this
    scene.view_settings.view_transform = "Standard"
    plate = plane(capture(spec_of(scene, thing, frame_end=1), tmp_path / "a", captures=ALL), PlaneKind.COLOUR, 1)
    expected = [round(255 * (1.055 * v ** (1 / 2.4) - 0.055)) for v in (0.2, 0.5, 0.05)]
    assert plate.shape == (HEIGHT, WIDTH, 3) and np.abs(plate.astype(int) - expected).max() <= 1
    scene.view_settings.view_transform = "AgX"
    agx = plane(capture(spec_of(scene, thing, frame_end=1), tmp_path / "b", captures=ALL), PlaneKind.COLOUR, 1)
    assert np.abs(agx.astype(int) - expected).max() > 10


def test_strips_in_the_shots_own_scene_do_not_reach_the_plate(tmp_path):
    scene, thing = bpy.context.scene, standard_scene()
    scene.world = bpy.data.worlds.new("Bright")
    clean = plane(capture(spec_of(scene, thing), tmp_path / "a", captures=ALL), PlaneKind.COLOUR, 1)
    editor = scene.sequence_editor_create()
    editor.strips.new_effect("Red", "COLOR", 1, frame_start=1, **_length(100)).color = (1, 0, 0)
    assert scene.render.use_sequencer
    shot = capture(spec_of(scene, thing), tmp_path / "b", captures=ALL)
    np.testing.assert_array_equal(plane(shot, PlaneKind.COLOUR, 1), clean)
    assert scene.render.use_sequencer


def _length(frames: int) -> dict[str, int]:
    return {"length": frames} if bpy.app.version >= (5, 0) else {"frame_end": 1 + frames}


def test_motion_blur_freestyle_border_and_multiview_leave_no_mark(tmp_path):
    scene, thing = bpy.context.scene, standard_scene()
    clean = capture(spec_of(scene, thing), tmp_path / "a", captures=ALL)
    render = scene.render
    render.use_motion_blur, render.motion_blur_shutter = True, 2.0
    render.use_freestyle = render.use_border = render.use_crop_to_border = render.use_multiview = True
    render.border_max_x, render.border_max_y = 0.4, 0.4
    render.use_stamp = render.film_transparent = True
    render.resolution_percentage = 25
    scene.frame_step = 2
    shot = capture(spec_of(scene, thing), tmp_path / "b", captures=ALL)
    for time in (1, 2, 3):
        for kind in PLANES:
            np.testing.assert_array_equal(plane(shot, kind, time), plane(clean, kind, time), err_msg=f"{kind} {time}")


def test_markers_that_bind_cameras_and_another_scene_camera_have_no_say(tmp_path):
    scene, thing = bpy.context.scene, standard_scene()
    clean = capture(spec_of(scene, thing), tmp_path / "a", captures=ALL)
    other = camera((3, 3, 5), (0, 0, 0), name="Other")
    scene.timeline_markers.new("Cut", frame=2).camera = other
    shot = capture(spec_of(scene, thing), tmp_path / "b", captures=ALL)
    for time in (1, 2, 3):
        for kind in PLANES:
            np.testing.assert_array_equal(plane(shot, kind, time), plane(clean, kind, time), err_msg=f"{kind} {time}")
    assert scene.timeline_markers[0].camera == scene.camera == other


# --- references ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("time", [2.0, 2.5])
def test_a_references_own_geometry_is_five_times_as_fine(time, tmp_path):
    scene, thing = bpy.context.scene, standard_scene()
    picture = tmp_path / "picture.png"
    picture.write_bytes(write_png(np.full((64, 96, 3), 128, np.uint8)))
    reference = ReferenceSpec("uid", "Plate", time, ReferenceSource.FILE, str(picture), "")
    shot = capture(spec_of(scene, thing, references=(reference,)), tmp_path, captures=ALL)
    (sent,) = shot.request().references
    assert (sent.width, sent.height) == (480, 320)
    view = view_at(shot, time).finer(5)
    np.testing.assert_array_equal(np.frombuffer(sent.intrinsics.data).reshape(3, 3), view.intrinsics)
    fine = plane(shot, PlaneKind.DEPTH, time, pinned=True)
    assert fine.shape == (320, 480) and sent.depth == shot.refs[PlaneKind.DEPTH, "reference", Fraction(time)]
    assert np.quantile(disagreement(fine, cast(view, scene, time, step=13)), 0.99) < 1e-4
    assert plane(shot, PlaneKind.INDEX, time, pinned=True).max() == track(shot, "Mover")
    if time == 2.0:  # also a clip frame: its own planes are there too, and are what every fifth sample says
        np.testing.assert_allclose(fine[2::5, 2::5], plane(shot, PlaneKind.DEPTH, time), rtol=1e-4)
    else:
        assert (PlaneKind.COLOUR, Fraction(time)) not in shot.refs


def test_geometry_that_is_drawn_in_strips_is_the_same(tmp_path, monkeypatch):
    scene, thing = bpy.context.scene, standard_scene()
    picture = tmp_path / "picture.png"
    picture.write_bytes(write_png(np.full((64, 96, 3), 128, np.uint8)))
    references = tuple(ReferenceSpec(f"{t}", f"{t}", t, ReferenceSource.FILE, str(picture), "") for t in (1.0, 3.0))
    spec = spec_of(scene, thing, references=references)
    whole = capture(spec, tmp_path / "whole")
    monkeypatch.setattr(strips, "LARGE", 100_000)
    session = session_of(spec, tmp_path / "strips", captures=(Input.DEPTH, Input.MOTION))
    progress = session.begin()
    steps = 3 + 3 + 2 * 5 + 2 + 2
    assert progress.total == steps, "times are read, drawn; strips, a step each; rays; writing; putting back"
    while not progress.finished:
        progress = session.step()
    parted = session.finish()
    for time in (1, 3):
        for kind in (PlaneKind.DEPTH, PlaneKind.INDEX):
            one, other = (plane(shot, kind, time, pinned=True) for shot in (whole, parted))
            assert np.mean(~np.isclose(one, other, rtol=1e-4)) < 1e-4, f"{kind} at {time}"


def told_by_rays(shot, spec) -> list[tuple[bool, bool]]:
    """(what the capture was told, what a ray of this test's own says) for every answer in a request's ``seen``."""
    sent, scene = shot.request(), bpy.context.scene
    samples, dtype, shape = unpack_plane(shot.files[sent.seen.digest].read_bytes())
    found = []
    for frame, pixel, reference, sees in np.frombuffer(samples, dtype).reshape(shape).tolist():
        here, there = spec.frame_start + frame, spec.references[reference].scene_frame
        row, column = divmod(pixel, WIDTH)
        view, eye = view_at(shot, here), view_at(shot, there).c2w[:3, 3]
        depth = plane(shot, PlaneKind.DEPTH, here)[row, column]
        point = unproject_at(np.array([row]), np.array([column]), depth[None], view.intrinsics, view.c2w)[0]
        if number := plane(shot, PlaneKind.INDEX, here)[row, column]:
            was, will = (shot.motion.matrices[shot.times.index(Fraction(t)), number - 1] for t in (here, there))
            point = (will @ np.linalg.inv(was) @ [*point, 1.0])[:3]
        scene.frame_set(int(there))
        away = Vector(point) - Vector(eye)
        graph = bpy.context.evaluated_depsgraph_get()
        hit, place, *_ = scene.ray_cast(graph, Vector(eye), away.normalized())
        found.append((bool(sees), not hit or (place - Vector(eye)).length > away.length * (1 - 1e-4)))
    return found


def test_what_silhouettes_leave_in_doubt_is_told_by_rays_that_the_surfaces_stop(tmp_path):
    scene, thing = bpy.context.scene, standard_scene()
    picture = tmp_path / "picture.png"
    picture.write_bytes(write_png(np.full((64, 96, 3), 128, np.uint8)))
    references = tuple(ReferenceSpec(f"{t}", f"{t}", t, ReferenceSource.FILE, str(picture), "") for t in (2.0, 1.0))
    spec = spec_of(scene, thing, references=references, frame_end=5)
    answers = told_by_rays(capture(spec, tmp_path / "solid"), spec)
    told = [sees for sees, _ in answers]
    assert told.count(True) > 3 and told.count(False) > 3 and all(sees == true for sees, true in answers)
    assert len(answers) < 0.03 * 5 * WIDTH * HEIGHT, "only what is in doubt is asked"
    leaves = bpy.data.materials.new("Leaves")
    leaves.use_nodes = True
    leaves.node_tree.nodes["Principled BSDF"].inputs["Alpha"].default_value = 0.5
    for name in ("Still", "Mover"):
        bpy.data.objects[name].data.materials.append(leaves)
    assert capture(spec, tmp_path / "leaves").request().seen is None, "a ray is stopped where a camera sees through"


# --- motion ------------------------------------------------------------------------------------------------------


def carried(shot, number: int, start, goal) -> np.ndarray:
    """World points of a moving thing's pixels at time ``start``, carried to time ``goal`` by its matrices."""
    depth, index = plane(shot, PlaneKind.DEPTH, start), plane(shot, PlaneKind.INDEX, start)
    view = view_at(shot, start)
    points = unproject(depth, view.intrinsics, view.c2w)[index == number]
    matrices = shot.motion.matrices[:, number - 1]
    step = matrices[shot.times.index(Fraction(goal))] @ np.linalg.inv(matrices[shot.times.index(Fraction(start))])
    return points @ step[:3, :3].T + step[:3, 3]


def distance_to(name: str, points: np.ndarray, time: float, unit_scale: float = 1.0) -> np.ndarray:
    """How far from an object's surface world points lie at a time, in metres, as Blender finds its nearest point."""
    bpy.context.scene.frame_set(int(time // 1), subframe=float(time % 1))
    thing = bpy.data.objects[name].evaluated_get(bpy.context.evaluated_depsgraph_get())
    own = thing.matrix_world.inverted()
    found = []
    for point in points[:: max(1, len(points) // 60)]:
        place = Vector(point) / unit_scale
        _, nearest, _, _ = thing.closest_point_on_mesh(own @ place)
        found.append((thing.matrix_world @ nearest - place).length * unit_scale)
    return np.array(found)


@pytest.mark.parametrize("unit_scale", [1.0, 0.01])
def test_index_and_matrices_carry_points_to_where_the_thing_is(unit_scale, tmp_path):
    scene, thing = bpy.context.scene, standard_scene()
    scene.unit_settings.scale_length = unit_scale
    spec = spec_of(scene, thing, frame_end=5)
    shot = capture(spec, tmp_path, clip_rate=Rate(16), count=3)  # frames 1, 2.5 and 4
    assert [t.name for t in shot.motion.tracks] == ["Mover"] and shot.motion.tracks[0].kind is TrackKind.RIGID
    for start in shot.times:
        for goal in shot.times:
            points = carried(shot, 1, start, goal)
            assert len(points) > 60
            assert distance_to("Mover", points, goal, unit_scale).max() < 2e-4 * 6 * unit_scale


def test_the_index_plane_is_where_rays_find_the_thing(tmp_path):
    scene, thing = bpy.context.scene, standard_scene()
    shot = capture(spec_of(scene, thing), tmp_path)
    from tests.blender.captures import cast

    for time in (1, 3):
        index, number = plane(shot, PlaneKind.INDEX, time), track(shot, "Mover")
        wrong = 0
        for row, column, _, name in cast(view_at(shot, time), scene, time, step=3):
            wrong += (name == "Mover") != (index[row, column] == number)
        assert wrong <= 2  # a ray along a silhouette may fall on either side
        assert set(np.unique(index)) == {0, number}


def test_what_a_parent_a_driver_or_a_constraint_moves_is_found(tmp_path):
    scene, thing = bpy.context.scene, camera((0, -12, 2), (0, 0, 1))
    ground()
    parent = bpy.data.objects.new("Cart", None)
    scene.collection.objects.link(parent)
    key(parent, "location", {1: (0, 0, 0), 3: (1, 0, 0)})
    box("Child", (-3, 0, 1)).parent = parent
    follower = box("Follower", (0, 0, 1)).constraints.new("COPY_LOCATION")
    follower.target = parent
    driven = box("Driven", (3, 0, 1))
    driven.driver_add("location", 2).driver.expression = "1 + frame * 0.1"
    box("Still", (5, 0, 1))
    shot = capture(spec_of(scene, thing), tmp_path)
    assert [t.name for t in shot.motion.tracks] == ["Child", "Driven", "Follower"]
    for name in ("Child", "Driven", "Follower"):
        points = carried(shot, track(shot, name), 1, 3)
        assert distance_to(name, points, 3).max() < 1e-3


def test_instances_of_one_object_are_told_apart(tmp_path):
    scene, thing = bpy.context.scene, camera((0, -14, 2), (0, 0, 1))
    part = box("Part")
    scene.collection.objects.unlink(part)
    crate = bpy.data.collections.new("Crate")
    crate.objects.link(part)
    for name, x in (("Left", -3.0), ("Still", 0.0), ("Right", 3.0)):
        holder = bpy.data.objects.new(name, None)
        holder.instance_type, holder.instance_collection = "COLLECTION", crate
        holder.location = (x, 0, 1)
        scene.collection.objects.link(holder)
        if name != "Still":
            key(holder, "location", {1: (x, 0, 1), 3: (x, 0, 2)})
    shot = capture(spec_of(scene, thing), tmp_path)
    assert [t.name for t in shot.motion.tracks] == ["Left/Part", "Right/Part"]
    for time in (1, 3):
        index, view, height = plane(shot, PlaneKind.INDEX, time), view_at(shot, time), 1 if time == 1 else 2
        assert index[pixel_of(view, (-3, -0.5, height))] == 1
        assert index[pixel_of(view, (3, -0.5, height))] == 2
        assert index[pixel_of(view, (0, -0.5, 1))] == 0


# --- the request -------------------------------------------------------------------------------------------------


def test_the_request_holds_the_camera_planes_handles_and_provenance(tmp_path):
    scene, thing = bpy.context.scene, standard_scene()
    spec = spec_of(scene, thing, frame_start=2, frame_end=3, handle_before=1, handle_after=2, seed=2**40, prompt="rain")
    shot = capture(spec, tmp_path, captures=ALL)
    request = shot.request()
    delivery = request.delivery
    assert (delivery.first, delivery.last, delivery.handle_before, delivery.handle_after) == (1, 5, 1, 2)
    assert request.grid.count == 5 and request.camera.c2w.shape == (5, 4, 4)
    assert request.camera.intrinsics.shape == (5, 3, 3) and request.motion.matrices.shape == (5, 1, 4, 4)
    assert all(len(p.frames) == 5 for p in (request.depth, request.colour, request.index))
    assert (request.seed, request.prompt) == (2**40, "rain")
    facts = request.facts
    assert (facts.scene, facts.camera, facts.addon_version) == (scene.name, thing.name, "1.2.3")
    assert facts.blender_version == bpy.app.version_string
    assert {ref.digest for ref in request.blobs()} <= shot.files.keys()
    assert shot.warnings == ()


def test_what_the_engine_does_not_take_is_not_captured(tmp_path):
    scene, thing = bpy.context.scene, standard_scene()
    request = capture(spec_of(scene, thing), tmp_path, captures=(Input.CAMERA, Input.COLOUR)).request()
    assert request.depth is None and request.index is None and request.colour is not None
    request = capture(spec_of(scene, thing, capture_colour=False), tmp_path, captures=ALL).request()
    assert request.depth is not None and request.colour is None
