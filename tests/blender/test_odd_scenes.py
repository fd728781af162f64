# SPDX-License-Identifier: GPL-3.0-or-later
"""Scenes as artists have them: odd rates, frame steps, late starts, feet, paths, markers that change the camera."""

from __future__ import annotations

from fractions import Fraction

import bpy
import numpy as np
import pytest
from bl_ext.user_default.second_unit.protocol.errors import ErrorCode
from bl_ext.user_default.second_unit.protocol.results import Input
from bl_ext.user_default.second_unit.ui.shot import checks
from bl_ext.user_default.second_unit.ui.shot.spec import camera_of, delivery, shot_spec

from tests.blender.captures import camera, capture, key, standard_scene


@pytest.fixture
def shot():
    """A shot of the standard scene, frames 1 to 5, with nothing chosen."""
    standard_scene()
    scene = bpy.context.scene
    scene.frame_start, scene.frame_end = 1, 5
    scene.render.resolution_x, scene.render.resolution_y = 96, 64
    bpy.ops.second_unit.shot_add()
    return scene.second_unit.shots[0]


def spec(shot):
    return shot_spec(bpy.context.scene, bpy.context.view_layer, shot)


def path_of(shot, folder) -> list[np.ndarray]:
    """The camera's places along the captured shot, metres."""
    taken = capture(spec(shot), folder, captures=(Input.CAMERA,))
    return [view.c2w[:3, 3] for view in taken.views]


@pytest.mark.parametrize(
    ("fps", "base", "exact"),
    [
        (24, 1.001, (24000, 1001)),
        (25, 1.0, (25, 1)),
        (60, 1.0, (60, 1)),
        (30, 1.001, (30000, 1001)),
        (12, 0.5, (24, 1)),
    ],
)
def test_the_scenes_rate_is_the_deliverys_exactly(shot, fps, base, exact, tmp_path):
    bpy.context.scene.render.fps, bpy.context.scene.render.fps_base = fps, base
    rate = delivery(spec(shot)).rate
    assert Fraction(rate.num, rate.den) == Fraction(*exact)
    taken = capture(spec(shot), tmp_path, captures=(Input.CAMERA,), clip_rate=rate)
    assert [float(t) for t in taken.times] == [1, 2, 3, 4, 5], "a clip frame for every scene frame"


def test_a_frame_step_leaves_no_frame_out(shot, tmp_path):
    whole = path_of(shot, tmp_path / "a")
    bpy.context.scene.frame_step = 3
    stepped = path_of(shot, tmp_path / "b")
    assert len(stepped) == 5
    np.testing.assert_allclose(stepped, whole)


@pytest.mark.parametrize("start", [-20, 0, 101])
def test_a_shot_may_start_anywhere(shot, start, tmp_path):
    for action in bpy.data.actions:
        for curve in curves_of(action):
            for point in curve.keyframe_points:
                point.co_ui.x += start - 1
    shot.use_scene_range, shot.frame_start, shot.frame_end = False, start, start + 4
    moved = path_of(shot, tmp_path)
    assert len(moved) == 5 and np.ptp(moved, axis=0).max() > 0.5


def curves_of(action):
    if hasattr(action, "fcurves"):
        return list(action.fcurves)
    return [c for layer in action.layers for strip in layer.strips for bag in strip.channelbags for c in bag.fcurves]


@pytest.mark.parametrize(
    ("system", "scale", "metres"), [("IMPERIAL", 1.0, 1.0), ("METRIC", 0.01, 0.01), ("NONE", 0.01, 1.0)]
)
def test_the_path_is_in_metres_whatever_the_units_are_called(shot, system, scale, metres, tmp_path):
    plain = path_of(shot, tmp_path / "a")
    units = bpy.context.scene.unit_settings
    units.system, units.scale_length = system, scale
    np.testing.assert_allclose(path_of(shot, tmp_path / "b"), np.array(plain) * metres, rtol=1e-6)


