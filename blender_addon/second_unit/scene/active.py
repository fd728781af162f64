# SPDX-License-Identifier: GPL-3.0-or-later
"""Which scene a window shows: Blender renders another one with its animation standing still (4.5 to 5.2)."""

from __future__ import annotations

import bpy

from .settings import Blocks, Settings


def show_scene(scene: bpy.types.Scene, settings: Settings) -> None:
    """Shows ``scene`` in the window until ``settings`` are restored, unless it is shown already."""
    windows = bpy.context.window_manager.windows
    if bpy.context.scene == scene or not windows:
        return
    window = bpy.context.window or windows[0]
    place = list(windows).index(window)
    before, layer = window.scene.session_uid, window.view_layer.name

    def undo(blocks: Blocks) -> None:
        shown = bpy.context.window_manager.windows[place]
        shown.scene = blocks[before]
        shown.view_layer = shown.scene.view_layers[layer]

    settings.later(undo)
    window.scene = scene
