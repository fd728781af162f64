# SPDX-License-Identifier: GPL-3.0-or-later
"""Shortcuts: few, and none that Blender itself has."""

from __future__ import annotations

import bpy

# Operator, key, modifiers, properties; all in 3D viewports.
SHORTCUTS = (
    ("second_unit.shoot", "F12", {"alt": True, "shift": True}, {}),
    ("second_unit.reference_take", "F11", {"alt": True, "shift": True}, {"method": "VIEWPORT"}),
)

_items: list[tuple[bpy.types.KeyMap, bpy.types.KeyMapItem]] = []


def register() -> None:
    config = bpy.context.window_manager.keyconfigs.addon
    if config is None:  # in background
        return
    keymap = config.keymaps.new(name="3D View", space_type="VIEW_3D")
    for operator, key, modifiers, properties in SHORTCUTS:
        item = keymap.keymap_items.new(operator, key, "PRESS", **modifiers)
        for name, value in properties.items():
            setattr(item.properties, name, value)
        _items.append((keymap, item))


def unregister() -> None:
    while _items:
        keymap, item = _items.pop()
        keymap.keymap_items.remove(item)
