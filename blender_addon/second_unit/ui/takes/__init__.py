# SPDX-License-Identifier: GPL-3.0-or-later
"""Finished takes: what the journal remembers of them, landing them again, swapping, forgetting."""

import bpy

from ... import later

__getattr__ = later.modules(__name__, "chosen", "trash", "view")

from ...link import pump
from . import comparing, exporting, keeping, operators, panels, trash, view

_CLASSES = (
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
    bpy.types.WindowManager.second_unit = bpy.props.PointerProperty(type=panels.SECOND_UNIT_PG_takes)
    pump.add(f"{__name__}.view")
    pump.add(f"{__name__}.comparing")
    pump.add(f"{__name__}.keeping")
    pump.add(f"{__name__}.trash")


def unregister() -> None:
    pump.remove(f"{__name__}.trash")
    pump.remove(f"{__name__}.keeping")
    pump.remove(f"{__name__}.comparing")
    pump.remove(f"{__name__}.view")
    later.clear(trash, view)
    del bpy.types.WindowManager.second_unit
    for cls in reversed(_CLASSES):
        bpy.utils.unregister_class(cls)
