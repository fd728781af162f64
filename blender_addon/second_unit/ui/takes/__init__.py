# SPDX-License-Identifier: GPL-3.0-or-later
"""Finished takes: what the journal remembers of them, landing them again, swapping, forgetting."""

import bpy

from ...link import pump
from . import comparing, exporting, keeping, operators, panels, props, view

_CLASSES = (
    *props.CLASSES,
    *operators.CLASSES,
    *keeping.CLASSES,
    *comparing.CLASSES,
    *exporting.CLASSES,
    *panels.CLASSES,
)


def register() -> None:
    for cls in _CLASSES:
        bpy.utils.register_class(cls)
    # On the window manager, which neither undo nor the .blend touches: the journal is what remembers takes.
    bpy.types.WindowManager.second_unit = bpy.props.PointerProperty(type=props.SECOND_UNIT_PG_takes)
    pump.add(view.tick)
    pump.add(exporting.tick)
    pump.add(comparing.tick)
    pump.add(keeping.tick)


def unregister() -> None:
    pump.remove(keeping.tick)
    pump.remove(comparing.tick)
    pump.remove(exporting.tick)
    pump.remove(view.tick)
    view.clear()
    del bpy.types.WindowManager.second_unit
    for cls in reversed(_CLASSES):
        bpy.utils.unregister_class(cls)
