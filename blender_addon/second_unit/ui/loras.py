# SPDX-License-Identifier: GPL-3.0-or-later
"""The LoRAs of a shot, each with a strength."""

import bpy
from bpy.props import BoolProperty, FloatProperty, StringProperty

from ..link import current
from ..protocol.limits import MAX_LORA_STRENGTH
from . import text
from .active import OnShot, active_shot


def _known(_self, _context, typed: str) -> list[str]:
    """Names that the daemon has, those with the typed letters in them."""
    return [name for name in current.models.loras if typed.lower() in name.lower()]


class SECOND_UNIT_PG_lora(bpy.types.PropertyGroup):
    """Adapter weights by the name of their file in the daemon's folder of LoRAs."""

    name: StringProperty(
        name="LoRA",
        description="Name of its file in the daemon's folder of LoRAs, without .safetensors",
        search=_known,
        search_options={"SUGGESTION"},
    )
    strength: FloatProperty(
        name="Strength",
        description="How much of it is added to the model; below 0 it is taken away",
        default=1.0,
        min=-MAX_LORA_STRENGTH,
        max=MAX_LORA_STRENGTH,
        soft_min=0.0,
        soft_max=1.5,
        step=5,
    )
    use: BoolProperty(name="Use", description="Use this LoRA for the shot", default=True)


class SECOND_UNIT_OT_lora_add(OnShot, bpy.types.Operator):
    """Add a LoRA to the shot"""

    bl_idname = "second_unit.lora_add"
    bl_label = "Add LoRA"

    lora: StringProperty(name="LoRA", description="Name of its file; may be empty", options={"SKIP_SAVE"})

    def execute(self, context: bpy.types.Context) -> set[str]:
        shot = active_shot(context.scene)
        shot.loras.add().name = self.lora
        shot.active_lora = len(shot.loras) - 1
        return {"FINISHED"}


class SECOND_UNIT_OT_lora_remove(OnShot, bpy.types.Operator):
    """Take the LoRA off the shot; its file stays"""

    bl_idname = "second_unit.lora_remove"
    bl_label = "Remove LoRA"

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        if not super().poll(context):
            return False
        if not active_shot(context.scene).loras:
            cls.poll_message_set("This shot has no LoRA")
            return False
        return True

    def execute(self, context: bpy.types.Context) -> set[str]:
        shot = active_shot(context.scene)
        shot.loras.remove(shot.active_lora)
        shot.active_lora = max(0, min(shot.active_lora, len(shot.loras) - 1))
        return {"FINISHED"}


class SECOND_UNIT_MT_loras(bpy.types.Menu):
    """LoRAs that the daemon has"""

    bl_label = "LoRAs"

    def draw(self, _context: bpy.types.Context) -> None:
        for name in current.models.loras:
            self.layout.operator(SECOND_UNIT_OT_lora_add.bl_idname, text=name, translate=False).lora = name
        if not current.models.loras:
            folder = current.models.lora_folder
            self.layout.label(text=f"There is none in {folder}" if folder else "The daemon tells them when it runs")


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
    column.menu(SECOND_UNIT_MT_loras.__name__, text="", icon="ADD")
    column.operator(SECOND_UNIT_OT_lora_remove.bl_idname, text="", icon="REMOVE")
    if not shot.loras and current.models.lora_folder:
        text.wrapped(layout, f"Files go into {current.models.lora_folder}", "INFO")


CLASSES = (
    SECOND_UNIT_PG_lora,
    SECOND_UNIT_OT_lora_add,
    SECOND_UNIT_OT_lora_remove,
    SECOND_UNIT_MT_loras,
    SECOND_UNIT_UL_loras,
)

register, unregister = bpy.utils.register_classes_factory(CLASSES)
