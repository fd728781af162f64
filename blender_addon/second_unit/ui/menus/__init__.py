# SPDX-License-Identifier: GPL-3.0-or-later
"""The menu Second Unit in the headers of 3D viewports and sequencers, which is where search (F3) finds operators, and
the shortcuts."""

import bpy

from . import keymap, menus


def register() -> None:
    for cls in menus.CLASSES:
        bpy.utils.register_class(cls)
    bpy.types.VIEW3D_MT_editor_menus.append(menus.draw_in_viewport)
    bpy.types.SEQUENCER_MT_editor_menus.append(menus.draw_in_sequencer)
    keymap.register()


def unregister() -> None:
    keymap.unregister()
    bpy.types.SEQUENCER_MT_editor_menus.remove(menus.draw_in_sequencer)
    bpy.types.VIEW3D_MT_editor_menus.remove(menus.draw_in_viewport)
    for cls in reversed(menus.CLASSES):
        bpy.utils.unregister_class(cls)
