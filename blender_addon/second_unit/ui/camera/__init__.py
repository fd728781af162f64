# SPDX-License-Identifier: GPL-3.0-or-later
"""Moving the shot's camera: presets that write keys, the viewport's view, a recorded flight."""

import bpy

from . import operators, panels, record

_CLASSES = (*operators.CLASSES, *record.CLASSES, *panels.CLASSES)


def register() -> None:
    for cls in _CLASSES:
        bpy.utils.register_class(cls)
    record.register()


def unregister() -> None:
    record.unregister()
    for cls in reversed(_CLASSES):
        bpy.utils.unregister_class(cls)
