# SPDX-License-Identifier: GPL-3.0-or-later
"""What the sequencer's sidebar says of a strip that Second Unit made."""

import bpy

from . import panels


def register() -> None:
    for cls in panels.CLASSES:
        bpy.utils.register_class(cls)


def unregister() -> None:
    for cls in reversed(panels.CLASSES):
        bpy.utils.unregister_class(cls)
