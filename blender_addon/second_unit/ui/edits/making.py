# SPDX-License-Identifier: GPL-3.0-or-later
"""What the operators of edits have in common: an engine and words, the strip that they work on, a job at the end."""

import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import bpy
from bpy.props import EnumProperty, FloatProperty, StringProperty

from ... import preferences
from ...link import ancestry, current, pump, records
from ...protocol.errors import SecondUnitError
from ...protocol.late import frozen
from ...sequencer import picked, provenance
from .. import here
from ..active import new_uid
from ..shot import engines
from ..shot.shoot import await_landing
from ..takes import view
from . import drawing, regions

if TYPE_CHECKING:
    from ...link.editing import Edit
    from ...protocol.grid import Rate
    from ...sequencer.picked import Picked

WAIT_S = 0.01
MOST_S = 3600.0


def engine_items(_self, context: bpy.types.Context) -> engines.Items:
    """The engines that are there, the built-in ones first."""
    return engines.items(None, context)


@frozen
class Seen:
    """A strip as the daemon's program is told of it: ``words`` name the clip and what is seen of it.

    ``offset``: scene frames from where the program counts to where it lies on the timeline.
    """

    strip: "Picked"
    words: tuple[str, ...]
    scene_rate: "Rate"
    offset: int
    record: "records.JobRecord | None"


def seen_of(strip: "Picked") -> Seen:
    """A take is told by its master and its job, so that its scene is known; any other strip by its file.

    Raises SecondUnitError for a take of another machine's daemon.
    """
    scene_rate = picked.landing.scene_frame_rate(bpy.data.scenes[strip.scene])
    record = view.record_of(strip.job_id) if strip.job_id else None
    master = view.file_of(record, "master") if record else None
    shows_it = record is not None and view.file_of(record) == strip.file
    normal = strip.rate == scene_rate and not strip.backwards
    if (
        record
        and record.clip
        and shows_it
        and normal
        and master
        and master.is_file()
        and record.clip.rate == scene_rate
    ):
        here.ask_for_shot(f"extend {record.job_id[:8]}, or modify, bridge, stitch")
        first = ancestry.first_frame(record) + strip.first
        words = (str(master), "--shot", record.job_id, "--span", f"{first}:{first + strip.count - 1}")
        return Seen(strip, words, scene_rate, strip.start - first, record)
    words = [str(strip.file), "--first", str(strip.first), "--count", str(strip.count)]
    words += ["--rate", _rate(strip.rate), "--scene-rate", _rate(scene_rate), "--place", str(strip.start)]
    words += ["--name", strip.strip]
    return Seen(strip, (*words, *(["--backwards"] if strip.backwards else [])), scene_rate, 0, None)


def _rate(rate: "Rate") -> str:
    return f"{rate.num}/{rate.den}"


def _begin(
    program: Path, words: Sequence[str], title: str, scene: str, offset: int, over: str, stamp: dict[str, str]
) -> "Edit":
    job_id = new_uid()
    record = records.JobRecord(job_id, spool=str(preferences.spool_folder() / job_id), over=over, stamp=stamp)
    return current.editor.start(program, words, record, title, scene, offset)


