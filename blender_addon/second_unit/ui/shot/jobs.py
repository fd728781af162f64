# SPDX-License-Identifier: GPL-3.0-or-later
"""Buttons of a job on its way or failed: cancel, try again, dismiss."""

import bpy
from bpy.props import StringProperty

from ...link import current
from .shoot import now


class _OnJob:
    job_id: StringProperty(name="Job", description="The daemon's number of the job", options={"SKIP_SAVE", "HIDDEN"})


class SECOND_UNIT_OT_cancel(bpy.types.Operator):
    """Stop this; every scene setting is as it was"""

    bl_idname = "second_unit.cancel"
    bl_label = "Cancel"

    job_id: StringProperty(
        name="Job", description="Job to cancel; empty for the capture", options={"SKIP_SAVE", "HIDDEN"}
    )

    def execute(self, _context: bpy.types.Context) -> set[str]:
        if self.job_id:
            current.tracker.cancel(self.job_id)
        elif now.running is not None:
            now.running.cancel()
            now.running = None
        return {"FINISHED"}


class SECOND_UNIT_OT_job_retry(_OnJob, bpy.types.Operator):
    """Go on from what failed: send, run or fetch it again"""

    bl_idname = "second_unit.job_retry"
    bl_label = "Try Again"

    @classmethod
    def poll(cls, _context: bpy.types.Context) -> bool:
        if not current.link.ready:
            cls.poll_message_set("Start the daemon first")
            return False
        return True

    def execute(self, _context: bpy.types.Context) -> set[str]:
        tracker = current.tracker
        record = tracker.journal.get(self.job_id) if tracker.journal else None
        if record is None:
            return {"CANCELLED"}
        if record.ended:
            tracker.retry(self.job_id)
        elif record.files:
            tracker.fetch_again(self.job_id)
        else:
            tracker.errors.pop(self.job_id, None)
            tracker.reconcile(self.job_id)
        return {"FINISHED"}


class SECOND_UNIT_OT_job_dismiss(_OnJob, bpy.types.Operator):
    """Put the message away; a job that can still go on is cancelled"""

    bl_idname = "second_unit.job_dismiss"
    bl_label = "Dismiss"

    def execute(self, _context: bpy.types.Context) -> set[str]:
        tracker = current.tracker
        record = tracker.journal.get(self.job_id) if tracker.journal else None
        if record and record.open:
            tracker.cancel(self.job_id)
        tracker.errors.pop(self.job_id, None)
        current.board.dismiss(self.job_id)
        tracker.revision += 1
        return {"FINISHED"}


CLASSES = (SECOND_UNIT_OT_cancel, SECOND_UNIT_OT_job_retry, SECOND_UNIT_OT_job_dismiss)
