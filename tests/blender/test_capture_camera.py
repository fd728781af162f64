# SPDX-License-Identifier: GPL-3.0-or-later
"""The canonical camera is Blender's own: points are where Blender projects them, surfaces as far as its rays say."""

from __future__ import annotations

import itertools
import math

import bpy
import numpy as np
import pytest
from bl_ext.user_default.second_unit.protocol.errors import ErrorCode, SecondUnitError
from bl_ext.user_default.second_unit.protocol.grid import Rate
from bl_ext.user_default.second_unit.protocol.results import Input
from bl_ext.user_default.second_unit.protocol.shot import PlaneKind, PostStep
from bl_ext.user_default.second_unit.scene.camera import read_view
from bpy_extras.object_utils import world_to_camera_view
from mathutils import Euler, Matrix, Vector

from tests.blender.captures import (
    box,
    camera,
    capture,
    cast,
    disagreement,
    key,
    plane,
    spec_of,
    standard_scene,
    view_at,
)

POINTS = [Vector(p) for p in ((0, 0, 0), (1.2, -0.7, 0.4), (-2, 3, 1), (0.5, 8, 2.5), (-0.3, -2, 1.9))]
PIXELS = 2e-3


def blender_pixels(scene: bpy.types.Scene, thing: bpy.types.Object, width: int, height: int) -> np.ndarray:
    """POINTS in pixels by Blender's own projection matrix, pixel aspect and all."""
    depsgraph = bpy.context.evaluated_depsgraph_get()
    render = scene.render
    projection = thing.evaluated_get(depsgraph).calc_matrix_camera(
        depsgraph, x=width, y=height, scale_x=render.pixel_aspect_x, scale_y=render.pixel_aspect_y
    )
    view = thing.evaluated_get(depsgraph).matrix_world.normalized().inverted()
    found = []
    for point in POINTS:
        clip = projection @ view @ point.to_4d()
        found.append(((clip.x / clip.w + 1) / 2 * width, (1 - clip.y / clip.w) / 2 * height))
    return np.array(found)


def our_pixels(view) -> np.ndarray:
    world = np.array([tuple(p) for p in POINTS]) * view.unit_scale
    local = (world - view.c2w[:3, 3]) @ view.c2w[:3, :3]
    projected = local @ view.intrinsics.T
    return projected[:, :2] / projected[:, 2:]


def check(scene, thing, width=160, height=90, **changed):
    bpy.context.view_layer.update()
    spec = spec_of(scene, thing, width=width, height=height, **changed)
    view = read_view(thing, bpy.context.evaluated_depsgraph_get(), spec, (width, height))
    np.testing.assert_allclose(our_pixels(view), blender_pixels(scene, thing, width, height), atol=PIXELS)
    return view


SIZES = ((160, 90), (90, 160), (120, 120))


@pytest.mark.parametrize("fit", ["AUTO", "HORIZONTAL", "VERTICAL"])
@pytest.mark.parametrize("size", SIZES, ids=str)
@pytest.mark.parametrize("aspect", [(1, 1), (2, 1), (1, 1.5)], ids=str)
def test_lens_shift_fit_and_pixel_aspect_are_blenders(fit, size, aspect):
    scene, thing = bpy.context.scene, camera()
    scene.render.pixel_aspect_x, scene.render.pixel_aspect_y = aspect
    lens = thing.data
    lens.sensor_fit, lens.sensor_width, lens.sensor_height = fit, 32.0, 21.0
    for focal, shift_x, shift_y in itertools.product((18.0, 85.0), (0.0, 0.23), (0.0, -0.4)):
        lens.lens, lens.shift_x, lens.shift_y = focal, shift_x, shift_y
        check(scene, thing, *size)


def test_world_to_camera_view_agrees():
    scene, thing = bpy.context.scene, camera()
    scene.render.resolution_x, scene.render.resolution_y = 160, 90
    thing.data.shift_x = 0.1
    view = check(scene, thing)
    ours = our_pixels(view)
    for point, (x, y) in zip(POINTS, ours, strict=True):
        expected = world_to_camera_view(scene, thing, point)
        assert (x / 160, 1 - y / 90) == pytest.approx((expected.x, expected.y), abs=1e-5)


def test_the_scenes_resolution_percentage_plays_no_part():
    scene, thing = bpy.context.scene, camera()
    before = check(scene, thing).intrinsics
    scene.render.resolution_percentage = 37
    assert (check(scene, thing).intrinsics == before).all()


