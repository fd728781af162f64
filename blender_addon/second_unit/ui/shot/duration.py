# SPDX-License-Identifier: GPL-3.0-or-later
"""A shot's length in seconds, as a face of its frame range."""

from __future__ import annotations

import bpy


def _rate(scene: bpy.types.Scene) -> float:
    return scene.render.fps / scene.render.fps_base


def get_seconds(shot) -> float:
    scene = shot.id_data
    if shot.use_scene_range:
        return max(0, scene.frame_end - scene.frame_start + 1) / _rate(scene)
    return max(0, shot.frame_end - shot.frame_start + 1) / _rate(scene)


def set_seconds(shot, seconds: float) -> None:
    """Keeps the first frame; a shot that followed the scene's range gets one of its own."""
    scene = shot.id_data
    if shot.use_scene_range:
        shot.frame_start = scene.frame_start
        shot.use_scene_range = False
    shot.frame_end = shot.frame_start + max(1, round(seconds * _rate(scene))) - 1
