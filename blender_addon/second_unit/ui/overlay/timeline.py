# SPDX-License-Identifier: GPL-3.0-or-later
"""The shot's range and its references on the timelines. Blender's own markers are the artist's and stay as they are."""

from __future__ import annotations

import bpy
import gpu
from gpu_extras.batch import batch_for_shader

from ..shot.spec import frame_range
from .viewport import CHOSEN, PATH, REFERENCE

TOP_PX, HALF_PX, TALL_PX, BAR_PX = 24.0, 6.0, 10.0, 3.0  # below the row of frame numbers


def draw(shot) -> None:
    """In a timeline, a dope sheet or a sequencer."""
    context = bpy.context
    if not _shows_the_scene(context):
        return
    scale = context.preferences.system.ui_scale
    top = context.region.height - TOP_PX * scale
    first, last = frame_range(context.scene, shot)
    gpu.state.blend_set("ALPHA")
    left, right = _x(context, first), _x(context, last + 1)
    _fill([(left, top), (right, top), (right, top + BAR_PX * scale), (left, top + BAR_PX * scale)], PATH)
    for place, reference in enumerate(shot.references):
        x = _x(context, reference.scene_frame)
        colour = CHOSEN if place == shot.active_reference else REFERENCE
        half, low = HALF_PX * scale, top - TALL_PX * scale
        _fill([(x - half, top), (x, low), (x + half, top), (x, top)], colour)
    gpu.state.blend_set("NONE")


def _shows_the_scene(context: bpy.types.Context) -> bool:
    """A sequencer may show another scene than the window's, and its preview no frames at all."""
    space = context.space_data
    if space.type != "SEQUENCE_EDITOR":
        return space.mode == "TIMELINE" or space.type == "DOPESHEET_EDITOR"
    shown = getattr(context, "sequencer_scene", None) or context.scene
    return space.view_type != "PREVIEW" and shown == context.scene and context.region.type == "WINDOW"


def _x(context: bpy.types.Context, frame: float) -> float:
    return context.region.view2d.view_to_region(frame, 0.0, clip=False)[0]


def _fill(corners: list[tuple[float, float]], colour: tuple[float, ...]) -> None:
    shader = gpu.shader.from_builtin("UNIFORM_COLOR")
    shader.uniform_float("color", colour)
    places = [(*corner, 0.0) for corner in corners]
    batch_for_shader(shader, "TRIS", {"pos": places}, indices=((0, 1, 2), (0, 2, 3))).draw(shader)
