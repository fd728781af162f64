# SPDX-License-Identifier: GPL-3.0-or-later
"""Which scene a clip lands in, and where."""

from __future__ import annotations

import bpy

from . import compat
from .provenance import strips_of


def target_scene(shot_scene: bpy.types.Scene | None) -> bpy.types.Scene | None:
    """The scene that gets the clip: the edit scene that the shot's scene names, else the one that the sequencer shows,
    else (no window, or no sequencer set up in it) the shot's own.
    """
    if shot_scene and shot_scene.second_unit.edit_scene:
        return shot_scene.second_unit.edit_scene
    if bpy.app.background:
        return shot_scene or bpy.context.scene
    windows = bpy.context.window_manager.windows
    showing = next((w for w in windows if any(a.type == "SEQUENCE_EDITOR" for a in w.screen.areas)), None)
    if showing is None:
        return shot_scene or bpy.context.scene
    if hasattr(showing.workspace, "sequencer_scene"):  # Blender 5.0 and later
        return showing.workspace.sequencer_scene or shot_scene or showing.scene
    return showing.scene


def landing_frame(target: bpy.types.Scene, shot_scene: bpy.types.Scene | None, shot_uid: str, first: int) -> int:
    """Scene frame of ``target`` on which the first shown frame of the clip goes.

    In the shot's own scene that is the shot's first frame. In another it is where the shot's last take lies, else the
    playhead.
    """
    if target == shot_scene:
        return first
    takes = [s for s in strips_of(target) if s.type == "MOVIE" and s.second_unit.shot_uid == shot_uid]
    if takes:
        return compat.left(max(takes, key=lambda strip: strip.second_unit.take))
    return target.frame_current
