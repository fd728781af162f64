# SPDX-License-Identifier: GPL-3.0-or-later
"""Shots: what to shoot, pressing Shoot, and watching it come."""

import bpy

from ... import later

__getattr__ = later.modules(__name__, "copying", "spec", "shooting", "stamp", "checks", "watch", "rows", "frames")

from ...link import pump
from . import jobs, mend, operators, panels, props, rows, shoot

_CLASSES = (*props.CLASSES, *operators.CLASSES, *mend.CLASSES, *shoot.CLASSES, *jobs.CLASSES, *panels.CLASSES)


@bpy.app.handlers.persistent
def _forget_error(*_args: object) -> None:
    """Why the last press of Shoot came to nothing is not what another file is about."""
    shoot.now.error = None


def register() -> None:
    for cls in _CLASSES:
        bpy.utils.register_class(cls)
    bpy.types.Scene.second_unit = bpy.props.PointerProperty(type=props.SECOND_UNIT_PG_scene)
    pump.add(f"{__name__}.watch")
    pump.add(f"{__name__}.rows")
    pump.add(f"{__name__}.frames")
    bpy.app.handlers.load_post.append(_forget_error)


def unregister() -> None:
    bpy.app.handlers.load_post.remove(_forget_error)
    pump.remove(f"{__name__}.frames")
    pump.remove(f"{__name__}.rows")
    later.clear(rows)
    pump.remove(f"{__name__}.watch")
    del bpy.types.Scene.second_unit
    for cls in reversed(_CLASSES):
        bpy.utils.unregister_class(cls)
