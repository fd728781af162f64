# SPDX-License-Identifier: GPL-3.0-or-later
"""The Queue panel: every job of this user on the daemon, of the open file and of others."""

import bpy

from ... import later

__getattr__ = later.modules(__name__, "view")

from ...link import pump
from . import panels, view

_CLASSES = panels.CLASSES


def register() -> None:
    for cls in _CLASSES:
        bpy.utils.register_class(cls)
    bpy.types.WindowManager.second_unit_queue = bpy.props.PointerProperty(type=panels.SECOND_UNIT_PG_queue)
    pump.add(f"{__name__}.view")


def unregister() -> None:
    pump.remove(f"{__name__}.view")
    later.clear(view)
    del bpy.types.WindowManager.second_unit_queue
    for cls in reversed(_CLASSES):
        bpy.utils.unregister_class(cls)
