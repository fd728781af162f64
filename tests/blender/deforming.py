# SPDX-License-Identifier: GPL-3.0-or-later
"""Scenes in which things bend, for tests and benches. Needs bpy alone."""

from __future__ import annotations

import bpy
import numpy as np
from mathutils import Vector


def tube(name: str, place=(0.0, 0.0, 0.0), rings: int = 25, around: int = 16, radius=0.35, height=2.4):
    """A closed upright tube with a UV map."""
    angles = np.linspace(0, 2 * np.pi, around, endpoint=False)
    levels = np.linspace(0, height, rings)
    points = [(radius * np.cos(a), radius * np.sin(a), z) for z in levels for a in angles]
    sides = [
        (r * around + i, r * around + (i + 1) % around, (r + 1) * around + (i + 1) % around, (r + 1) * around + i)
        for r in range(rings - 1)
        for i in range(around)
    ]
    ends = [tuple(range(around))[::-1], tuple(range((rings - 1) * around, rings * around))]
    return _add(name, points, sides + ends, place)


def sheet(name: str, place=(0.0, 0.0, 0.0), side: int = 24, size: float = 2.0) -> bpy.types.Object:
    """A square in the xz plane, facing -y."""
    steps = np.linspace(-size / 2, size / 2, side + 1)
    points = [(x, 0.0, z) for z in steps for x in steps]
    row = side + 1
    faces = [
        (j * row + i, j * row + i + 1, (j + 1) * row + i + 1, (j + 1) * row + i)
        for j in range(side)
        for i in range(side)
    ]
    return _add(name, points, faces, place)


def bend(thing: bpy.types.Object, height: float = 2.4, bones: int = 3) -> bpy.types.Object:
    """Gives a tube an armature that bends and twists it over frames 1 to 5, and to the other side until 25."""
    data = bpy.data.armatures.new(f"{thing.name} bones")
    rig = bpy.data.objects.new(f"{thing.name} rig", data)
    rig.location = thing.location
    bpy.context.scene.collection.objects.link(rig)
    bpy.context.view_layer.objects.active = rig
    bpy.ops.object.mode_set(mode="EDIT")
    parent = None
    for n in range(bones):
        bone = data.edit_bones.new(f"Bone {n}")
        bone.head, bone.tail = (0, 0, height * n / bones), (0, 0, height * (n + 1) / bones)
        bone.parent, bone.use_connect, parent = parent, parent is not None, bone
    bpy.ops.object.mode_set(mode="OBJECT")
    heights = np.array([vertex.co.z for vertex in thing.data.vertices]) / height * bones
    for n in range(bones):
        group = thing.vertex_groups.new(name=f"Bone {n}")
        weights = np.clip(1.0 - np.abs(heights - (n + 0.5)), 0.0, 1.0)
        for index, weight in enumerate(weights):
            group.add([index], float(weight), "REPLACE")
    modifier = thing.modifiers.new("Armature", "ARMATURE")
    modifier.object = rig
    for n in range(1, bones):
        pose = rig.pose.bones[f"Bone {n}"]
        pose.rotation_mode = "XYZ"
        for frame, turn in ((1, (0.0, 0.0, 0.0)), (5, (0.25, 0.2, 0.3)), (25, (-0.5, 0.4, -0.6))):
            pose.rotation_euler = turn
            pose.keyframe_insert("rotation_euler", frame=frame)
    return rig


def swell(thing: bpy.types.Object) -> None:
    """Gives a thing a shape key that pushes it about from frame 1 to 5 and back until 25."""
    thing.shape_key_add(name="Basis")
    key = thing.shape_key_add(name="Swollen")
    for point in key.data:
        x, y, z = point.co
        point.co = Vector((x + 0.25 * np.sin(2 * z), y - 0.4 * np.cos(1.5 * x) * np.cos(1.5 * z), z + 0.2 * x))
    for frame, value in ((1, 0.0), (5, 0.8), (25, 0.1)):
        key.value = value
        key.keyframe_insert("value", frame=frame)


def moving_camera() -> bpy.types.Object:
    """A camera that swings from left to right over frames 1 to 25."""
    made = bpy.data.objects.new("Camera", bpy.data.cameras.new("Camera"))
    bpy.context.scene.collection.objects.link(made)
    made.rotation_mode = "QUATERNION"
    for frame in range(1, 26, 4):
        t = (frame - 1) / 24
        made.location = (-1.2 + 2.4 * t, -6.0 + 0.8 * t, 1.6 + 0.3 * t)
        made.rotation_quaternion = (Vector((0.0, 0.0, 1.1)) - made.location).to_track_quat("-Z", "Y")
        made.keyframe_insert("location", frame=frame)
        made.keyframe_insert("rotation_quaternion", frame=frame)
    bpy.context.scene.camera = made
    return made


