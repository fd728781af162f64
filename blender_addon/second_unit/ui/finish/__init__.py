# SPDX-License-Identifier: GPL-3.0-or-later
"""Finishing, sound and delivery of the strip that is chosen in the sequencer."""

import bpy

from ... import later

__getattr__ = later.modules(__name__, "lone", "running")

from ...link import pump
from . import operators, panels, props, running

_CLASSES = (*props.CLASSES, *operators.CLASSES, *panels.CLASSES)


def register() -> None:
    for cls in _CLASSES:
        bpy.utils.register_class(cls)
    bpy.types.Scene.second_unit_finish = bpy.props.PointerProperty(type=props.SECOND_UNIT_PG_finish)
    pump.add(f"{__name__}.running")


def unregister() -> None:
    pump.remove(f"{__name__}.running")
    later.clear(running)
    del bpy.types.Scene.second_unit_finish
    for cls in reversed(_CLASSES):
        bpy.utils.unregister_class(cls)
