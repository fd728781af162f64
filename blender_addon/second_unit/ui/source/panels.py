# SPDX-License-Identifier: GPL-3.0-or-later
"""The clip that the shot starts from."""

from __future__ import annotations

import bpy

from .. import text
from . import operators as ops


def draw(layout: bpy.types.UILayout, scene: bpy.types.Scene, shot) -> None:
    """Where the clip comes from, and what is done with it."""
    source = shot.source
    layout.use_property_split = True
    layout.use_property_decorate = False
    layout.prop(source, "kind")
    if source.kind == "NONE":
        text.wrapped(layout, "A clip to change, or to continue; Region and Mattes says where it may be changed", "INFO")
        return
    if source.kind == "STRIP":
        editor = (source.scene or scene).sequence_editor
        layout.prop(source, "scene", placeholder=f"{scene.name} (the shot's)")
        row = layout.row(align=True)
        if editor:
            row.prop_search(source, "strip", editor, "strips_all", icon="SEQUENCE")
        else:
            row.prop(source, "strip")
        row.operator(ops.SECOND_UNIT_OT_source_strip.bl_idname, text="", icon="EYEDROPPER")
    else:
        layout.prop(source, "path")
        layout.prop(source, "frame")
    layout.prop(source, "use")
    if source.use == "edit":
        layout.prop(source, "strength")


LISTS = ()
