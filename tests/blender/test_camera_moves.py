# SPDX-License-Identifier: GPL-3.0-or-later
"""Camera moves as the buttons write them: what the camera does in Blender afterwards, and the keys that do it."""

from __future__ import annotations

import importlib
import math

import bpy
import numpy as np
import pytest
from mathutils import Euler, Vector

from tests.blender.inside import PACKAGE

FIRST, LAST = 11, 35


def part(name: str):
    return importlib.import_module(f"{PACKAGE}.{name}")


@pytest.fixture
def camera() -> bpy.types.Object:
    """Level at (0, -10, 2), looking along +y at a wall at y = 0; a shot over frames 11 to 35."""
    scene = bpy.context.scene
    made = bpy.data.objects.new("Cam", bpy.data.cameras.new("Cam"))
    scene.collection.objects.link(made)
    made.location, made.rotation_euler = (0, -10, 2), (math.pi / 2, 0, 0)
    scene.camera = made
    bpy.ops.mesh.primitive_plane_add(size=40, rotation=(math.pi / 2, 0, 0))
    bpy.ops.second_unit.shot_add()
    shot = scene.second_unit.shots[0]
    shot.use_scene_range, shot.frame_start, shot.frame_end = False, FIRST, LAST
    scene.frame_set(FIRST)
    bpy.context.view_layer.update()
    return made


