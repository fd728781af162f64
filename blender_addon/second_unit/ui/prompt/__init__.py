# SPDX-License-Identifier: GPL-3.0-or-later
"""What the shot is told in words: prompt, what to avoid, style."""

import bpy

from . import operators, panels

_CLASSES = (*operators.CLASSES, *panels.CLASSES)


def register() -> None:
    for cls in _CLASSES:
        bpy.utils.register_class(cls)


def unregister() -> None:
    for cls in reversed(_CLASSES):
        bpy.utils.unregister_class(cls)
