# SPDX-License-Identifier: GPL-3.0-or-later
"""Finishing that is chosen with a shot and done in its job."""

import bpy

from . import props

_CLASSES = props.CLASSES


def register() -> None:
    for cls in _CLASSES:
        bpy.utils.register_class(cls)


def unregister() -> None:
    for cls in reversed(_CLASSES):
        bpy.utils.unregister_class(cls)
