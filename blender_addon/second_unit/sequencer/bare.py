# SPDX-License-Identifier: GPL-3.0-or-later
"""A scene for one render of the sequencer's: pictures of a size in their own colours, with nothing of the artist's."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import bpy


@contextmanager
def bare_scene(name: str, size: tuple[int, int]) -> Iterator[bpy.types.Scene]:
    """Renders its strips to PNG, (width, height) pixels; it is gone afterwards."""
    scene = bpy.data.scenes.new(name)
    try:
        render = scene.render
        render.resolution_x, render.resolution_y = size
        render.resolution_percentage, render.dither_intensity = 100, 0.0
        render.use_file_extension, render.use_overwrite = True, True
        image = render.image_settings
        if hasattr(image, "media_type"):
            image.media_type = "IMAGE"
        image.file_format, image.color_mode, image.color_depth = "PNG", "RGB", "8"
        scene.view_settings.view_transform = "Standard"
        scene.sequence_editor_create()
        yield scene
    finally:
        bpy.data.scenes.remove(scene)
