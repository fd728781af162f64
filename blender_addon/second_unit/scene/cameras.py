# SPDX-License-Identifier: GPL-3.0-or-later
"""Which camera a scene renders through, against markers that would replace it."""

from __future__ import annotations

import bpy

from .settings import Blocks, Settings


def use_camera(scene: bpy.types.Scene, camera: bpy.types.Object, settings: Settings) -> None:
    """Renders through ``camera`` until ``settings`` are restored, also where markers bind others to the timeline."""
    for marker in scene.timeline_markers:
        if marker.camera is not None:
            settings.later(_marker_camera(scene, marker))
            marker.camera = None
    settings.set(scene, "camera", camera)


def _marker_camera(scene: bpy.types.Scene, marker: bpy.types.TimelineMarker):
    """Undoes taking a marker's camera away, which would else replace ours at every change of frame."""
    uid, place, camera = scene.session_uid, list(scene.timeline_markers).index(marker), marker.camera.session_uid

    def undo(blocks: Blocks) -> None:
        blocks[uid].timeline_markers[place].camera = blocks[camera]

    return undo
