# SPDX-License-Identifier: GPL-3.0-or-later
"""Keeping takes in order: a name, a star, where the files are, playing one, throwing one away."""

import sys
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import bpy
from bpy.props import StringProperty

from ... import later, preferences
from ...link import ancestry, current
from ...protocol.errors import SecondUnitError
from ...sequencer import busy, channels, compat, playing, provenance
from . import comparing, trash, view
from .operators import OnTake, note

if TYPE_CHECKING:
    from ...link.records import JobRecord

log = later.Log(__name__)
_looked: list[object] = []  # what there was when nothing was left to throw away


class SECOND_UNIT_OT_take_star(OnTake, bpy.types.Operator):
    """Mark the take as a good one, or take the mark away"""

    bl_idname = "second_unit.take_star"
    bl_label = "Star Take"

    def execute(self, context: bpy.types.Context) -> set[str]:
        from ...link.journal import Entry

        record = self.record(context)
        if record is None:
            return {"CANCELLED"}
        return note(self, Entry.NOTED, record.job_id, starred=not record.starred)


class SECOND_UNIT_OT_take_rename(OnTake, bpy.types.Operator):
    """Give the take a name of your own"""

    bl_idname = "second_unit.take_rename"
    bl_label = "Rename Take"

    label: StringProperty(name="Name", description="Name in the list; empty for its number", maxlen=60)

    def invoke(self, context: bpy.types.Context, _event: bpy.types.Event) -> set[str]:
        record = self.record(context)
        if record is None:
            return {"CANCELLED"}
        self.job_id, self.label = record.job_id, record.label  # another may be chosen by the time of OK
        return context.window_manager.invoke_props_dialog(self)

    def draw(self, _context: bpy.types.Context) -> None:
        row = self.layout.row()
        row.activate_init = True  # to be typed into at once
        row.prop(self, "label")

    def execute(self, context: bpy.types.Context) -> set[str]:
        from ...link.journal import Entry

        record = self.record(context)
        if record is None:
            return {"CANCELLED"}
        return note(self, Entry.NOTED, record.job_id, label=self.label.strip())


class SECOND_UNIT_OT_take_play(OnTake, bpy.types.Operator):
    """Play the take where it is seen in a sequencer's preview; else in a window of its own, over and over till Esc"""

    bl_idname = "second_unit.take_play"
    bl_label = "Play Take"

    def execute(self, context: bpy.types.Context) -> set[str]:
        record = self.record(context)
        file = view.file_of(record) if record else None
        if record is None or file is None or not file.is_file():
            self.report({"ERROR"}, "The take's clip is not on disk: press Fetch Again")
            return {"CANCELLED"}
        found = provenance.find_strip(record.job_id)
        if found is None or not playing.is_seen(context, *found):
            return self._play_alone(record, file)
        scene, strip = found
        scene.frame_set(compat.left(strip))
        if not context.screen.is_animation_playing:
            bpy.ops.screen.animation_play()
        return {"FINISHED"}

    def _play_alone(self, record: "JobRecord", file: Path) -> set[str]:
        rate = record.clip.rate if record.clip else None
        try:
            playing.play(file, (rate.num, rate.den) if rate else (24, 1))
        except OSError as error:
            self.report({"ERROR"}, f"Blender's player does not start: {error}")
            return {"CANCELLED"}
        return {"FINISHED"}


class SECOND_UNIT_OT_take_folder(OnTake, bpy.types.Operator):
    """Open the folder with the take's files"""

    bl_idname = "second_unit.take_folder"
    bl_label = "Show Files"

    def execute(self, context: bpy.types.Context) -> set[str]:
        record = self.record(context)
        file = view.file_of(record) if record else None
        if file is None or not file.parent.is_dir():
            self.report({"ERROR"}, "The take has no folder on disk any more")
            return {"CANCELLED"}
        from shutil import which

        if sys.platform == "linux" and which("xdg-open") is None:  # Blender would say nothing
            self.report({"WARNING"}, f"No file browser opens here. The files are in {file.parent}")
            return {"CANCELLED"}
        bpy.ops.wm.path_open(filepath=str(file.parent))
        return {"FINISHED"}


class SECOND_UNIT_OT_take_delete(OnTake, bpy.types.Operator):
    """Take it off the list and move its files to the folder "trash" beside them; a strip that shows it goes too;
    with Shift without asking"""

    bl_idname = "second_unit.take_delete"
    bl_label = "Delete Take"
    bl_options = {"REGISTER", "UNDO"}

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        record = self.record(context)
        if record is None:
            return {"CANCELLED"}
        self.job_id = record.job_id  # another may be chosen by the time of OK
        if event.shift or busy.reason(but_playing=True):  # what is refused is not asked first
            return self.execute(context)
        words = bpy.app.translations.pgettext_iface(
            self.bl_label
        )  # as a message the name would be far from the pointer
        title = f"{words}: {record.shot_name}, {ancestry.title(record)}"
        return context.window_manager.invoke_confirm(self, event, title=title, confirm_text="Delete")

    def execute(self, context: bpy.types.Context) -> set[str]:
        record = self.record(context)
        if record is None:
            return {"CANCELLED"}
        if reason := busy.reason(but_playing=True):
            self.report({"ERROR"}, f"The take cannot be deleted now: {reason}")
            return {"CANCELLED"}
        if record.job_id in provenance.compared():
            comparing.stop()
        try:
            trash.take_off(context, record, files=True)
        except SecondUnitError as error:
            self.report({"ERROR"}, error.info.sentence())
            return {"CANCELLED"}
        _take_off_timelines(record.job_id)
        current.tracker.revision += 1
        view.refresh()
        return {"FINISHED"}


def tick() -> None:
    """Throws away a take that is beyond the number that the preferences keep, if there is one; a take at a time."""
    from ...link.journal import Entry

    most, journal = preferences.keep_takes(), current.tracker.journal
    if not most or journal is None or _looked == [(most, journal.path, journal.length)]:
        return
    for record in beyond(most):
        try:
            for name in record.files:
                file = journal.absolute(record.files[name])
                if file.exists():
                    trash.throw(file)
            journal.write(Entry.REMOVED, record.job_id)
        except SecondUnitError as error:
            log.warning("%s", error.info.sentence())
            break
        return
    _looked[:] = [(most, journal.path, journal.length)]


def beyond(most: int) -> "list[JobRecord]":
    """Takes that are not among the newest ``most`` of their shot, and that nothing shows and nobody has starred."""
    kept: Counter[str] = Counter()
    shown, found = provenance.job_ids() | provenance.compared(), []
    for record in view.listed():
        kept[record.shot_id] += 1
        spared = record.starred or record.open or not record.fetched or record.job_id in shown
        if kept[record.shot_id] > most and not spared:
            found.append(record)
    return found


def _take_off_timelines(job_id: str) -> None:
    for scene in bpy.data.scenes:
        shown = [strip for strip in provenance.strips_of(scene) if strip.second_unit.job_id == job_id]
        if shown:
            with busy.still_timeline(scene):
                for strip in shown:
                    channels.level_of(scene.sequence_editor, strip).strips.remove(strip)


CLASSES = (
    SECOND_UNIT_OT_take_star,
    SECOND_UNIT_OT_take_rename,
    SECOND_UNIT_OT_take_play,
    SECOND_UNIT_OT_take_folder,
    SECOND_UNIT_OT_take_delete,
)
