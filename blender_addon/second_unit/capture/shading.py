# SPDX-License-Identifier: GPL-3.0-or-later
"""How a viewport is to draw the colour plate: lit as the scene is, where the card can."""

from __future__ import annotations

import bpy

from .viewport import Changes, Viewport

_PROGRAMS = ("llvmpipe", "softpipe", "swiftshader", "software")  # OpenGL and Vulkan without a card


def software_drawn() -> bool:
    """Whether the graphics driver is a program; False without a window, where nothing is drawn with it."""
    if bpy.app.background:
        return False
    import gpu

    told = gpu.platform.renderer_get().lower()
    return any(name in told for name in _PROGRAMS)


def resolved(shading: str) -> str:
    """AUTO as what it means here; anything else as it is."""
    if shading != "AUTO":
        return shading
    return "SOLID" if software_drawn() else "MATERIAL"


def plate_changes(found: Viewport, shading: str) -> Changes:
    """What to set for a plate. Outlines are the viewport's, not the scene's, and never belong on one."""
    how = found.space.shading
    changes: Changes = [(how, "show_object_outline", False), (how, "show_xray", False), (how, "show_cavity", False)]
    match resolved(shading):
        case "SOLID":
            changes += [(how, "type", "SOLID"), (how, "light", "STUDIO"), (how, "color_type", "TEXTURE")]
        case "MATERIAL":
            changes += [(how, "type", "MATERIAL"), (how, "use_scene_lights", True), (how, "use_scene_world", True)]
    return changes
