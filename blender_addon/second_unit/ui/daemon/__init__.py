# SPDX-License-Identifier: GPL-3.0-or-later
"""The daemon's state, starting, stopping and installing it."""

import bpy

from . import operators, panels

_CLASSES = (*operators.CLASSES, *panels.CLASSES)


def register() -> None:
    for cls in _CLASSES:
        bpy.utils.register_class(cls)


def unregister() -> None:
    for cls in reversed(_CLASSES):
        bpy.utils.unregister_class(cls)