class Makes:
    """An operator at whose end a job is on its way. Its clip lands by itself; a script waits for it."""

    bl_options = {"REGISTER"}

    engine: EnumProperty(name="Engine", description="What makes it", items=engine_items)
    prompt: StringProperty(name="Prompt", description="What it shows, for engines that read it; empty: as it was")
    timeout: FloatProperty(default=MOST_S, min=0.0, options={"SKIP_SAVE", "HIDDEN"})

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        if not current.link.ready:
            cls.poll_message_set("Start the daemon first, in the 3D viewport's tab Second Unit")
            return False
        return True

    def invoke(self, context: bpy.types.Context, _event: bpy.types.Event) -> set[str]:
        return context.window_manager.invoke_props_dialog(self, width=360, confirm_text=self.bl_label)

    def draw(self, _context: bpy.types.Context) -> None:
        layout = self.layout
        layout.use_property_split = True
        layout.use_property_decorate = False
        for name in self.shown():
            self.draw_one(layout, name)

    def draw_one(self, layout: bpy.types.UILayout, name: str) -> None:
        layout.prop(self, name)

    def shown(self) -> tuple[str, ...]:
        """The properties of the dialog, in order."""
        return ("engine", "prompt")

    def words_of(self) -> tuple[str, ...]:
        """Engine and prompt as the program takes them."""
        return ("--engine", self.engine, *(("--prompt", self.prompt) if self.prompt.strip() else ()))

    def make(
        self,
        words: Sequence[str],
        title: str,
        scene: str,
        offset: int = 0,
        over: str = "",
        stamp: dict[str, str] | None = None,
    ) -> set[str]:
        """Starts the edit; in the background it waits until the clip has landed. ``stamp``: of the shot that it shows,
        see ui/shot/stamp.py."""
        try:
            program = here.program()
        except SecondUnitError as error:
            return self.fail(error.info.sentence())
        wanted = getattr(self, "wanted", None)
        if wanted is not None:

            def begin(mask: str) -> None:
                told = [word.replace(regions.LATER, mask) for word in words]
                _begin(program, told, title, scene, offset, over, stamp or {})

            drawing.start(wanted, title, begin)
            return {"FINISHED"}
        edit = _begin(program, words, title, scene, offset, over, stamp or {})
        if bpy.app.background:
            try:
                self._await(edit)
            except SecondUnitError as error:
                return self.fail(str(error))
            for note in edit.notes:
                self.report({"INFO"}, f"{title}: {note}")
        else:
            self.report({"INFO"}, f"{title}: on its way")
        return {"FINISHED"}

    def fail(self, sentence: str) -> set[str]:
        self.report({"ERROR"}, sentence)
        return {"CANCELLED"}

    def _await(self, edit: "Edit") -> None:
        """Raises SecondUnitError for whatever keeps the clip from landing."""
        deadline = time.monotonic() + self.timeout
        while not edit.over:
            pump.tick()
            time.sleep(WAIT_S)
        if edit.error:
            raise SecondUnitError.from_info(edit.error)
        await_landing(edit.job_id, deadline)


def in_viewport(context: bpy.types.Context) -> bool:
    return context.area is not None and context.area.type == "VIEW_3D"


class OnStrip(Makes):
    """Works on movie strips whose frames can be told: the active one, all that are chosen where an edit asks for them,
    in the 3D view that of the take in the list."""

    kinds = ("MOVIE",)

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        if not super().poll(context):
            return False
        if picked.in_sequencer(context):
            strip = picked.active_strip(context)
            if strip is None or strip.type not in cls.kinds:
                if "IMAGE" in cls.kinds:
                    cls.poll_message_set("Choose a movie or an image strip, or make a movie with Render to Movie")
                else:
                    cls.poll_message_set("Choose a movie strip, or make one with Render to Movie")
                return False
        return True

    def strip_or_raise(self, context: bpy.types.Context) -> Seen:
        """Raises SecondUnitError where there is no such strip."""
        if not in_viewport(context):
            return seen_of(picked.picked(context))
        view.refresh()  # a script may come before the list was brought up to date
        found = provenance.find_strip(view.active_job(context.window_manager))
        if found is None:
            raise picked.refused("The take is not on the timeline", "Land it first, in the list of takes")
        scene, strip = found
        return seen_of(picked.media_of(strip, scene))

    def strips_now(self, context: bpy.types.Context) -> list[Seen]:
        """All that are chosen in the sequencer; what cannot be edited of them is reported."""
        if in_viewport(context):
            seen = self.strip_now(context)
            return [seen] if seen else []
        found, refusals = [], {}
        for strip in picked.chosen(context):
            try:
                found.append(seen_of(picked.media_of(strip, picked.scene_of(context))))
            except SecondUnitError as error:
                refusals[error.info.sentence()] = None  # the same of several is said once
        if not found and not refusals:
            refusals[picked.refused("No strip is chosen", picked.WHOLE).info.sentence()] = None
        for sentence in refusals:
            self.report({"ERROR"}, sentence)
        return found

    def strip_now(self, context: bpy.types.Context) -> Seen | None:
        try:
            return self.strip_or_raise(context)
        except SecondUnitError as error:
            self.report({"ERROR"}, error.info.sentence())
            return None
