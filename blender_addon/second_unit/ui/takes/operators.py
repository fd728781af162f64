# SPDX-License-Identifier: GPL-3.0-or-later
"""What can be done with a take."""

from typing import TYPE_CHECKING

import bpy
from bpy.props import StringProperty

from ...link import current
from ...protocol.errors import SecondUnitError
from ...sequencer import busy, landing, provenance, queue
from . import chosen, trash, view

if TYPE_CHECKING:
    from ...link.journal import Entry


class OnTake:
    """Works on a take: the one that is named, else the one that is chosen on the timeline or in the list."""

    job_id: StringProperty(name="Job", description="Job of the take; empty for the chosen one", options={"SKIP_SAVE"})

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        return chosen.is_there(cls, context)

    def record(self, context: bpy.types.Context):
        return view.record_of(self.job_id or chosen.job(context))


class SECOND_UNIT_OT_take_land(OnTake, bpy.types.Operator):
    """Put the take on the timeline"""

    bl_idname = "second_unit.take_land"
    bl_label = "Land Take"

    def execute(self, context: bpy.types.Context) -> set[str]:
        record = self.record(context)
        if record is None:
            return {"CANCELLED"}
        if reason := busy.reason():
            self.report({"ERROR"}, f"The take cannot land now: {reason}")
            return {"CANCELLED"}
        if provenance.find_strip(record.job_id):
            self.report({"INFO"}, f"{record.shot_name} take {record.take} is on the timeline already")
            return {"CANCELLED"}
        current.tracker.errors.pop(record.job_id, None)
        queue.land(current.tracker, record.job_id)
        if error := current.tracker.errors.get(record.job_id):
            self.report({"ERROR"}, error.sentence())
            return {"CANCELLED"}
        return {"FINISHED"}


class SECOND_UNIT_OT_take_swap(OnTake, bpy.types.Operator):
    """Show this take on the shot's strip in the sequencer, which keeps its place, handles and effects"""

    bl_idname = "second_unit.take_swap"
    bl_label = "Swap Onto Strip"
    bl_options = {"REGISTER", "UNDO"}

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        shown = view.record_of(chosen.job(context))  # may be off the list, and another shown instead
        return shown is not None or super().poll(context)

    def execute(self, context: bpy.types.Context) -> set[str]:
        record = self.record(context)
        found = _strip_to_swap(record) if record else None
        if record is None or found is None:
            self.report({"ERROR"}, "The timeline has no strip of this shot: land the take instead")
            return {"CANCELLED"}
        scene, strip = found
        try:
            landing.swap(strip, scene, record, view.file_of(record), view.file_of(record, "sound"))
        except SecondUnitError as error:
            self.report({"ERROR"}, error.info.sentence())
            return {"CANCELLED"}
        current.tracker.landed(record.job_id, strip.name, scene.name)
        return {"FINISHED"}


class SECOND_UNIT_OT_take_fetch(OnTake, bpy.types.Operator):
    """Fetch the take's files from the daemon again"""

    bl_idname = "second_unit.take_fetch"
    bl_label = "Fetch Again"

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        if not super().poll(context):
            return False
        if not current.link.ready:
            cls.poll_message_set("Start the daemon first")
            return False
        return True

    def execute(self, context: bpy.types.Context) -> set[str]:
        record = self.record(context)
        if record is None:
            return {"CANCELLED"}
        current.tracker.fetch_again(record.job_id)
        return {"FINISHED"}


class SECOND_UNIT_OT_take_remove(OnTake, bpy.types.Operator):
    """Take it off the list; its files and its strip stay"""

    bl_idname = "second_unit.take_remove"
    bl_label = "Remove Take"
    bl_options = {"REGISTER", "UNDO"}

    def execute(self, context: bpy.types.Context) -> set[str]:
        record = self.record(context)
        if record is None:
            return {"CANCELLED"}
        if reason := busy.reason(but_playing=True):
            self.report({"ERROR"}, f"The take cannot be removed now: {reason}")
            return {"CANCELLED"}
        try:
            trash.take_off(context, record, files=False)
        except SecondUnitError as error:
            self.report({"ERROR"}, error.info.sentence())
            return {"CANCELLED"}
        current.tracker.revision += 1
        view.refresh()
        return {"FINISHED"}


def note(operator: bpy.types.Operator, entry: "Entry", job_id: str, **facts: object) -> set[str]:
    """Writes a line about a take into the journal and shows it; the operator tells what the disk refused."""
    journal = current.tracker.journal
    if journal is None:
        return {"CANCELLED"}
    try:
        journal.write(entry, job_id, **facts)
    except SecondUnitError as error:
        operator.report({"ERROR"}, error.info.sentence())
        return {"CANCELLED"}
    current.tracker.revision += 1
    view.refresh()
    return {"FINISHED"}


def _strip_to_swap(record):
    """The chosen strip if it is of the take's shot, else the shot's newest one."""
    strips = [
        (scene, strip)
        for scene in bpy.data.scenes
        for strip in provenance.strips_of(scene)
        if strip.type == "MOVIE" and strip.second_unit.shot_uid == record.shot_id
    ]
    for scene, strip in strips:
        if scene.sequence_editor.active_strip == strip:
            return scene, strip
    return max(strips, key=lambda found: found[1].second_unit.take, default=None)


CLASSES = (
    SECOND_UNIT_OT_take_land,
    SECOND_UNIT_OT_take_swap,
    SECOND_UNIT_OT_take_fetch,
    SECOND_UNIT_OT_take_remove,
)
