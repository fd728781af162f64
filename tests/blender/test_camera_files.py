# SPDX-License-Identifier: GPL-3.0-or-later
"""Camera paths from files become Blender cameras, and come back as they were."""

from __future__ import annotations

import json
import math

import bpy
import numpy as np
import pytest
from bl_ext.user_default.second_unit.cameras import CameraTrack, Given, read_camera, write_camera
from bl_ext.user_default.second_unit.core.camera_files import World, world_of
from bl_ext.user_default.second_unit.scene.animated import curves_of

from tests.blender.captures import camera as add_camera

EXACT = 1e-6
LOOKS_AHEAD = np.array([[1.0, 0, 0], [0, 0, 1], [0, -1, 0]])  # columns right, down, forward in a z-up world


def turn(axis, angle):
    x, y, z = np.eye(3)[axis]
    cross = np.array([[0, -z, y], [z, 0, -x], [-y, x, 0]])
    return np.eye(3) + math.sin(angle) * cross + (1 - math.cos(angle)) * cross @ cross


def flight(frames=25, fps=24.0, zoom=True, aspect=1.0):
    """Once around itself, over the top and back, zooming, with its picture's centre wandering off."""
    poses = np.tile(np.eye(4), (frames, 1, 1))
    lens = np.tile(np.eye(3), (frames, 1, 1))
    for i, t in enumerate(np.linspace(0, 1, frames)):
        poses[i, :3, :3] = turn(2, 2.2 * math.pi * t) @ turn(0, 1.2 * math.sin(3 * t)) @ LOOKS_AHEAD @ turn(2, 0.3 * t)
        poses[i, :3, 3] = [3 * math.cos(5 * t), 2 * t - 1, 1 + 0.5 * t * t]
        focal = 700 + (400 * t if zoom else 0)
        lens[i] = [[focal, 0, 400 + 30 * t], [0, focal / aspect, 260 - 12 * t], [0, 0, 1]]
    return CameraTrack.at_rate(poses, lens, 832, 480, fps)


def imported(path, **options):
    assert bpy.ops.second_unit.camera_import(filepath=str(path), **options) == {"FINISHED"}
    return bpy.context.scene.camera


def exported(path, form, **options):
    assert bpy.ops.second_unit.camera_export(filepath=str(path), form=form, **options) == {"FINISHED"}
    return read_camera(path, None, Given(size=(832, 480)))


@pytest.mark.parametrize("form", ["realestate10k", "transforms_json", "colmap", "c2w_npz", "w2c_npz"])
@pytest.mark.parametrize("world", ["Z_UP", "Y_DOWN"])
def test_import_then_export_is_the_identity(tmp_path, form, world):
    scene = bpy.context.scene
    scene.render.resolution_x, scene.render.resolution_y = 832, 480
    ending = {"realestate10k": ".txt", "transforms_json": ".json", "colmap": ""}.get(form, ".npz")
    track = flight()
    write_camera(track, tmp_path / f"in{ending}", form)
    imported(tmp_path / f"in{ending}", world=world, frame_start=11)
    assert (scene.frame_start, scene.frame_end) == (11, 35)
    found = exported(tmp_path / f"out{ending}", form, world=world)
    assert np.abs(found.c2w - track.c2w).max() < EXACT * 3, "float32 locations up to 3 m"
    assert np.abs(found.c2w[:, :3, :3] - track.c2w[:, :3, :3]).max() < EXACT
    size = np.array([832, 480, 1.0])[:, None]
    assert (np.abs(found.intrinsics - track.intrinsics) / size).max() < EXACT
    assert np.abs(found.times_s - track.times_s).max() < EXACT


def test_turns_never_flip(tmp_path):
    """More than once around: angles go on beyond 180° in small steps, so that sub-frames are right too."""
    write_camera(flight(), tmp_path / "in.npz", "c2w_npz")
    camera = imported(tmp_path / "in.npz", world="Z_UP")
    for curve in curves_of(camera):
        values = np.array([point.co.y for point in curve.keyframe_points])
        assert len(values) == 25
        if curve.data_path == "rotation_euler":
            assert np.abs(np.diff(values)).max() < 0.6
        assert {point.interpolation for point in curve.keyframe_points} == {"LINEAR"}
    fine = flight(frames=49)
    scene = bpy.context.scene
    scene.frame_set(12, subframe=0.5)
    axes = np.array(camera.matrix_world)[:3, :3] * [1, -1, -1]
    assert np.abs(axes - fine.c2w[23, :3, :3]).max() < 0.02


def test_a_still_lens_gets_no_keys_and_a_zoom_does(tmp_path):
    write_camera(flight(zoom=True), tmp_path / "zoom.npz", "c2w_npz")
    camera = imported(tmp_path / "zoom.npz")
    assert {curve.data_path for curve in curves_of(camera.data)} == {"lens", "shift_x", "shift_y"}
    assert camera.data.sensor_fit == "HORIZONTAL"
    still = flight()
    still = CameraTrack.at_rate(still.c2w, [[700, 0, 416], [0, 700, 240], [0, 0, 1.0]], 832, 480, 24)
    write_camera(still, tmp_path / "still.npz", "c2w_npz")
    camera = imported(tmp_path / "still.npz")
    assert not curves_of(camera.data)
    assert camera.data.lens == pytest.approx(700 * 36 / 832, rel=1e-6)
    assert (camera.data.shift_x, camera.data.shift_y) == (0, 0)


