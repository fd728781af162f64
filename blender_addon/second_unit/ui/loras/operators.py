# SPDX-License-Identifier: GPL-3.0-or-later
"""The list of LoRAs: add, remove."""

import bpy
from bpy.props import StringProperty

from ...link import current
from ..active import OnShot, active_shot


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


CLASSES = (SECOND_UNIT_OT_lora_add, SECOND_UNIT_OT_lora_remove, SECOND_UNIT_MT_loras)
