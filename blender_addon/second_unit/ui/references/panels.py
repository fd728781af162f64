# SPDX-License-Identifier: GPL-3.0-or-later
"""The References panel: the list with thumbnails, and the chosen reference's settings."""

from __future__ import annotations

from pathlib import Path

import bpy

from .. import disk, previews, text
from . import bringing
from . import operators as ops


class SECOND_UNIT_UL_references(bpy.types.UIList):
    """A line per reference: thumbnail, name, frame."""

    def draw_item(self, _context, layout, _data, item, _icon, _active_data, _active_property, _index) -> None:
        row = layout.row(align=True)
        icon = icon_of(item)
        picture = {"icon_value": icon} if icon else {"icon": "ERROR" if _is_missing(item) else "IMAGE_DATA"}
        row.prop(item, "name", text="", emboss=False, **picture)
        frame = row.row()
        frame.alignment = "RIGHT"
        frame.label(text=f"{item.scene_frame:g}")


class SECOND_UNIT_MT_references(bpy.types.Menu):
    """More that can be done with references"""

    bl_label = "References"

    def draw(self, _context: bpy.types.Context) -> None:
        layout = self.layout
        layout.operator(ops.SECOND_UNIT_OT_reference_here.bl_idname, icon="PINNED")
        layout.separator()
        layout.operator(bringing.SECOND_UNIT_OT_reference_add_strip.bl_idname, icon="SEQUENCE")
        layout.operator(ops.SECOND_UNIT_OT_reference_add_image.bl_idname, icon="IMAGE_DATA")
        layout.operator(bringing.SECOND_UNIT_OT_reference_add_asset.bl_idname, icon="ASSET_MANAGER")


def icon_of(reference) -> int:
    """Thumbnail of the reference's picture; 0 where it is missing or not known yet."""
    if reference.source == "IMAGE":
        preview = reference.image.preview_ensure() if reference.image else None
        return preview.icon_id if preview else 0
    return previews.icon_of_file(_path(reference)) if reference.path else 0


def _path(reference) -> Path:
    return Path(bpy.path.abspath(reference.path))


def _is_missing(reference) -> bool:
    if reference.source == "IMAGE":
        return reference.image is None
    known = disk.known(_path(reference)) if reference.path else disk.FileFacts(found=False)
    return known is not None and not known.found


def draw(layout: bpy.types.UILayout, shot) -> None:
    """The list, the buttons that pin, and the active reference."""
    row = layout.row()
    row.template_list(
        "SECOND_UNIT_UL_references", "", shot, "references", shot, "active_reference", rows=4 if shot.references else 2
    )
    column = row.column(align=True)
    column.operator(ops.SECOND_UNIT_OT_reference_add_file.bl_idname, text="", icon="ADD")
    column.operator(ops.SECOND_UNIT_OT_reference_remove.bl_idname, text="", icon="REMOVE")
    column.menu("SECOND_UNIT_MT_references", text="", icon="DOWNARROW_HLT")
    if shot.references:
        column.separator()
        column.operator(ops.SECOND_UNIT_OT_reference_move.bl_idname, text="", icon="TRIA_UP").direction = "UP"
        column.operator(ops.SECOND_UNIT_OT_reference_move.bl_idname, text="", icon="TRIA_DOWN").direction = "DOWN"

    row = layout.row(align=True) if text.roomy(bpy.context) else layout.column(align=True)
    draw_from_viewport(row)
    take = row.operator(ops.SECOND_UNIT_OT_reference_take.bl_idname, text="From Render", icon="RENDER_STILL")
    take.method = "RENDER"

    if 0 <= shot.active_reference < len(shot.references):
        _draw_reference(layout, shot.references[shot.active_reference])


def draw_from_viewport(layout: bpy.types.UILayout) -> None:
    """The button that pins what the viewport shows; a scene without a shot gets its first."""
    take = layout.operator(ops.SECOND_UNIT_OT_reference_take.bl_idname, text="From Viewport", icon="RESTRICT_VIEW_OFF")
    take.method = "VIEWPORT"


def _draw_reference(layout: bpy.types.UILayout, reference) -> None:
    split = layout.row()
    icon = icon_of(reference)
    if icon:
        picture = split.column()
        picture.template_icon(icon_value=icon, scale=5.0)
    column = layout.column()
    column.use_property_split = True
    column.use_property_decorate = False
    row = column.row(align=True)
    row.prop(reference, "scene_frame")
    row.operator(ops.SECOND_UNIT_OT_reference_jump.bl_idname, text="", icon="TIME")
    column.prop(reference, "source")
    if reference.source == "IMAGE":
        column.prop(reference, "image")
    else:
        column.prop(reference, "path")
    column.prop(reference, "strength")


LISTS = (SECOND_UNIT_UL_references, SECOND_UNIT_MT_references)