def floor_and_wall() -> None:
    """Something that stands still behind and below."""
    _add("Floor", [(-30, -30, 0), (30, -30, 0), (30, 30, 0), (-30, 30, 0)], [(0, 1, 2, 3)], (0, 0, 0))
    _add("Wall", [(-9, 3, 0), (9, 3, 0), (9, 3, 7), (-9, 3, 7)], [(0, 1, 2, 3)], (0, 0, 0))


def armature_scene() -> bpy.types.Object:
    """A tube bent by bones while its rig slides, a box that moves rigidly, floor, wall; returns the camera."""
    floor_and_wall()
    rig = bend(tube("Arm", (0.3, 0.0, 0.0)))
    for frame, x in ((1, 0.3), (25, 0.9)):
        rig.location.x = x
        rig.keyframe_insert("location", frame=frame)
    _mover()
    return _begin()


def shape_key_scene() -> bpy.types.Object:
    """A sheet pushed about by a shape key and smoothed by subdivision, another that waves, a rigid box."""
    floor_and_wall()
    face = sheet("Face", (-0.8, 0.2, 1.3), 12)
    swell(face)
    levels = face.modifiers.new("Subdivision", "SUBSURF")
    levels.levels, levels.render_levels = 0, 2
    flag = sheet("Flag", (1.3, 0.5, 1.2), 40, 1.6)
    wave = flag.modifiers.new("Wave", "WAVE")
    wave.use_normal, wave.height, wave.width, wave.narrowness, wave.speed = True, 0.15, 0.6, 1.5, 0.06
    wave.time_offset = -60
    _mover()
    return _begin()


SCENES = {"armature": armature_scene, "shape key": shape_key_scene}


def _mover() -> None:
    corners = [(x, y, z) for x in (-0.3, 0.3) for y in (-0.3, 0.3) for z in (-0.3, 0.3)]
    faces = [(0, 1, 3, 2), (4, 6, 7, 5), (0, 4, 5, 1), (2, 3, 7, 6), (0, 2, 6, 4), (1, 5, 7, 3)]
    mover = _add("Mover", corners, faces, (-1.9, -0.6, 0.5))
    for frame, x, turn in ((1, -1.9, 0.0), (25, -1.0, 1.2)):
        mover.location.x, mover.rotation_euler.z = x, turn
        mover.keyframe_insert("location", frame=frame)
        mover.keyframe_insert("rotation_euler", frame=frame)


def _begin() -> bpy.types.Object:
    camera = moving_camera()
    bpy.context.scene.frame_start, bpy.context.scene.frame_end = 1, 25
    bpy.context.scene.frame_set(1)
    return camera


def _add(name: str, points, faces, place) -> bpy.types.Object:
    mesh = bpy.data.meshes.new(name)
    mesh.from_pydata([tuple(map(float, point)) for point in points], [], faces)
    made = bpy.data.objects.new(name, mesh)
    made.location = place
    bpy.context.scene.collection.objects.link(made)
    return made


def vector_pass(scene: bpy.types.Scene, frame: int, size: tuple[int, int], path, reader) -> tuple:
    """Cycles' own flow at a frame through the scene's camera, one sample at each pixel's centre.

    Returns (to the frame before, to the frame after), each (H, W, 2), pixels right and down; ``reader`` is
    OpenEXR.File. Blender writes the first as it is with y up, the second the other way round.
    """
    scene.render.engine = "CYCLES"
    scene.render.resolution_x, scene.render.resolution_y, scene.render.resolution_percentage = *size, 100
    scene.render.use_motion_blur = False
    cycles, layer = scene.cycles, scene.view_layers[0]
    cycles.samples, cycles.use_adaptive_sampling, cycles.use_denoising = 1, False, False
    cycles.pixel_filter_type, cycles.filter_width = "BLACKMAN_HARRIS", 0.01
    layer.use_pass_vector = layer.use_pass_z = True
    image = scene.render.image_settings
    if hasattr(image, "media_type"):
        image.media_type = "MULTI_LAYER_IMAGE"
    image.file_format, image.color_depth, image.exr_codec = "OPEN_EXR_MULTILAYER", "32", "NONE"
    if hasattr(image, "use_exr_interleave"):
        image.use_exr_interleave = True
    scene.render.filepath = str(path)
    scene.frame_set(frame)
    bpy.ops.render.render(write_still=True)
    with reader(str(path), separate_channels=True) as file:
        channels = {name: np.array(c.pixels) for part in file.parts for name, c in part.channels.items()}
    x, y, z, w = (next(channels[n] for n in channels if n.endswith(f"Vector.{axis}")) for axis in "XYZW")
    return np.stack([x, -y], -1), np.stack([-z, w], -1)