def test_a_camera_on_a_path_is_followed_along_it(shot, tmp_path):
    scene = bpy.context.scene
    curve = bpy.data.curves.new("Rail", "CURVE")
    curve.dimensions, curve.path_duration, curve.use_path = "3D", 4, True
    rail = curve.splines.new("POLY")
    rail.points.add(1)
    rail.points[0].co, rail.points[1].co = (-3, -6, 2, 1), (3, -6, 2, 1)
    thing = bpy.data.objects.new("Rail", curve)
    scene.collection.objects.link(thing)
    rider = camera(name="Rider", place=(0, 0, 0), aim=(0, 1, 0))
    follow = rider.constraints.new("FOLLOW_PATH")
    follow.target = thing
    key(curve, "eval_time", {1: 0.0, 5: 4.0})
    for point in (p for c in curves_of(curve.animation_data.action) for p in c.keyframe_points):
        point.interpolation = "LINEAR"
    shot.camera = rider
    np.testing.assert_allclose([place[0] for place in path_of(shot, tmp_path)], [-3, -1.5, 0, 1.5, 3], atol=1e-3)


def test_a_shot_of_a_scene_that_is_not_open_is_seen_in_a_view_layer_of_its_own(shot, tmp_path):
    scene = bpy.context.scene
    scene.view_layers[0].name = "Film"
    here = path_of(shot, tmp_path / "a")
    bpy.context.window.scene = bpy.data.scenes.new("Open")
    elsewhere = shot_spec(scene, bpy.context.view_layer, shot)
    assert elsewhere.view_layer == "Film"
    taken = capture(elsewhere, tmp_path / "b", captures=(Input.CAMERA,))
    np.testing.assert_allclose([view.c2w[:3, 3] for view in taken.views], here)


def switch(*frames: int) -> list[bpy.types.Object]:
    """Cameras that markers put in force at these frames."""
    scene, made = bpy.context.scene, []
    for frame in frames:
        made.append(camera(name=f"Cam {frame}", place=(frame, -6, 2)))
        scene.timeline_markers.new(f"M{frame}", frame=frame).camera = made[-1]
    return made


def test_without_a_camera_of_its_own_a_shot_has_the_one_of_its_first_frame(shot):
    scene = bpy.context.scene
    early, late = switch(-10, 40)
    shot.use_scene_range = False
    for first, last, wanted in ((1, 39, early), (40, 60, late), (-30, -11, early)):
        shot.frame_start, shot.frame_end = first, last
        scene.frame_set(1)
        assert camera_of(scene, shot) == wanted
        assert checks.check(spec(shot))[0].code is ErrorCode.NO_REFERENCE, "nothing is wrong with the camera"
        scene.frame_set(first)
        assert scene.camera == wanted, "and that is the one that Blender renders"


def test_markers_that_change_the_camera_inside_the_shot_are_refused_with_the_frame(shot):
    switch(1, 4)
    (problem, *_) = checks.check(spec(shot))
    assert problem.code is ErrorCode.NO_CAMERA
    assert problem.cause == "A marker goes over from the camera Cam 1 to Cam 4 at frame 4, inside the shot"
    assert problem.remedy.startswith("End the shot at frame 3")
    shot.use_scene_range, shot.frame_start, shot.frame_end = False, 1, 3
    assert checks.check(spec(shot))[0].code is ErrorCode.NO_REFERENCE
    shot.handle_after = 1
    assert checks.check(spec(shot))[0].code is ErrorCode.NO_CAMERA


def test_a_shot_with_a_camera_of_its_own_keeps_it_through_all_markers(shot, tmp_path):
    own = bpy.data.objects["Camera"]
    shot.camera = own
    alone = path_of(shot, tmp_path / "a")
    cameras = switch(1, 4)
    np.testing.assert_allclose(path_of(shot, tmp_path / "b"), alone)
    assert [m.camera for m in bpy.context.scene.timeline_markers] == cameras, "markers are as they were"


def test_a_marker_for_the_same_camera_is_no_change(shot):
    (only,) = switch(1)
    bpy.context.scene.timeline_markers.new("again", frame=3).camera = only
    assert spec(shot).camera_switch is None and spec(shot).camera == only.name
