# SPDX-License-Identifier: GPL-3.0-or-later
"""Shots: what to shoot, pressing Shoot, and watching it come."""

import bpy

from ...link import pump
from .. import previews
from . import jobs, operators, panels, props, rows, shoot, watch

_CLASSES = (*props.CLASSES, *operators.CLASSES, *shoot.CLASSES, *jobs.CLASSES, *panels.CLASSES)


def register() -> None:
    for cls in _CLASSES:
        bpy.utils.register_class(cls)
    bpy.types.Scene.second_unit = bpy.props.PointerProperty(type=props.SECOND_UNIT_PG_scene)
    pump.add(watch.tick)
    pump.add(rows.tick)
    pump.add(previews.tick)


def unregister() -> None:
    pump.remove(previews.tick)
    pump.remove(rows.tick)
    rows.clear()
    pump.remove(watch.tick)
    del bpy.types.Scene.second_unit
    for cls in reversed(_CLASSES):
        bpy.utils.unregister_class(cls)
