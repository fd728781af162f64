# SPDX-License-Identifier: GPL-3.0-or-later
"""Changing a job's place in the queue, and taking one that is over off the list."""

import bpy
from bpy.props import EnumProperty, StringProperty

from ...link import current
from . import view

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
        row = view.active_row(context.window_manager)
        job_id = self.job_id or (row.job_id if row else "")
        if job_id not in current.board.queued():
            self.report({"ERROR"}, "Only jobs that are queued can change places: choose one of them in the list")
            return {"CANCELLED"}
        return {"FINISHED"} if current.board.move(job_id, self.direction) else {"CANCELLED"}


CLASSES = (SECOND_UNIT_OT_job_move,)
