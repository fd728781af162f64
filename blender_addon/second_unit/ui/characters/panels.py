# SPDX-License-Identifier: GPL-3.0-or-later
"""The scene's characters: which are in the shot, and the chosen one's pictures."""

from __future__ import annotations

from pathlib import Path

import bpy

from ...link import current
from .. import disk, previews, text
from . import operators as ops

COLUMNS = 3


class SECOND_UNIT_UL_characters(bpy.types.UIList):
    """A line per character: in the shot or not, picture, name."""

    def draw_item(self, context, layout, _data, item, _icon, _active_data, _active_property, _index) -> None:
        shot = ops.active_shot(context.scene)
        role = ops.role_of(shot, item.uid) if shot else None
        icon = _icon_of(item.pictures[0]) if item.pictures else 0
        row = layout.row(align=True)
        box = "CHECKBOX_HLT" if role and role.use else "CHECKBOX_DEHLT"
        row.operator(ops.SECOND_UNIT_OT_character_cast.bl_idname, text="", icon=box, emboss=False).uid = item.uid
        row.prop(item, "name", text="", emboss=False, **({"icon_value": icon} if icon else {"icon": "USER"}))


def draw(layout: bpy.types.UILayout, scene: bpy.types.Scene, shot) -> None:
    """The list, the chosen character's pictures, and whether the shot's engine takes any."""
    from ...protocol.results import Input

    settings = scene.second_unit
    row = layout.row()
    row.template_list("SECOND_UNIT_UL_characters", "", settings, "characters", settings, "active_character", rows=2)
    column = row.column(align=True)
    column.operator(ops.SECOND_UNIT_OT_character_add.bl_idname, text="", icon="ADD")
    column.operator(ops.SECOND_UNIT_OT_character_remove.bl_idname, text="", icon="REMOVE")
    character = ops.active_character(scene)
    if character is None:
        text.wrapped(layout, "A character has pictures and is meant to look alike in every shot that it is in", "INFO")
        return
    _draw_pictures(layout, character)
    role = ops.role_of(shot, character.uid)
    if role and role.use:
        row = layout.row()
        row.use_property_split, row.use_property_decorate = True, False
        row.prop(role, "strength")
        engine = next((engine for engine in current.link.engines if engine.name == shot.engine), None)
        if engine and Input.CHARACTERS not in engine.takes:
            text.wrapped(layout, f"{engine.label} takes no characters", "CANCEL")


def _draw_pictures(layout: bpy.types.UILayout, character) -> None:
    grid = layout.grid_flow(row_major=True, columns=COLUMNS, even_columns=True, align=True)
    for place, picture in enumerate(character.pictures):
        cell = grid.column(align=True)
        if icon := _icon_of(picture):
            cell.template_icon(icon_value=icon, scale=4.0)
        else:
            cell.label(text=Path(picture.path).name, icon="ERROR" if _is_missing(picture) else "IMAGE_DATA")
        remove = cell.operator(ops.SECOND_UNIT_OT_character_picture_remove.bl_idname, text="", icon="X", emboss=False)
        remove.place = place
    layout.operator(ops.SECOND_UNIT_OT_character_picture_add.bl_idname, icon="IMAGE_DATA")


def _icon_of(picture) -> int:
    return previews.icon_of_file(_path(picture))


def _is_missing(picture) -> bool:
    known = disk.known(_path(picture))
    return known is not None and not known.found


def _path(picture) -> Path:
    return Path(bpy.path.abspath(picture.path))


LISTS = (SECOND_UNIT_UL_characters,)
