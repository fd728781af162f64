# SPDX-License-Identifier: GPL-3.0-or-later
"""The clip that a shot starts from: a strip or a file, to be changed or continued."""

import bpy

from . import operators, panels, props

_CLASSES = (*props.CLASSES, *operators.CLASSES, *panels.LISTS)


def register() -> None:
    for cls in _CLASSES:
        bpy.utils.register_class(cls)


def unregister() -> None:
    for cls in reversed(_CLASSES):
        bpy.utils.unregister_class(cls)
