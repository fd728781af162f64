# SPDX-License-Identifier: GPL-3.0-or-later
"""The steps that follow the engine, switched on one by one."""

from __future__ import annotations

import bpy


def draw(layout: bpy.types.UILayout, shot) -> None:
    layout.use_property_split = True
    layout.use_property_decorate = False
    steps = shot.steps
    column = layout.column(heading="Repair")
    column.prop(steps, "stabilise")
    column.prop(steps, "deflicker")
    layout.prop(steps, "denoise")
    layout.prop(steps, "between")
    layout.prop(shot, "shutter")
    column = layout.column()
    column.prop(steps, "upscale")
    if steps.upscale == "WIDTH":
        column.prop(steps, "width")
    if steps.upscale != "OFF":
        column.prop(steps, "upscale_model")
    layout.prop(steps, "sharpen")
    layout.prop(steps, "match")
    layout.prop(steps, "grain")
    column = layout.column()
    column.prop(steps, "sound")
    if steps.sound:
        column.prop(steps, "sound_prompt")
        column.prop(steps, "sound_seed")
