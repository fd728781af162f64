# SPDX-License-Identifier: GPL-3.0-or-later
"""One picture through the shot's camera at the scene's current time, to pin as a reference."""

from __future__ import annotations

from pathlib import Path

import bpy

from ..core.pictures import write_png
from ..core.spec import ShotSpec
from ..protocol.disk import disk_errors
from ..protocol.errors import ErrorCode, SecondUnitError
from ..scene.active import show_scene
from ..scene.animated import put_back, remember
from ..scene.camera import find_camera, read_view
from ..scene.cameras import use_camera
from ..scene.render_result import spare_render_result
from ..scene.settings import Settings
from . import viewport
from .words import plain

# What would change the picture's size or draw on it; all else is as the artist renders.
_RENDER = {
    "resolution_percentage": 100, "use_file_extension": True, "use_overwrite": True, "use_placeholder": False,
    "use_sequencer": False, "use_border": False, "use_crop_to_border": False, "use_stamp": False,
    "use_multiview": False,
}  # fmt: skip
_IMAGE_SETTINGS = ("media_type", "file_format", "color_mode", "color_depth", "compression", "color_management")


def take(context: bpy.types.Context, spec: ShotSpec, method: str, path: Path) -> None:
    """Writes an sRGB PNG of the shot's size; every setting is as it was afterwards.

    ``method`` is "RENDER" (the scene's own engine and settings) or "VIEWPORT" (what a 3D viewport shows through the
    camera, without overlays). Raises SecondUnitError NO_CAMERA, CAMERA_NOT_PERSPECTIVE, NO_VIEWPORT, DISK_FULL,
    NOT_WRITABLE, or CAPTURE_FAILED with the render's own words.
    """
    scene = bpy.data.scenes[spec.scene]
    camera = find_camera(scene, spec)
    partial = path.with_name(f"{path.stem}.part.png")
    with disk_errors(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        partial.write_bytes(b"")  # a folder that cannot be written to is found out before a long render
    try:
        if method == "RENDER":
            _render(scene, camera, spec, partial)
        else:
            _draw(context, scene, camera, spec, partial)
        with disk_errors(path):
            partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)


def _render(scene: bpy.types.Scene, camera: bpy.types.Object, spec: ShotSpec, path: Path) -> None:
    settings = Settings()
    unkeyed = remember(scene.frame_current_final)  # a render reads the keys anew
    try:
        show_scene(scene, settings)
        settings.keep(scene.render.image_settings, _IMAGE_SETTINGS)
        settings.set(scene.render, "resolution_x", spec.width)
        settings.set(scene.render, "resolution_y", spec.height)
        settings.set(scene.render, "filepath", str(path))
        for name, value in _RENDER.items():
            settings.set(scene.render, name, value)
        use_camera(scene, camera, settings)
        spare_render_result(settings)
        image = scene.render.image_settings
        if hasattr(image, "media_type"):
            image.media_type = "IMAGE"
        image.file_format, image.color_mode, image.color_depth = "PNG", "RGB", "8"
        image.color_management = "FOLLOW_SCENE"
        bpy.ops.render.render(scene=scene.name, write_still=True)
    except RuntimeError as error:
        raise _failed(spec, f"The picture could not be rendered ({plain(error)})") from error
    finally:
        settings.restore()
        put_back(unkeyed)
        scene.view_layers[spec.view_layer].update()
    if not path.stat().st_size:
        raise _failed(spec, f"The render wrote no picture to {path.parent}; the disk may be full")


def _draw(
    context: bpy.types.Context, scene: bpy.types.Scene, camera: bpy.types.Object, spec: ShotSpec, path: Path
) -> None:
    view_layer = scene.view_layers[spec.view_layer]
    view_layer.update()
    view = read_view(camera, view_layer.depsgraph, spec, (spec.width, spec.height))
    pixels = viewport.draw_picture(context, scene, view_layer, view)
    with disk_errors(path):
        path.write_bytes(write_png(pixels))


def _failed(spec: ShotSpec, cause: str) -> SecondUnitError:
    return SecondUnitError(ErrorCode.CAPTURE_FAILED, cause, shot=spec.name)
