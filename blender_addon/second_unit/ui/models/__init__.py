# SPDX-License-Identifier: GPL-3.0-or-later
"""Weights of diffusion models: which are here, fetching, verifying and removing them, all done by the daemon."""

import bpy

from ...link import pump
from . import operators, panels, props, view

_CLASSES = (*props.CLASSES, *operators.CLASSES, *panels.CLASSES)


def register() -> None:
    for cls in _CLASSES:
        bpy.utils.register_class(cls)
    bpy.types.WindowManager.second_unit_models = bpy.props.PointerProperty(type=props.SECOND_UNIT_PG_models)
    pump.add(view.tick)


def unregister() -> None:
    pump.remove(view.tick)
    del bpy.types.WindowManager.second_unit_models
    for cls in reversed(_CLASSES):
        bpy.utils.unregister_class(cls)
