# SPDX-License-Identifier: GPL-3.0-or-later
"""The Takes panel: what has come back, newest first."""

import bpy
from bpy.props import CollectionProperty, IntProperty, StringProperty

from ...link import current
from ...sequencer import queue
from .. import previews, text
from . import comparing, exporting, keeping, trash, view
from . import operators as ops

TAB = "Second Unit"


class SECOND_UNIT_PG_take(bpy.types.PropertyGroup):
    """One take; ``name`` is its label."""

    job_id: StringProperty()
    shot_uid: StringProperty()


class SECOND_UNIT_PG_takes(bpy.types.PropertyGroup):
    takes: CollectionProperty(type=SECOND_UNIT_PG_take)
    active_take: IntProperty(name="Active Take", description="Take that is shown below the list")


class SECOND_UNIT_UL_takes(bpy.types.UIList):
    """A line per take: poster, number, where it stands."""

    def draw_item(self, _context, layout, _data, item, _icon, _active_data, _active_property, _index) -> None:
        shown = view.of_job(item.job_id)
        if shown is None:
            return
        icon = previews.icon_of_file(shown.poster) if shown.poster else 0
        row = layout.row(align=True)
        for _ in range(shown.depth):
            row.label(text="", icon="BLANK1")
        star = "SOLO_ON" if shown.starred else "SOLO_OFF"
        row.operator(keeping.SECOND_UNIT_OT_take_star.bl_idname, text="", icon=star, emboss=False).job_id = item.job_id
        row.label(text=item.name, **({"icon_value": icon} if icon else {"icon": "FILE_MOVIE"}))
        if shown.best or shown.wrong_camera:
            row.label(text="", icon="CHECKMARK" if shown.best and not shown.wrong_camera else "ERROR")
        word = row.row()
        word.alignment = "RIGHT"
        word.active = False
        if shown.stale:
            word.label(text="", icon="TIME")
        if shown.status == view.ON_TIMELINE:  # an icon, so that there is room for the take's name
            word.label(text="", icon="SEQUENCE")
        elif shown.status:
            word.label(text=shown.status)

    def filter_items(self, context, data, property_name):
        """Takes of the shot that the panels show, all of them where there is none; of the name that is looked for."""
        uid, rows, shown = view.shot_uid(context.scene), getattr(data, property_name), self.bitflag_filter_item
        helper = bpy.types.UI_UL_list
        flags = helper.filter_items_by_name(self.filter_name, shown, rows) or [shown] * len(rows)
        flags = [flag if not uid or item.shot_uid == uid else 0 for flag, item in zip(flags, rows, strict=True)]
        return flags, helper.sort_items_by_name(rows) if self.use_filter_sort_alpha else []


class SECOND_UNIT_MT_take(bpy.types.Menu):
    """More that can be done with the take"""

    bl_label = "Take"

    def draw(self, _context: bpy.types.Context) -> None:
        layout = self.layout
        layout.operator(keeping.SECOND_UNIT_OT_take_play.bl_idname, icon="PLAY")
        layout.operator(keeping.SECOND_UNIT_OT_take_rename.bl_idname, icon="GREASEPENCIL")
        layout.operator(keeping.SECOND_UNIT_OT_take_star.bl_idname, icon="SOLO_OFF")
        layout.operator(keeping.SECOND_UNIT_OT_take_folder.bl_idname, icon="FILE_FOLDER")
        layout.operator(ops.SECOND_UNIT_OT_take_fetch.bl_idname, icon="IMPORT")
        layout.menu(exporting.SECOND_UNIT_MT_take_export.__name__, icon="EXPORT")
        layout.separator()
        layout.operator(keeping.SECOND_UNIT_OT_take_delete.bl_idname, icon="TRASH")


class SECOND_UNIT_PT_takes(bpy.types.Panel):
    bl_label = "Takes"
    bl_space_type = "VIEW_3D"
    bl_region_type = "UI"
    bl_category = TAB
    bl_order = 6

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        return view.any_of(context.scene) or bool(trash.told())

    def draw(self, context: bpy.types.Context) -> None:
        layout = self.layout
        state = context.window_manager.second_unit
        row = layout.row()
        row.template_list("SECOND_UNIT_UL_takes", "", state, "takes", state, "active_take", rows=4)
        shown = view.of_job(view.active_job(context.window_manager))
        column = row.column(align=True)
        column.operator(keeping.SECOND_UNIT_OT_take_play.bl_idname, text="", icon="PLAY")
        land = column.row(align=True)
        land.active = shown is not None and shown.status != view.ON_TIMELINE
        land.operator(ops.SECOND_UNIT_OT_take_land.bl_idname, text="", icon="SEQUENCE")
        column.operator(ops.SECOND_UNIT_OT_take_swap.bl_idname, text="", icon="FILE_REFRESH")
        column.operator(ops.SECOND_UNIT_OT_take_remove.bl_idname, text="", icon="REMOVE")
        column.menu(comparing.SECOND_UNIT_MT_take_compare.__name__, text="", icon="MOD_MIRROR")
        column.menu("SECOND_UNIT_MT_take", text="", icon="DOWNARROW_HLT")
        for sentence in trash.told():
            text.wrapped(layout, sentence, "ERROR")
        comparing.draw(layout)
        record = view.record_of(shown.job_id) if shown else None
        if shown and record:
            _draw_take(layout, shown, record)
        exporting.draw(layout)


def _draw_take(layout: bpy.types.UILayout, shown: "view.TakeView", record) -> None:
    error = current.tracker.errors.get(record.job_id)
    if error:
        text.problem(layout, error, name_shot=False)
    if error or shown.gone:
        layout.operator(ops.SECOND_UNIT_OT_take_fetch.bl_idname, icon="IMPORT")
    for warning in queue.warnings(record.job_id):
        text.problem(layout, warning, name_shot=False)
    icon = previews.icon_of_file(shown.poster) if shown.poster else 0
    if icon:
        layout.template_icon(icon_value=icon, scale=6.0)
    text.table(layout, view.facts(record), share=0.3)
    if shown.origin:
        text.wrapped(layout, shown.origin, "OUTLINER")
    if shown.stale:
        text.wrapped(layout, f"Changed since: {shown.stale}", "TIME")
    if verdict := view.verdict(record):
        text.wrapped(layout, verdict, "ERROR" if shown.wrong_camera else "VIEW_CAMERA")
    for warning in view.warnings(record):
        text.wrapped(layout, warning, "INFO")
    if compared := view.compared(record):
        text.wrapped(layout, compared, "CHECKMARK" if shown.best else "BLANK1")


CLASSES = (SECOND_UNIT_PG_take, SECOND_UNIT_PG_takes, SECOND_UNIT_UL_takes, SECOND_UNIT_MT_take, SECOND_UNIT_PT_takes)
