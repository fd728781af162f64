# SPDX-License-Identifier: GPL-3.0-or-later
"""The Edit panel in the sequencer's sidebar."""

from __future__ import annotations

import bpy

from ...link import current
from ...sequencer import picked
from .. import text
from ..daemon import TAB
from ..finish import operators
from ..references import bringing
from . import clips, drawing, joins, looks, moving, stills, takes

SEVERAL = "Extend, Restyle and what makes takes again are for each of them, the rest for the active one"


class SECOND_UNIT_PT_edit(bpy.types.Panel):
    bl_label = "Edit"
    bl_space_type = "SEQUENCE_EDITOR"
    bl_region_type = "UI"
    bl_category = TAB
    bl_order = 20

    def draw(self, context: bpy.types.Context) -> None:
        layout = self.layout
        scene = picked.scene_of(context)
        strip = scene.sequence_editor.active_strip if scene and scene.sequence_editor else None
        kind = strip.type if strip else ""
        if not current.link.ready:
            text.wrapped(layout, "Edits need the daemon: start it in the 3D viewport, tab Second Unit", "INFO")
        column = layout.column(align=True)
        if kind == "MOVIE":
            column.operator(clips.SECOND_UNIT_OT_edit_extend.bl_idname, icon="NEXT_KEYFRAME")
            column.operator(clips.SECOND_UNIT_OT_edit_modify.bl_idname, icon="MOD_MASK")
            column.operator(moving.SECOND_UNIT_OT_edit_motion.bl_idname, icon="FORCE_WIND")
            column.operator(clips.SECOND_UNIT_OT_edit_section.bl_idname, icon="CENTER_ONLY")
            column.operator(looks.SECOND_UNIT_OT_edit_restyle.bl_idname, icon="BRUSH_DATA")
            if strip.second_unit.job_id:
                column.operator(takes.SECOND_UNIT_OT_edit_again.bl_idname, icon="FILE_REFRESH")
                column.operator(takes.SECOND_UNIT_OT_edit_remix.bl_idname, icon="GREASEPENCIL")
                column.operator(takes.SECOND_UNIT_OT_edit_final.bl_idname, icon="SHADING_RENDERED")
            if (number := picked.number(context)) > 1:
                text.wrapped(layout, f"{number} strips are selected. {SEVERAL}", "INFO")
        if kind == "IMAGE":
            column.operator(stills.SECOND_UNIT_OT_edit_animate.bl_idname, icon="IMAGE_DATA")
            column.operator(moving.SECOND_UNIT_OT_edit_motion.bl_idname, icon="FORCE_WIND")
            if (number := picked.number(context, kind)) > 1:
                text.wrapped(layout, f"{number} pictures are selected: each becomes a clip, or is pinned", "INFO")
        if not kind or kind == "SOUND":
            text.wrapped(layout, "Choose a strip with a picture", "INFO")
        elif kind != "MOVIE" and not (kind == "IMAGE" and len(strip.elements) == 1):
            text.wrapped(layout, "Edits, Finish and Sound work on movies: render this strip to one", "INFO")
            layout.operator(operators.SECOND_UNIT_OT_strip_render.bl_idname, icon="RENDER_ANIMATION")
        column = layout.column(align=True)
        column.operator(joins.SECOND_UNIT_OT_edit_dissolve.bl_idname, icon="ARROW_LEFTRIGHT")
        column.operator(joins.SECOND_UNIT_OT_edit_bridge.bl_idname, icon="TRACKING")
        column.operator(joins.SECOND_UNIT_OT_edit_stitch.bl_idname, icon="LINKED")
        layout.operator(bringing.SECOND_UNIT_OT_reference_add_strip.bl_idname, icon="PINNED")
        if scene:
            stills.draw_words(layout, context, scene)
        for edit in current.editor.edits:
            if edit.error:
                text.problem(layout, edit.error)
            elif not edit.over:
                text.wrapped(layout, f"{edit.title}: the clip is being read", "SORTTIME")
            for note in () if edit.error else edit.notes:
                text.wrapped(layout, f"{edit.title}: {note}", "INFO")
        for each in drawing.shown():
            text.wrapped(layout, each.words, "ERROR" if each.error else "SORTTIME")
        said = any(edit.error or edit.notes for edit in current.editor.edits)
        if said or any(each.error for each in drawing.shown()):
            layout.operator(SECOND_UNIT_OT_edits_forget.bl_idname, icon="X")


def draw_in_takes(self, _context: bpy.types.Context) -> None:
    """Of the chosen take, in the menu of the list."""
    layout = self.layout
    layout.separator()
    layout.operator(clips.SECOND_UNIT_OT_edit_extend.bl_idname, icon="NEXT_KEYFRAME")
    layout.operator(clips.SECOND_UNIT_OT_edit_modify.bl_idname, icon="MOD_MASK")
    layout.operator(moving.SECOND_UNIT_OT_edit_motion.bl_idname, icon="FORCE_WIND")
    layout.operator(takes.SECOND_UNIT_OT_edit_again.bl_idname, icon="FILE_REFRESH")
    layout.operator(takes.SECOND_UNIT_OT_edit_remix.bl_idname, icon="GREASEPENCIL")
    layout.operator(takes.SECOND_UNIT_OT_edit_final.bl_idname, icon="SHADING_RENDERED")


class SECOND_UNIT_OT_edits_forget(bpy.types.Operator):
    """Put away what is said of edits that are over"""

    bl_idname = "second_unit.edits_forget"
    bl_label = "Dismiss"

    def execute(self, _context: bpy.types.Context) -> set[str]:
        current.editor.forget()
        drawing.forget()
        return {"FINISHED"}


CLASSES = (SECOND_UNIT_OT_edits_forget, SECOND_UNIT_PT_edit)
