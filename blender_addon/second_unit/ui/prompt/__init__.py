# SPDX-License-Identifier: GPL-3.0-or-later
"""What the shot is told in words: prompt, what to avoid, style."""

import bpy

from ..shot.panels import SECOND_UNIT_PT_shots
from . import operators, panels

_CLASSES = (*operators.CLASSES, *panels.CLASSES)


def register() -> None:
    for cls in _CLASSES:
        bpy.utils.register_class(cls)
    SECOND_UNIT_PT_shots.append(panels.draw_in_shot)


def unregister() -> None:
    SECOND_UNIT_PT_shots.remove(panels.draw_in_shot)
    for cls in reversed(_CLASSES):
        bpy.utils.unregister_class(cls)
