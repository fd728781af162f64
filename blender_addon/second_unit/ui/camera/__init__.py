# SPDX-License-Identifier: GPL-3.0-or-later
"""Moving the shot's camera: presets that write keys, the viewport's view, a recorded flight, paths in files."""

import bpy

from ... import later

__getattr__ = later.modules(__name__, "keys")

from . import files, operators, panels, record

_CLASSES = (*operators.CLASSES, *record.CLASSES, *files.CLASSES, *panels.CLASSES)


def register() -> None:
    for cls in _CLASSES:
        bpy.utils.register_class(cls)
    record.register()
    files.register()


def unregister() -> None:
    files.unregister()
    record.unregister()
    for cls in reversed(_CLASSES):
        bpy.utils.unregister_class(cls)
