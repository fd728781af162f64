# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether the chosen reference lies on the scene, measured when it is pinned rather than when the shot is made."""

import bpy

from ... import later

__getattr__ = later.modules(__name__, "checking")

from . import operators, panels

_CLASSES = (*operators.CLASSES, *panels.CLASSES)


def register() -> None:
    for cls in _CLASSES:
        bpy.utils.register_class(cls)


def unregister() -> None:
    for cls in reversed(_CLASSES):
        bpy.utils.unregister_class(cls)