def test_a_parented_scaled_and_constrained_camera_is_where_it_renders():
    scene, thing = bpy.context.scene, camera()
    parent = bpy.data.objects.new("Crane", None)
    scene.collection.objects.link(parent)
    parent.location, parent.rotation_euler, parent.scale = (0.4, -1, 0.3), Euler((0.1, 0.2, 0.3)), (1.7, 1.7, 1.7)
    thing.parent = parent
    thing.scale = (0.5, 2.0, 3.0)
    target = bpy.data.objects.new("Aim", None)
    scene.collection.objects.link(target)
    target.location = (0.5, 2, 0.8)
    constraint = thing.constraints.new("TRACK_TO")
    constraint.target, constraint.track_axis, constraint.up_axis = target, "TRACK_NEGATIVE_Z", "UP_Y"
    view = check(scene, thing)
    turn = view.c2w[:3, :3]
    np.testing.assert_allclose(turn.T @ turn, np.eye(3), atol=1e-12)
    away = np.array(target.location) - view.c2w[:3, 3]
    assert np.linalg.norm(np.cross(turn[:, 2], away / np.linalg.norm(away))) < 1e-4  # it looks at its aim


@pytest.mark.parametrize("scale", [0.01, 1.0, 2.5])
def test_the_unit_scale_makes_metres(scale):
    scene, thing = bpy.context.scene, camera()
    scene.unit_settings.system, scene.unit_settings.scale_length = "METRIC", scale
    view = check(scene, thing)
    np.testing.assert_allclose(view.c2w[:3, 3], np.array(thing.matrix_world.translation) * scale, rtol=1e-6)
    scene.unit_settings.system = "NONE"
    np.testing.assert_allclose(check(scene, thing).c2w[:3, 3], np.array(thing.matrix_world.translation), rtol=1e-6)


def test_a_larger_capture_holds_the_shot_in_its_middle():
    scene, thing = bpy.context.scene, camera()
    bpy.context.view_layer.update()
    spec = spec_of(scene, thing, width=150, height=90)
    depsgraph = bpy.context.evaluated_depsgraph_get()
    plain, padded = (our_pixels(read_view(thing, depsgraph, spec, size)) for size in ((150, 90), (160, 96)))
    np.testing.assert_allclose(padded - plain, np.broadcast_to((5.0, 3.0), plain.shape), atol=1e-9)


@pytest.mark.parametrize("scale", [(-1, 1, 1), (1, -1, 1), (-1, -1, -1)], ids=str)
def test_a_mirrored_camera_is_refused_in_words(scale):
    scene, thing = bpy.context.scene, camera()
    thing.scale = scale
    with pytest.raises(SecondUnitError) as error:
        check(scene, thing)
    assert error.value.code is ErrorCode.CAMERA_NOT_PERSPECTIVE and "mirrored" in error.value.info.cause


def test_lens_and_place_are_sampled_at_the_clips_own_times(tmp_path):
    """16 fps in a 24 fps scene: sub-frames, with lens and path between their keys."""
    scene, thing = bpy.context.scene, standard_scene()
    key(thing.data, "lens", {1: 30.0, 4: 60.0})
    key(thing.data, "shift_x", {1: 0.0, 4: 0.3})
    shot = capture(spec_of(scene, thing, frame_end=4), tmp_path, clip_rate=Rate(16), count=3, captures=(Input.CAMERA,))
    assert [float(t) for t in shot.times] == [1.0, 2.5, 4.0]
    for time in shot.times:
        scene.frame_set(math.floor(time), subframe=float(time % 1))
        np.testing.assert_allclose(our_pixels(view_at(shot, time)), blender_pixels(scene, thing, 96, 64), atol=PIXELS)


CASES = {
    "plain": {},
    "shifted": {"shift_x": 0.2, "shift_y": -0.15, "lens": 35.0},
    "fitted vertically": {"sensor_fit": "VERTICAL", "sensor_height": 20.0},
}


@pytest.mark.parametrize("case", CASES)
def test_depth_is_where_rays_meet_the_scene(case, tmp_path):
    scene, thing = bpy.context.scene, standard_scene()
    for name, value in CASES[case].items():
        setattr(thing.data, name, value)
    shot = capture(spec_of(scene, thing, frame_end=2), tmp_path)
    for time in (1, 2):
        errors = disagreement(plane(shot, PlaneKind.DEPTH, time), cast(view_at(shot, time), scene, time))
        assert len(errors) > 150 and errors.max() < 5e-5, errors.max()


