# SPDX-License-Identifier: GPL-3.0-or-later
"""When the timeline must not be touched, and touching it safely when it may."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import bpy

OBJECT_MODES = ("OBJECT", "POSE")


def reason(*, but_playing: bool = False) -> str:
    """Why a strip cannot land now, as the rest of "Waiting: …"; empty if it can. ``but_playing``: for what stops
    playback by itself.

    An undo push in an edit or paint mode goes to that mode's own undo, and changing strips during playback or a render
    has crashed Blender.
    """
    if bpy.app.is_job_running("RENDER"):
        return "a render is running"
    manager = bpy.context.window_manager
    for window in manager.windows if manager else ():
        if window.screen and window.screen.is_animation_playing and not but_playing:
            return "the timeline is playing"
        running = [operator.bl_idname for operator in window.modal_operators if _counts(operator.bl_idname)]
        if running:
            return f"{_label(running[0])} is in progress"
        mode = _mode_of(window)
        if mode not in OBJECT_MODES:
            return f"{mode.replace('_', ' ').title()} Mode is on"
    return ""


@contextmanager
def still_timeline(scene: bpy.types.Scene) -> Iterator[None]:
    """Playback stopped and prefetching off while strips change; prefetching comes back after.

    Blender crashes for others where a prefetch thread reads strips that are being changed (bug 141332).
    """
    for window in bpy.context.window_manager.windows:
        if window.screen and window.screen.is_animation_playing:
            with bpy.context.temp_override(window=window, screen=window.screen):
                bpy.ops.screen.animation_cancel(restore_frame=False)
    editor = scene.sequence_editor
    prefetch = bool(editor and editor.use_prefetch)
    if prefetch:
        editor.use_prefetch = False
    try:
        yield
    finally:
        editor = scene.sequence_editor
        if prefetch and editor:
            editor.use_prefetch = True


def _counts(idname: str) -> bool:
    """Whether a modal operator stands in the way: Blender's own and ours; some add-ons keep one running for ever."""
    written_in_python = bpy.types.Operator.bl_rna_get_subclass_py(idname) is not None
    return not written_in_python or idname.startswith("SECOND_UNIT_")


def _mode_of(window: bpy.types.Window) -> str:
    active = window.view_layer.objects.active if window.view_layer else None
    return active.mode if active else "OBJECT"


def _label(idname: str) -> str:
    """An operator's name as its button shows it."""
    module, _, name = idname.partition("_OT_")
    operator = getattr(getattr(bpy.ops, module.lower(), None), name, None)
    return operator.get_rna_type().name if operator else idname
