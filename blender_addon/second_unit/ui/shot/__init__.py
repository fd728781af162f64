# SPDX-License-Identifier: GPL-3.0-or-later
"""Shots: what to shoot, pressing Shoot, and watching it come."""

import bpy

from ...link import pump
from .. import previews
from . import jobs, mend, operators, panels, props, rows, shoot, watch

_CLASSES = (*props.CLASSES, *operators.CLASSES, *mend.CLASSES, *shoot.CLASSES, *jobs.CLASSES, *panels.CLASSES)


def _take_in_frames() -> int:
    """Not while a shot is captured: an image that goes away shows as a change of every object, and ends the capture."""
    return previews.shown() if shoot.now.running else previews.tick()


@bpy.app.handlers.persistent
def _forget_error(*_args: object) -> None:
    """Why the last press of Shoot came to nothing is not what another file is about."""
    shoot.now.error = None


def register() -> None:
    for cls in _CLASSES:
        bpy.utils.register_class(cls)
    bpy.types.Scene.second_unit = bpy.props.PointerProperty(type=props.SECOND_UNIT_PG_scene)
    pump.add(watch.tick)
    pump.add(rows.tick)
    pump.add(_take_in_frames)
    bpy.app.handlers.load_post.append(_forget_error)


def unregister() -> None:
    bpy.app.handlers.load_post.remove(_forget_error)
    pump.remove(_take_in_frames)
    pump.remove(rows.tick)
    rows.clear()
    pump.remove(watch.tick)
    del bpy.types.Scene.second_unit
    for cls in reversed(_CLASSES):
        bpy.utils.unregister_class(cls)
