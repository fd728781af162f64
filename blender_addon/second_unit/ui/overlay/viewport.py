# SPDX-License-Identifier: GPL-3.0-or-later
"""The camera's path as a line, and each reference as a frustum with its picture, where the camera is at its frame."""

from __future__ import annotations

from pathlib import Path

import bpy
import gpu
import numpy as np
from gpu_extras.batch import batch_for_shader
from mathutils import Matrix, Vector

from ...core import camera as maths
from ...core import frustum
from ...scene import poses
from ...scene.camera import unit_scale
from .. import previews
from ..shot.spec import camera_of, clip_size, frame_range

PATH_STEPS = 200  # at most so many points make the path
FRUSTUM_M = 0.6  # how far in front of the camera a picture hangs
PATH = (0.27, 0.62, 0.95, 0.9)
REFERENCE = (0.95, 0.72, 0.25, 0.9)
CHOSEN = (1.0, 0.92, 0.6, 1.0)
PICTURE_ALPHA = 0.85

_textures: dict[str, tuple[str, gpu.types.GPUTexture]] = {}  # by the reference's uid: picture's key, texture


def clear() -> None:
    """Frees the pictures."""
    _textures.clear()


def draw(shot) -> None:
    """In a 3D viewport."""
    context = bpy.context
    scene = context.scene
    if not context.space_data.overlay.show_overlays:
        return
    camera = camera_of(scene, shot)
    if camera is None or camera.data.type != "PERSP" or _looks_through(context, camera):
        return
    gpu.state.depth_test_set("LESS_EQUAL")
    gpu.state.blend_set("ALPHA")
    _draw_path(camera, *frame_range(scene, shot))
    for place, reference in enumerate(shot.references):
        _draw_reference(scene, shot, camera, reference, place == shot.active_reference)
    gpu.state.depth_test_set("NONE")
    gpu.state.blend_set("NONE")
    gpu.state.line_width_set(1.0)


def _looks_through(context: bpy.types.Context, camera: bpy.types.Object) -> bool:
    """The path would be in the eye of whoever looks through that very camera."""
    return context.region_data.view_perspective == "CAMERA" and context.space_data.camera == camera


def _draw_path(camera: bpy.types.Object, first: int, last: int) -> None:
    count = max(1, min(PATH_STEPS, last - first))
    frames = sorted({first + round(i * (last - first) / count) for i in range(count + 1)})
    found = [pose for frame in frames if (pose := poses.pose_at(camera, frame)) is not None]
    if len(found) < 2:
        return
    places = [matrix.to_translation() for matrix, _ in found]
    _lines("LINE_STRIP", places, PATH, 2.0)


def _draw_reference(scene: bpy.types.Scene, shot, camera: bpy.types.Object, reference, chosen: bool) -> None:
    pose = poses.pose_at(camera, reference.scene_frame)
    if pose is None:
        return
    matrix = Matrix(np.asarray(_without_scale(pose[0])).tolist())
    width, height = clip_size(scene, shot)
    data, render = camera.data, scene.render
    lens = maths.Lens(pose[1], data.sensor_width, data.sensor_height, data.sensor_fit, data.shift_x, data.shift_y)
    intrinsics = maths.intrinsics(lens, width, height, render.pixel_aspect_x, render.pixel_aspect_y)
    local = frustum.corners(intrinsics, width, height, FRUSTUM_M / unit_scale(scene))
    texture = _texture(reference)
    if texture is not None:
        shown = frustum.inside(local, (texture.width, texture.height), (width, height))
        _picture(texture, [matrix @ Vector(corner) for corner in shown.tolist()])
    places = [matrix @ Vector(corner) for corner in local.tolist()]
    lines = frustum.edges(np.array(matrix.to_translation()), np.array([list(place) for place in places]))
    _lines("LINES", lines.tolist(), CHOSEN if chosen else REFERENCE, 2.0 if chosen else 1.5)


def _without_scale(matrix: Matrix) -> Matrix:
    place, turn, _ = matrix.decompose()
    return Matrix.LocRotScale(place, turn, None)


def _lines(kind: str, places, colour: tuple[float, ...], width: float) -> None:
    shader = gpu.shader.from_builtin("POLYLINE_UNIFORM_COLOR")
    shader.uniform_float("viewportSize", gpu.state.viewport_get()[2:])
    shader.uniform_float("lineWidth", width)
    shader.uniform_float("color", colour)
    batch_for_shader(shader, kind, {"pos": [tuple(place) for place in places]}).draw(shader)


def _picture(texture: gpu.types.GPUTexture, places: list[Vector]) -> None:
    shader = gpu.shader.from_builtin("IMAGE_COLOR")
    order = (0, 1, 2, 0, 2, 3)
    across = ((0, 0), (1, 0), (1, 1), (0, 1))
    batch = batch_for_shader(
        shader, "TRIS", {"pos": [tuple(places[i]) for i in order], "texCoord": [across[i] for i in order]}
    )
    shader.uniform_sampler("image", texture)
    shader.uniform_float("color", (1.0, 1.0, 1.0, PICTURE_ALPHA))
    batch.draw(shader)


def _texture(reference) -> gpu.types.GPUTexture | None:
    """The reference's thumbnail on the card; None until it has been read."""
    if reference.source == "IMAGE":
        found = previews.thumbnail_of_image(reference.image) if reference.image else None
    else:
        found = previews.thumbnail_of_file(Path(bpy.path.abspath(reference.path))) if reference.path else None
    if found is None:
        return None
    key, texture = _textures.get(reference.uid, ("", None))
    if texture is None or key != found.key:
        height, width = found.pixels.shape[:2]
        colours = (found.pixels / np.float32(255)).ravel()
        data = gpu.types.Buffer("FLOAT", colours.size, colours)
        texture = gpu.types.GPUTexture((width, height), format="RGBA16F", data=data)
        _textures[reference.uid] = found.key, texture
    return texture
