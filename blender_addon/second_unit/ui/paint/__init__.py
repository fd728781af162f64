# SPDX-License-Identifier: GPL-3.0-or-later
"""Paint this frame: a still that fits the scene at the playhead, chosen beside its capture, pinned as a reference."""

import bpy

from ... import later

__getattr__ = later.modules(__name__, "painting", "view")

from ...link import pump
from . import operators, panels, props

_CLASSES = (*props.CLASSES, *operators.CLASSES, *panels.CLASSES)


def register() -> None:
    for cls in _CLASSES:
        bpy.utils.register_class(cls)
    bpy.types.Scene.second_unit_paint = bpy.props.PointerProperty(type=props.SECOND_UNIT_PG_paint)
    pump.add(f"{__name__}.view")


def unregister() -> None:
    pump.remove(f"{__name__}.view")
    del bpy.types.Scene.second_unit_paint
    for cls in reversed(_CLASSES):
        bpy.utils.unregister_class(cls)
