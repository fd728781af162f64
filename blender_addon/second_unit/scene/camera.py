# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads the shot's camera at the scene's current time."""

from __future__ import annotations

import math

import bpy
import numpy as np

from ..core import camera as maths
from ..core.rules import not_upright
from ..core.spec import ShotSpec
from ..protocol.errors import ErrorCode, SecondUnitError
from ..protocol.late import evolve, frozen


@frozen(eq=False)
class View:
    """What the camera sees at one time.

    ``c2w`` (4, 4) and ``intrinsics`` (3, 3) are canonical, for ``width`` × ``height`` pixels. ``matrix_world`` (4, 4)
    is the same camera in Blender's axes and units, without scale; ``clip_start`` and ``clip_end`` are Blender units.
    """

    c2w: maths.Matrix
    intrinsics: maths.Matrix
    matrix_world: maths.Matrix
    width: int
    height: int
    clip_start: float
    clip_end: float
    pixel_shape: float  # a pixel's height over its width
    unit_scale: float  # metres per Blender unit
    f_stop: float = math.inf  # without depth of field
    focus_m: float = math.inf  # planar distance of what is sharp

    def finer(self, times: int) -> View:
        """The same view in ``times`` as many pixels along each axis."""
        intrinsics = np.diag([times, times, 1.0]) @ self.intrinsics
        return evolve(self, intrinsics=intrinsics, width=times * self.width, height=times * self.height)

    def part(self, width: int, height: int, left: int, top: int) -> View:
        """A part of the view, of that size, which begins at pixel (left, top)."""
        intrinsics = self.intrinsics.copy()
        intrinsics[:2, 2] -= left, top
        return evolve(self, intrinsics=intrinsics, width=width, height=height)


def unit_scale(scene: bpy.types.Scene) -> float:
    """Metres per Blender unit."""
    return scene.unit_settings.scale_length if scene.unit_settings.system != "NONE" else 1.0


def find_camera(scene: bpy.types.Scene, spec: ShotSpec) -> bpy.types.Object:
    """The shot's camera. Raises SecondUnitError NO_CAMERA, or CAMERA_NOT_PERSPECTIVE."""
    camera = scene.objects.get(spec.camera)
    if camera is None or camera.type != "CAMERA":
        named = (
            f"The camera {spec.camera} is not in the scene {scene.name}" if spec.camera else "The shot has no camera"
        )
        raise SecondUnitError(ErrorCode.NO_CAMERA, named, shot=spec.name)
    if camera.data.type != "PERSP":
        kind = {"ORTHO": "orthographic", "PANO": "panoramic"}.get(camera.data.type, "not perspective")
        raise SecondUnitError(ErrorCode.CAMERA_NOT_PERSPECTIVE, f"The camera {camera.name} is {kind}", shot=spec.name)
    return camera


def read_view(
    camera: bpy.types.Object,
    depsgraph: bpy.types.Depsgraph,
    spec: ShotSpec,
    size: tuple[int, int],
) -> View:
    """The evaluated camera at the depsgraph's time, as it would render: its parents, constraints and drivers applied.

    ``size`` is the capture's; where it exceeds the shot's, the shot is its centred crop. The scene's resolution
    percentage plays no part. Raises SecondUnitError for a camera that is no upright perspective one at this time.
    """
    scene = depsgraph.scene
    evaluated = camera.evaluated_get(depsgraph)
    lens, render = evaluated.data, scene.render
    matrix = maths.upright(evaluated.matrix_world)
    if matrix is None:
        raise SecondUnitError.from_info(not_upright(spec))
    settings = maths.Lens(lens.lens, lens.sensor_width, lens.sensor_height, lens.sensor_fit, lens.shift_x, lens.shift_y)
    delivered = maths.intrinsics(settings, spec.width, spec.height, render.pixel_aspect_x, render.pixel_aspect_y)
    scale = unit_scale(scene)
    return View(
        c2w=maths.camera_to_world(matrix, scale),
        intrinsics=maths.padded(delivered, (spec.width, spec.height), size),
        matrix_world=matrix,
        width=size[0],
        height=size[1],
        clip_start=lens.clip_start,
        clip_end=lens.clip_end,
        pixel_shape=render.pixel_aspect_y / render.pixel_aspect_x,
        unit_scale=scale,
        f_stop=lens.dof.aperture_fstop if lens.dof.use_dof else math.inf,
        focus_m=focus_distance(evaluated, matrix) * scale,
    )


def focus_distance(camera: bpy.types.Object, matrix: maths.Matrix) -> float:
    """Planar distance, Blender units, at which an evaluated camera at ``matrix`` (4, 4) is sharp.

    An object to focus on (or a bone of it) goes before the distance that is set.
    """
    dof = camera.data.dof
    target = dof.focus_object
    if target is None:
        return dof.focus_distance
    place = target.matrix_world
    bone = target.pose.bones.get(dof.focus_subtarget) if target.pose and dof.focus_subtarget else None
    if bone is not None:
        place = place @ bone.matrix
    return float(abs((np.array(place.translation) - matrix[:3, 3]) @ matrix[:3, 2]))


@frozen
class Shutter:
    """When a scene's shutter is open, in seconds from a frame's time; closed at once without motion blur."""

    open_s: float
    length_s: float


def read_shutter(scene: bpy.types.Scene, fps: float) -> Shutter:
    """Of a scene that renders ``fps`` frames a second."""
    render = scene.render
    if not render.use_motion_blur:
        return Shutter(0.0, 0.0)
    length = render.motion_blur_shutter / fps
    before = {"START": 0.0, "CENTER": 0.5, "END": 1.0}[render.motion_blur_position]
    return Shutter(-before * length, length)
