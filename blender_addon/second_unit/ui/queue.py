# SPDX-License-Identifier: GPL-3.0-or-later
"""The Queue panel: what runs, what waits and in which order, what failed; changing a job's place.

Its rows are drawn from; the daemon is the truth.
"""

from typing import TYPE_CHECKING

import bpy
from bpy.props import CollectionProperty, EnumProperty, IntProperty, StringProperty

from .. import later
from ..link import current, pump
from . import queued, text
from .daemon import TAB
from .shot import engines, jobs, rows

if TYPE_CHECKING:
    from ..link.board import QueueRow

DIRECTIONS = (
    ("FIRST", "First", "Before all of your other jobs"),
    ("UP", "Up", "Before the one above it"),
    ("DOWN", "Down", "After the one below it"),
)


class SECOND_UNIT_OT_job_move(bpy.types.Operator):
    """Have a queued job run sooner or later; the turns of other people who share the daemon stay as they are"""

    bl_idname = "second_unit.job_move"
    bl_label = "Move Job"

    direction: EnumProperty(name="Direction", description="Where to move it", items=DIRECTIONS, default="UP")
    job_id: StringProperty(name="Job", description="Which job; empty for the chosen one", options={"SKIP_SAVE"})

    @classmethod
    def poll(cls, _context: bpy.types.Context) -> bool:
        if not current.link.ready:
            cls.poll_message_set("Start the daemon first")
            return False
        if len(current.board.queued()) < 2:
            cls.poll_message_set("There are no two jobs in the queue that could change places")
            return False
        return True

    def execute(self, context: bpy.types.Context) -> set[str]:
        row = queued.active_row(context.window_manager)
        job_id = self.job_id or (row.job_id if row else "")
        if job_id not in current.board.queued():
            self.report({"ERROR"}, "Only jobs that are queued can change places: choose one of them in the list")
            return {"CANCELLED"}
        return {"FINISHED"} if current.board.move(job_id, self.direction) else {"CANCELLED"}


class SECOND_UNIT_PG_job(bpy.types.PropertyGroup):
    """One job; ``name`` is its number."""


class SECOND_UNIT_PG_queue(bpy.types.PropertyGroup):
    rows: CollectionProperty(type=SECOND_UNIT_PG_job)
    active: IntProperty(name="Active Job", description="Job that is shown below the list")


class SECOND_UNIT_UL_queue(bpy.types.UIList):
    """A line per job: whose, how far, cancel or try again."""

    def draw_item(self, _context, layout, _data, item, _icon, _active_data, _active_property, _index) -> None:
        shown = queued.of_job(item.name)
        if shown is None:
            return
        line = layout.row(align=True)
        halves = line.split(factor=0.6, align=True)
        name, _, take = shown.title.rpartition(" take ")  # what tells rows of a shot apart stays in a narrow sidebar
        title = halves.row(align=True)
        title.label(text=name or take, icon=_icon_of(shown))
        if name:
            number = title.row()
            number.alignment = "RIGHT"
            number.label(text=f"T{take}")
        _draw_progress(halves, shown)
        if shown.can_retry:
            line.operator(
                jobs.SECOND_UNIT_OT_job_retry.bl_idname, text="", icon="FILE_REFRESH", emboss=False
            ).job_id = item.name
        if shown.can_cancel:
            stop = line.operator(jobs.SECOND_UNIT_OT_cancel.bl_idname, text="", icon="CANCEL", emboss=False)
        else:
            stop = line.operator(jobs.SECOND_UNIT_OT_job_dismiss.bl_idname, text="", icon="X", emboss=False)
        stop.job_id = item.name

    def filter_items(self, _context, data, property_name):
        """Jobs whose shot has the name that is looked for; a row's own name is its job's number."""
        wanted, shown = self.filter_name.lower(), self.bitflag_filter_item
        found = [queued.of_job(item.name) for item in getattr(data, property_name)]
        return [shown if row and wanted in row.title.lower() else 0 for row in found], []


def _icon_of(shown: "QueueRow") -> str:
    if shown.error:
        return "ERROR"
    return "RENDER_ANIMATION" if shown.is_ours else "FILE_BLEND"


def _draw_progress(layout: bpy.types.UILayout, shown: "QueueRow") -> None:
    if shown.fraction is not None:
        layout.progress(factor=shown.fraction, text=f"{shown.fraction:.0%}")
        return
    word = layout.row()
    word.alignment = "RIGHT"
    word.active = False
    word.label(text=shown.words.partition(",")[0])  # all of it stands below the list


class SECOND_UNIT_PT_queue(bpy.types.Panel):
    bl_label = "Queue"
    bl_space_type = "VIEW_3D"
    bl_region_type = "UI"
    bl_category = TAB
    bl_order = 5

    @classmethod
    def poll(cls, _context: bpy.types.Context) -> bool:
        return bool(rows.in_queue())

    def draw_header_preset(self, _context: bpy.types.Context) -> None:
        row = self.layout.row()
        row.active = False
        row.label(text=str(len(rows.in_queue())))

    def draw(self, context: bpy.types.Context) -> None:
        layout = self.layout
        state = context.window_manager.second_unit_queue
        row = layout.row()
        row.template_list("SECOND_UNIT_UL_queue", "", state, "rows", state, "active", rows=3)
        shown = queued.active_row(context.window_manager)
        column = row.column(align=True)
        for direction, icon in (("FIRST", "TRIA_UP_BAR"), ("UP", "TRIA_UP"), ("DOWN", "TRIA_DOWN")):
            button = column.row(align=True)
            button.active = shown is not None and current.board.goal(shown.job_id, direction) is not None
            button.operator(SECOND_UNIT_OT_job_move.bl_idname, text="", icon=icon).direction = direction
        if shown is not None:
            _draw_job(layout, shown)
        if current.board.error:
            text.problem(layout, current.board.error)


def _draw_job(layout: bpy.types.UILayout, shown: "QueueRow") -> None:
    job = current.board.jobs.get(shown.job_id) or current.board.over.get(shown.job_id)
    facts = [("Take", shown.title), ("Stage", shown.words)]
    if shown.job_id in current.board.jobs:  # also while it is not known: rows must not move under the pointer
        facts += [("Left", shown.time_left.removesuffix(" left") or "–")]
    facts += [("Engine", engines.label(job.engine))] if job else []
    text.table(layout, facts, share=0.3)
    if not shown.is_ours:
        text.wrapped(layout, "Of another file: its take lands there", "INFO")
    if shown.error and shown.job_id not in current.tracker.errors:  # else the panel Shoot says it
        text.problem(layout, shown.error, name_shot=False)


CLASSES = (
    SECOND_UNIT_PG_job,
    SECOND_UNIT_PG_queue,
    SECOND_UNIT_OT_job_move,
    SECOND_UNIT_UL_queue,
    SECOND_UNIT_PT_queue,
)


def register() -> None:
    for cls in CLASSES:
        bpy.utils.register_class(cls)
    bpy.types.WindowManager.second_unit_queue = bpy.props.PointerProperty(type=SECOND_UNIT_PG_queue)
    pump.add(queued.__name__)


def unregister() -> None:
    pump.remove(queued.__name__)
    later.clear(queued)
    del bpy.types.WindowManager.second_unit_queue
    for cls in reversed(CLASSES):
        bpy.utils.unregister_class(cls)
