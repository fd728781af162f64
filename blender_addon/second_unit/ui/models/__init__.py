# SPDX-License-Identifier: GPL-3.0-or-later
"""Weights of diffusion models: which are here, fetching, verifying and removing them, all done by the daemon."""

import bpy

from ... import later

__getattr__ = later.modules(__name__, "view")

from ...link import pump
from . import operators, panels

_CLASSES = (*operators.CLASSES, *panels.CLASSES)


def register() -> None:
    for cls in _CLASSES:
        bpy.utils.register_class(cls)
    bpy.types.WindowManager.second_unit_models = bpy.props.PointerProperty(type=panels.SECOND_UNIT_PG_models)
    pump.add(f"{__name__}.view")


def unregister() -> None:
    pump.remove(f"{__name__}.view")
    del bpy.types.WindowManager.second_unit_models
    for cls in reversed(_CLASSES):
        bpy.utils.unregister_class(cls)
