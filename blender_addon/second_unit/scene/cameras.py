# SPDX-License-Identifier: GPL-3.0-or-later
"""Which camera a scene renders through, against markers that would replace it."""

from __future__ import annotations

import bpy

from .settings import Blocks, Settings


def bound_camera(scene: bpy.types.Scene, frame: int) -> bpy.types.Object | None:
    """The camera that markers put in force at a frame; None where none do.

    That of the last marker up to the frame, and before all of them that of the first, as Blender has it.
    """
    bound = sorted((m for m in scene.timeline_markers if m.camera is not None), key=lambda marker: marker.frame)
    up_to = [marker for marker in bound if marker.frame <= frame]
    found = up_to[-1:] or bound[:1]
    return found[0].camera if found else None


def first_switch(scene: bpy.types.Scene, first: int, last: int) -> tuple[int, bpy.types.Object] | None:
    """The first frame after ``first``, up to ``last``, on which a marker puts another camera in force than before."""
    camera = bound_camera(scene, first)
    for frame in sorted({m.frame for m in scene.timeline_markers if m.camera is not None and first < m.frame <= last}):
        if (other := bound_camera(scene, frame)) is not None and other != camera:
            return frame, other
    return None


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
