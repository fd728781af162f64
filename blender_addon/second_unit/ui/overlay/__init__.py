# SPDX-License-Identifier: GPL-3.0-or-later
"""The shot's path and its references, drawn into the viewport and onto the timelines."""

from types import ModuleType

import bpy
from bpy.app.handlers import persistent

from ... import later

__getattr__ = later.modules(__name__, "viewport", "timeline")

from ...scene import poses
from ..shot import spec
from ..shot.props import active_shot
from . import timeline, viewport

_handles: list[tuple[type, object]] = []


def _draw(part: ModuleType) -> None:
    """A draw handler; in a scene without a shot it has nothing to import."""
    scene = bpy.context.scene
    shot = active_shot(scene)
    if shot is not None and scene.second_unit.show_overlay:
        part.draw(shot)


@persistent
def _on_frame(scene: bpy.types.Scene, _depsgraph=None) -> None:
    shot = active_shot(scene)
    if shot is not None:
        poses.note(scene, spec.camera_of(scene, shot))


@persistent
def _on_load(*_: object) -> None:
    later.clear(poses, viewport)


def register() -> None:
    if bpy.app.background:  # nothing is ever drawn
        return
    bpy.app.handlers.frame_change_post.append(_on_frame)
    bpy.app.handlers.load_post.append(_on_load)
    _handles.append(
        (
            bpy.types.SpaceView3D,
            bpy.types.SpaceView3D.draw_handler_add(_draw, (viewport,), "WINDOW", "POST_VIEW"),
        )
    )
    for space in (bpy.types.SpaceDopeSheetEditor, bpy.types.SpaceSequenceEditor):
        _handles.append((space, space.draw_handler_add(_draw, (timeline,), "WINDOW", "POST_PIXEL")))


def unregister() -> None:
    while _handles:
        space, handle = _handles.pop()
        space.draw_handler_remove(handle, "WINDOW")
    for handlers, handler in (
        (bpy.app.handlers.frame_change_post, _on_frame),
        (bpy.app.handlers.load_post, _on_load),
    ):
        if handler in handlers:
            handlers.remove(handler)
    later.clear(poses, viewport)
