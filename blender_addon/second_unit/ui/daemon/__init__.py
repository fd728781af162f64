# SPDX-License-Identifier: GPL-3.0-or-later
"""The daemon's state, starting, stopping and installing it."""

import bpy

from ... import preferences
from . import operators, panels

_CLASSES = (*operators.CLASSES, *panels.CLASSES)


def register() -> None:
    for cls in _CLASSES:
        bpy.utils.register_class(cls)
    preferences.drawn_below_address.append(panels.draw_state)


def unregister() -> None:
    preferences.drawn_below_address.remove(panels.draw_state)
    for cls in reversed(_CLASSES):
        bpy.utils.unregister_class(cls)
