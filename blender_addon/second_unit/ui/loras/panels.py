# SPDX-License-Identifier: GPL-3.0-or-later
"""The shot's LoRAs with their strengths."""

from __future__ import annotations

import bpy

from ...link import current
from .. import text
from . import operators as ops


class SECOND_UNIT_UL_loras(bpy.types.UIList):
    """A line per LoRA: use, name, strength."""

    def draw_item(self, _context, layout, _data, item, _icon, _active_data, _active_property, _index) -> None:
        row = layout.row(align=True)
        row.prop(item, "use", text="")
        parts = row.split(factor=0.72, align=True)
        parts.active = item.use
        lacking = bool(current.models.lora_folder) and bool(item.name) and item.name not in current.models.loras
        words = {"text": "", "emboss": False, "placeholder": "File name"}
        parts.prop(item, "name", icon="ERROR" if lacking else "NONE", **words)
        parts.prop(item, "strength", text="")


def draw(layout: bpy.types.UILayout, shot) -> None:
    """The list, and where files go."""
    row = layout.row()
    row.template_list("SECOND_UNIT_UL_loras", "", shot, "loras", shot, "active_lora", rows=2)
    column = row.column(align=True)
    column.menu(ops.SECOND_UNIT_MT_loras.__name__, text="", icon="ADD")
    column.operator(ops.SECOND_UNIT_OT_lora_remove.bl_idname, text="", icon="REMOVE")
    if not shot.loras and current.models.lora_folder:
        text.wrapped(layout, f"Files go into {current.models.lora_folder}", "INFO")


LISTS = (SECOND_UNIT_UL_loras,)