def test_depth_through_wide_pixels_in_a_scene_of_centimetres(tmp_path):
    scene, thing = bpy.context.scene, standard_scene()
    scene.render.pixel_aspect_x, scene.render.pixel_aspect_y = 2.0, 1.0
    scene.unit_settings.scale_length = 0.01
    shot = capture(spec_of(scene, thing, frame_end=1), tmp_path)
    depth = plane(shot, PlaneKind.DEPTH, 1)
    errors = disagreement(depth, cast(view_at(shot, 1), scene, 1))
    assert len(errors) > 150 and errors.max() < 5e-5
    assert 0.01 < depth.min() < 0.06  # six units away, a centimetre each


def test_depth_is_planar_and_nothing_is_infinity(tmp_path):
    scene = bpy.context.scene
    wall = box("Wall", (0, 10.05, 0), (30, 0.1, 8))
    thing = camera((0, 0, 0), (0, 1, 0))
    depth = plane(capture(spec_of(scene, thing, frame_end=1), tmp_path), PlaneKind.DEPTH, 1)
    np.testing.assert_allclose(depth, 10.0, rtol=2e-6)
    wall.location.y = -10
    shot = capture(spec_of(scene, thing, frame_end=1), tmp_path)
    assert np.isposinf(plane(shot, PlaneKind.DEPTH, 1)).all()


def test_the_cameras_clip_range_cuts_depth_as_it_cuts_the_render(tmp_path):
    scene, thing = bpy.context.scene, standard_scene()
    thing.data.clip_start, thing.data.clip_end = 0.5, 7.0
    depth = plane(capture(spec_of(scene, thing, frame_end=1), tmp_path), PlaneKind.DEPTH, 1)
    assert depth[np.isfinite(depth)].max() <= 7.0 and np.isposinf(depth).any()


def test_matrix_of_the_view_is_the_cameras_without_scale():
    scene, thing = bpy.context.scene, camera()
    thing.scale = (2, 2, 2)
    view = check(scene, thing)
    expected = Matrix.LocRotScale(thing.location, thing.rotation_euler.to_quaternion(), None)
    np.testing.assert_allclose(view.matrix_world, np.array(expected), atol=1e-6)


@pytest.mark.parametrize(("position", "opens_s"), [("START", 0.0), ("CENTER", -0.01), ("END", -0.02)])
def test_shutter_f_stop_and_focus_are_kept_as_facts(position, opens_s, tmp_path):
    """The pictures know nothing of them (test_capture_planes); focus is planar, in metres, and follows its object."""
    scene, thing = bpy.context.scene, standard_scene()
    scene.unit_settings.scale_length = 0.5
    plain = capture(spec_of(scene, thing), tmp_path / "a").request().optics
    assert (plain.shutter_s, plain.shutter_open_s) == (0.0, 0.0)
    assert np.isposinf(np.frombuffer(plain.f_stop.data)).all()
    render, dof = scene.render, thing.data.dof
    render.use_motion_blur, render.motion_blur_shutter, render.motion_blur_position = True, 0.48, position
    dof.use_dof = True
    key(dof, "aperture_fstop", {1: 2.0, 3: 4.0})
    dof.focus_object = bpy.data.objects["Mover"]
    scene.frame_set(1)
    shot = capture(spec_of(scene, thing), tmp_path / "b")
    optics = shot.request().optics
    assert optics.shutter_s == pytest.approx(0.02) and optics.shutter_open_s == pytest.approx(opens_s)
    np.testing.assert_allclose(np.frombuffer(optics.f_stop.data), [2.0, 3.0, 4.0], atol=1e-5)
    for frame, focus in enumerate(np.frombuffer(optics.focus_m.data)):
        place = shot.motion.matrices[frame, 0, :3, 3] - shot.views[frame].c2w[:3, 3]
        assert focus == pytest.approx(place @ shot.views[frame].c2w[:3, 2], rel=1e-5)
    dof.focus_object, dof.focus_distance = None, 3.0
    asked = capture(spec_of(scene, thing, post=(PostStep("shutter", {"angle": 180.0}),)), tmp_path / "c").request()
    np.testing.assert_allclose(np.frombuffer(asked.optics.focus_m.data), 1.5)
    assert not shot.request().post, "the scene's shutter is a fact, the clip's is the shot's wish"
    assert [(step.step, step.options) for step in asked.post] == [("shutter", {"angle": 180.0})]
