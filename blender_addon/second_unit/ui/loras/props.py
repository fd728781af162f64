# SPDX-License-Identifier: GPL-3.0-or-later
"""A LoRA of a shot as the .blend keeps it."""

import bpy
from bpy.props import BoolProperty, FloatProperty, StringProperty

from ...link import current
from ...protocol.limits import MAX_LORA_STRENGTH


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


CLASSES = (SECOND_UNIT_PG_lora,)
