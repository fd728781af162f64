# SPDX-License-Identifier: GPL-3.0-or-later
"""What the demo's scenes share: what they tell of themselves, render settings, cameras, keys."""

from __future__ import annotations

from typing import NamedTuple

import bpy
from mathutils import Vector

FIRST_FRAME, LAST_FRAME = 1, 49
FPS = 24
WIDTH, HEIGHT = 832, 480


class DemoScene(NamedTuple):
    """What was built; names stay valid, so nothing of bpy is held."""

    scene: str
    camera: str
    movers: tuple[str, ...]
    reference_frames: tuple[int, ...]
    prompt: str


def set_render(scene: bpy.types.Scene) -> None:
    """Frames, rate, size and a Cycles set-up that renders this kind of scene fast: baked light, few samples."""
    scene.frame_start, scene.frame_end = FIRST_FRAME, LAST_FRAME
    scene.render.fps, scene.render.fps_base = FPS, 1.0
    scene.render.resolution_x, scene.render.resolution_y = WIDTH, HEIGHT
    scene.render.resolution_percentage = 100
    scene.render.engine = "CYCLES"
    scene.render.dither_intensity = 0.0
    scene.view_settings.view_transform = "Standard"
    cycles = scene.cycles
    cycles.device, cycles.samples = "CPU", 8
    cycles.use_adaptive_sampling = cycles.use_denoising = False
    cycles.max_bounces = cycles.diffuse_bounces = cycles.glossy_bounces = cycles.transmission_bounces = 0


def add_camera(scene: bpy.types.Scene, keys) -> bpy.types.Object:
    """The scene's camera, keyed: ``keys`` are (frame, position, what it looks at, lens in mm)."""
    lens = bpy.data.cameras.new("Shot Camera")
    camera = bpy.data.objects.new("Shot Camera", lens)
    camera.rotation_mode = "QUATERNION"
    lens.sensor_fit, lens.sensor_width = "HORIZONTAL", 36.0
    lens.clip_start, lens.clip_end = 0.1, 400.0
    scene.collection.objects.link(camera)
    scene.camera = camera
    for frame, place, aim, focal in keys:
        camera.location = place
        camera.rotation_quaternion = (Vector(aim) - Vector(place)).to_track_quat("-Z", "Y")
        lens.lens = focal
        camera.keyframe_insert("location", frame=frame)
        camera.keyframe_insert("rotation_quaternion", frame=frame)
        lens.keyframe_insert("lens", frame=frame)
    return camera


def key_path(thing: bpy.types.Object, keys, turns: tuple[float, ...] = ()) -> None:
    """Keys an even motion: ``keys`` are (frame, position), ``turns`` the angles about z that go with them."""
    for number, (frame, place) in enumerate(keys):
        thing.location = place
        thing.keyframe_insert("location", frame=frame)
        if turns:
            thing.rotation_euler.z = turns[number]
            thing.keyframe_insert("rotation_euler", index=2, frame=frame)
    data = thing.animation_data
    for layer in data.action.layers:
        for strip in layer.strips:
            for curve in strip.channelbag(data.action_slot).fcurves:
                for point in curve.keyframe_points:
                    point.interpolation = "LINEAR"