@pytest.mark.parametrize("aspect", [0.5, 2.0])
def test_pixels_that_are_not_square_become_the_scenes(tmp_path, aspect):
    track = flight(zoom=False, aspect=aspect)
    write_camera(track, tmp_path / "in.npz", "c2w_npz")
    imported(tmp_path / "in.npz", world="Z_UP")
    found = exported(tmp_path / "out.npz", "c2w_npz")
    assert np.abs(found.intrinsics - track.intrinsics).max() < 2e-3


def test_a_slower_path_gets_a_key_every_third_frame(tmp_path):
    write_camera(flight(frames=9, fps=8.0), tmp_path / "in.npz", "c2w_npz")
    camera = imported(tmp_path / "in.npz", frame_start=1)
    curve = next(curve for curve in curves_of(camera) if curve.data_path == "location")
    assert [point.co.x for point in curve.keyframe_points] == [1 + 3 * i for i in range(9)]
    assert bpy.context.scene.frame_end == 25


def test_a_path_in_centimetres_and_a_scene_in_other_units(tmp_path):
    scene = bpy.context.scene
    scene.unit_settings.system, scene.unit_settings.scale_length = "METRIC", 0.5
    write_camera(flight(), tmp_path / "in.npz", "c2w_npz")
    camera = imported(tmp_path / "in.npz", world="Z_UP", scale=0.01)
    scene.frame_set(scene.frame_start)
    assert camera.matrix_world.translation.x == pytest.approx(3 * 0.01 / 0.5, rel=1e-5)
    found = exported(tmp_path / "out.npz", "c2w_npz")
    assert np.abs(found.c2w[:, :3, 3] - flight().c2w[:, :3, 3] * 0.01).max() < EXACT


def test_which_way_is_up_is_seen(tmp_path):
    """A camera at rest in its own world looks ahead in Blender's, not at the zenith."""
    track = CameraTrack.at_rate(np.tile(np.eye(4), (3, 1, 1)), [[700, 0, 416], [0, 700, 240], [0, 0, 1]], 832, 480, 24)
    assert world_of(track) is World.Y_DOWN
    assert world_of(flight()) is World.Z_UP
    write_camera(track, tmp_path / "in.npz", "c2w_npz")
    camera = imported(tmp_path / "in.npz")
    bpy.context.view_layer.update()
    axes = np.array(camera.matrix_world)[:3, :3]
    np.testing.assert_allclose(axes[:, 1], [0, 0, 1], atol=1e-6)  # up is up
    np.testing.assert_allclose(-axes[:, 2], [0, 1, 0], atol=1e-6)  # it looks along +y


def test_a_file_without_lens_or_size_takes_the_scenes(tmp_path):
    (tmp_path / "poses.txt").write_text("1 0 0 0 0 1 0 0 0 0 1 0\n1 0 0 1 0 1 0 0 0 0 1 0\n")
    bpy.context.scene.render.resolution_x, bpy.context.scene.render.resolution_y = 640, 360
    camera = imported(tmp_path / "poses.txt", fov=math.radians(90))
    assert camera.data.lens == pytest.approx(18.0)
    assert bpy.context.scene.render.resolution_x == 640


def test_the_shot_takes_the_camera_and_the_undo_takes_it_back(tmp_path):
    write_camera(flight(), tmp_path / "in.npz", "c2w_npz")
    bpy.ops.second_unit.shot_add()
    before = bpy.context.scene.camera
    bpy.ops.second_unit.camera_import(filepath=str(tmp_path / "in.npz"))
    shot = bpy.context.scene.second_unit.shots[0]
    assert shot.camera.name == "in" and bpy.context.scene.camera == before
    shot.use_scene_range, shot.frame_start, shot.frame_end = False, 3, 6
    found = exported(tmp_path / "out.npz", "c2w_npz")
    assert len(found) == 4
    assert np.abs(found.c2w - flight().c2w[2:6]).max() < 3 * EXACT


def test_an_export_leaves_the_scene_where_it_was(tmp_path):
    scene, camera = bpy.context.scene, add_camera()
    scene.camera = camera
    scene.frame_set(7, subframe=0.25)
    camera.location.x = 0.0
    camera.keyframe_insert("location", frame=1)
    camera.location.x = 5.0  # not keyed
    exported(tmp_path / "out.json", "transforms_json")
    assert (scene.frame_current, scene.frame_subframe) == (7, 0.25)
    assert camera.location.x == 5.0


@pytest.mark.parametrize(
    ("name", "content"), [("a.txt", "no path"), ("a.json", "{}"), ("a.npz", "no"), ("b.npy", "no")]
)
def test_what_is_no_path_is_refused_in_words(tmp_path, name, content):
    (tmp_path / name).write_text(content)
    with pytest.raises(RuntimeError, match="cannot be told"):
        bpy.ops.second_unit.camera_import(filepath=str(tmp_path / name))
    assert not bpy.data.cameras


def test_losses_are_told(tmp_path, capfd):
    scene, camera = bpy.context.scene, add_camera()
    scene.camera = camera
    bpy.ops.second_unit.camera_export(filepath=str(tmp_path / "out"), form="motionctrl")
    assert len(json.loads((tmp_path / "out.json").read_text())) == scene.frame_end
    assert "relative to the first frame" in "".join(capfd.readouterr())


def test_an_orthographic_camera_is_refused(tmp_path):
    camera = add_camera()
    bpy.context.scene.camera, camera.data.type = camera, "ORTHO"
    with pytest.raises(RuntimeError, match="orthographic"):
        bpy.ops.second_unit.camera_export(filepath=str(tmp_path / "out.npz"), form="c2w_npz")