def at(camera: bpy.types.Object, frame: float) -> np.ndarray:
    bpy.context.scene.frame_set(int(frame // 1), subframe=frame % 1)
    return np.array(camera.matrix_world)


def looks(matrix: np.ndarray) -> np.ndarray:
    return -matrix[:3, 2]


def keyed(owner: bpy.types.ID) -> set[str]:
    return {curve.data_path for curve in part("scene.animated").curves_of(owner)}


@pytest.mark.parametrize(("move", "place"), [("DOLLY", (0, -6, 2)), ("TRUCK", (4, -10, 2)), ("PEDESTAL", (0, -10, 6))])
def test_travelling_moves_key_the_location_alone(camera, move, place):
    bpy.ops.second_unit.camera_move(move=move, length=4.0)
    assert np.allclose(at(camera, FIRST)[:3, 3], (0, -10, 2))
    assert np.allclose(at(camera, LAST)[:3, 3], place, atol=1e-5)
    middle = (np.array((0, -10, 2)) + place) / 2
    assert np.allclose(at(camera, (FIRST + LAST) / 2)[:3, 3], middle, atol=1e-4)
    assert keyed(camera) == {"location"}
    early = np.linalg.norm(at(camera, FIRST + 2.4)[:3, 3] - (0, -10, 2))
    assert early == pytest.approx(4 * 0.5 * (1 - math.cos(0.1 * math.pi)), abs=0.01)  # eased, by Blender's own curve


def test_a_pan_over_half_a_circle_turns_all_the_way_and_stays_level(camera):
    bpy.ops.second_unit.camera_move(move="PAN", angle=math.radians(200), ease="LINEAR")
    assert keyed(camera) == {"rotation_euler"}
    for frame in np.linspace(FIRST, LAST, 9):
        angle = math.radians(200) * (frame - FIRST) / (LAST - FIRST)
        matrix = at(camera, frame)
        assert np.allclose(looks(matrix), (-math.sin(angle), math.cos(angle), 0), atol=2e-3)
        assert abs(matrix[2, 0]) < 1e-5


@pytest.mark.parametrize("mode", ["XYZ", "ZYX", "QUATERNION", "AXIS_ANGLE"])
def test_an_orbit_keeps_its_subject_in_the_middle_in_every_rotation_mode(camera, mode):
    camera.rotation_mode = mode
    camera.matrix_world = camera.matrix_world.Translation((0, -10, 2)) @ Euler((math.pi / 2, 0, 0)).to_matrix().to_4x4()
    bpy.ops.second_unit.camera_move(move="ORBIT", angle=math.radians(90))
    for frame in np.linspace(FIRST, LAST, 13):
        matrix = at(camera, frame)
        away = np.array((0, 0, 2)) - matrix[:3, 3]
        assert np.linalg.norm(away) == pytest.approx(10, rel=0.005)
        assert looks(matrix) @ away / np.linalg.norm(away) > math.cos(math.radians(0.5))
    assert np.allclose(at(camera, LAST)[:3, 3], (10, 0, 2), atol=1e-3)


def test_end_here_arrives_at_the_present_pose(camera):
    bpy.ops.second_unit.camera_move(move="DOLLY", length=4.0, arrive=True)
    assert np.allclose(at(camera, FIRST)[:3, 3], (0, -14, 2), atol=1e-5)
    assert np.allclose(at(camera, LAST)[:3, 3], (0, -10, 2), atol=1e-5)


def test_moves_on_other_properties_add_up_and_the_same_again_replaces(camera):
    bpy.ops.second_unit.camera_move(move="DOLLY", length=4.0)
    bpy.context.scene.frame_set(FIRST)
    bpy.ops.second_unit.camera_move(move="TILT", angle=math.radians(20))
    bpy.context.scene.frame_set(FIRST)
    bpy.ops.second_unit.camera_move(move="DOLLY", length=2.0)
    last = at(camera, LAST)
    assert np.allclose(last[:3, 3], (0, -8, 2), atol=1e-5)
    assert np.allclose(looks(last), (0, math.cos(math.radians(20)), math.sin(math.radians(20))), atol=1e-4)
    curves = part("scene.animated").curves_of(camera)
    assert {len(curve.keyframe_points) for curve in curves if curve.data_path == "location"} == {2}


def test_a_dolly_zoom_keeps_the_wall_in_the_picture(camera):
    bpy.ops.second_unit.camera_move(move="DOLLY_ZOOM", length=5.0)
    for frame in (FIRST, 20, 27, LAST):
        matrix = at(camera, frame)
        assert camera.data.lens / -matrix[1, 3] == pytest.approx(5.0, rel=1e-3)  # 50 mm at 10 units
    assert keyed(camera.data) == {"lens"}


def test_handheld_sways_inside_the_shot_and_can_be_taken_away(camera):
    bpy.ops.second_unit.camera_move(move="HANDHELD", strength=1.0)
    places = np.array([at(camera, frame)[:3, 3] for frame in range(FIRST, LAST + 1)]) - (0, -10, 2)
    assert 0.002 < np.abs(places).max() < 0.06
    assert np.allclose(at(camera, FIRST - 5)[:3, 3], (0, -10, 2))
    bpy.ops.second_unit.camera_move(move="HANDHELD", strength=0.0)
    assert np.allclose(at(camera, 20)[:3, 3], (0, -10, 2))


def test_a_parented_camera_moves_in_the_world(camera):
    rig = bpy.data.objects.new("Rig", None)
    bpy.context.scene.collection.objects.link(rig)
    rig.location, rig.rotation_euler, rig.scale = (3, 1, 0), (0, 0, 1.1), (2, 2, 2)
    bpy.context.view_layer.update()
    camera.parent = rig
    camera.matrix_world = Euler((math.pi / 2, 0, 0)).to_matrix().to_4x4()
    camera.matrix_world.translation = Vector((0, -10, 2))
    bpy.context.view_layer.update()
    before = np.array(camera.matrix_world)
    bpy.ops.second_unit.camera_move(move="DOLLY", length=4.0)
    moved = at(camera, LAST)[:3, 3] - before[:3, 3]
    assert np.allclose(moved, 4 * looks(before) / np.linalg.norm(looks(before)), atol=1e-4)


def test_a_constrained_camera_is_refused_with_the_reason(camera):
    camera.constraints.new("TRACK_TO")
    with pytest.raises(RuntimeError, match="follows a constraint: mute or remove it"):
        bpy.ops.second_unit.camera_move(move="DOLLY")


def test_reaching_the_subject_is_refused_and_nothing_is_keyed(camera):
    with pytest.raises(RuntimeError, match="would reach what it looks at, 10 units away"):
        bpy.ops.second_unit.camera_move(move="DOLLY_ZOOM", length=10.0)
    assert camera.animation_data is None


def test_a_recorded_flight_is_resampled_to_whole_frames():
    recording = part("core.recording")
    times = np.array([0.0, 0.4, 1.7, 2.1, 3.0, 4.2])
    places = np.stack([times, 2 * times, 0 * times], 1)
    turns = np.array([list(Euler((0, 0, 0.1 * t)).to_quaternion()) for t in times])
    turns[2] *= -1  # the same turn
    found, turned = recording.resampled(times, places, turns, np.arange(5.0), 0.0)
    assert np.allclose(found[:, 0], [0, 1, 2, 3, 4]) and np.allclose(found[:, 1], [0, 2, 4, 6, 8])
    expected = np.array([list(Euler((0, 0, 0.1 * t)).to_quaternion()) for t in range(5)])
    assert np.abs(turned - expected).max() < 1e-4
