# SPDX-License-Identifier: GPL-3.0-or-later
"""The sequencer's sidebar: Finish, Sound and Deliver for the chosen movie strip, and how they stand."""

from __future__ import annotations

import bpy

from ...link import state
from ...sequencer import picked
from .. import text
from . import operators as ops
from . import running

TAB = "Second Unit"
ICONS = {None: "SORTTIME", True: "CHECKMARK", False: "ERROR"}


class _OfStrip:
    bl_space_type = "SEQUENCE_EDITOR"
    bl_region_type = "UI"
    bl_category = TAB

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        strip = context.active_strip
        return strip is not None and strip.type == "MOVIE"


def _draw_number(layout: bpy.types.UILayout, context: bpy.types.Context) -> None:
    if (number := picked.number(context)) > 1:
        text.wrapped(layout, f"{number} strips are selected: for each of them", "INFO")


class SECOND_UNIT_PT_finish(_OfStrip, bpy.types.Panel):
    bl_label = "Finish"
    bl_order = 20

    def draw(self, context: bpy.types.Context) -> None:
        layout = self.layout
        layout.use_property_split = True
        layout.use_property_decorate = False
        settings = picked.scene_of(context).second_unit_finish
        layout.prop(settings, "upscale")
        if settings.upscale != "OFF":
            layout.prop(settings, "upscale_model")
        layout.prop(settings, "between")
        layout.prop(settings, "shutter")
        column = layout.column(heading="Repair")
        row = column.row()
        row.enabled = bool(context.active_strip.second_unit.job_id or context.active_strip.second_unit.made_of)
        row.prop(settings, "stabilise")
        column.prop(settings, "deflicker")
        layout.prop(settings, "denoise")
        layout.prop(settings, "sharpen")
        layout.prop(settings, "match")
        if settings.match == "FILE":
            layout.prop(settings, "match_file")
        layout.prop(settings, "grain")
        layout.prop(settings, "file")
        _draw_number(layout, context)
        layout.operator(ops.SECOND_UNIT_OT_strip_finish.bl_idname, icon="SHADERFX")


class SECOND_UNIT_PT_strip_sound(_OfStrip, bpy.types.Panel):
    bl_label = "Sound"
    bl_order = 21
    bl_options = {"DEFAULT_CLOSED"}

    def draw(self, context: bpy.types.Context) -> None:
        layout = self.layout
        layout.use_property_split = True
        layout.use_property_decorate = False
        settings = picked.scene_of(context).second_unit_finish
        layout.prop(settings, "sound_prompt")
        layout.prop(settings, "sound_seed")
        layout.prop(settings, "sound_loop")
        _draw_number(layout, context)
        layout.operator(ops.SECOND_UNIT_OT_strip_sound.bl_idname, icon="SOUND")


class SECOND_UNIT_PT_deliver(_OfStrip, bpy.types.Panel):
    bl_label = "Deliver"
    bl_order = 22
    bl_options = {"DEFAULT_CLOSED"}

    def draw(self, context: bpy.types.Context) -> None:
        layout = self.layout
        layout.use_property_split = True
        layout.use_property_decorate = False
        settings = picked.scene_of(context).second_unit_finish
        layout.prop(settings, "preset")
        if settings.preset not in ops.CROPPED:
            layout.prop(settings, "aspect")
        if settings.preset in ops.CROPPED or settings.aspect:
            layout.prop(settings, "focus")
            if settings.focus == "AT":
                layout.prop(settings, "focus_at")
        row = layout.row(heading="Level Sound")
        row.prop(settings, "level", text="")
        side = row.row()
        side.active = settings.level
        side.prop(settings, "lufs", text="")
        layout.operator(ops.SECOND_UNIT_OT_strip_deliver.bl_idname, icon="EXPORT")


class SECOND_UNIT_PT_finishing_runs(bpy.types.Panel):
    bl_label = "Finishing"
    bl_space_type = "SEQUENCE_EDITOR"
    bl_region_type = "UI"
    bl_category = TAB
    bl_order = 23

    @classmethod
    def poll(cls, _context: bpy.types.Context) -> bool:
        return bool(running.programs.runs)

    def draw(self, _context: bpy.types.Context) -> None:
        layout = self.layout
        for place, run in enumerate(running.programs.runs):
            if run.over is not None:
                text.wrapped(layout, run.words, ICONS[run.over])
                for note in run.notes:
                    text.wrapped(layout, note, "INFO")
                continue
            row = layout.row(align=True)
            left = run.seconds_left
            words = run.words if left is None else f"{run.words}, {state.duration(left)} left"
            row.progress(factor=run.share, text=words)
            row.operator(ops.SECOND_UNIT_OT_finish_cancel.bl_idname, text="", icon="X").place = place
        if reason := running.waiting():
            text.wrapped(layout, f"Waiting to land: {reason}", "SORTTIME")
        if any(run.over is not None for run in running.programs.runs):
            layout.operator(ops.SECOND_UNIT_OT_finish_forget.bl_idname, icon="X")


CLASSES = (
    SECOND_UNIT_PT_finish,
    SECOND_UNIT_PT_strip_sound,
    SECOND_UNIT_PT_deliver,
    SECOND_UNIT_PT_finishing_runs,
)
