# SPDX-License-Identifier: GPL-3.0-or-later
"""Edits of any movie strip: go on from it, change a part of it, make its middle anew."""

import bpy
from bpy.props import BoolProperty, EnumProperty, FloatProperty, IntProperty, StringProperty

from ...protocol.errors import SecondUnitError
from ...sequencer import compat, landing, picked
from .. import text
from ..finish.operators import best_file
from ..shot.props import find_shot
from . import regions, scene
from .joins import bridger_items, check_played_as_it_is
from .making import Makes, OnStrip, Seen

ENDS = (
    ("AFTER", "After the End", "Go on after the last frame that is seen"),
    ("BEFORE", "Before the Beginning", "Begin earlier than the first frame that is seen"),
)

ALONE = "The scene is captured for one strip at a time: several go on as they moved"


def _several(context: bpy.types.Context) -> bool:
    """Whether more than one strip is meant, be some of them refused."""
    return len(picked.chosen(context)) > 1


class SECOND_UNIT_OT_edit_extend(OnStrip, bpy.types.Operator):
    """Go on from the strip: its end is known to the engine, the camera moves on as it moved"""

    bl_idname = "second_unit.edit_extend"
    bl_label = "Extend"

    end: EnumProperty(name="Extend", description="Which end of the strip goes on", items=ENDS)
    seconds: FloatProperty(
        name="Seconds", description="How much is added", default=2.0, min=0.04, soft_max=10.0, subtype="TIME_ABSOLUTE"
    )
    use_scene: BoolProperty(
        name="Capture the Scene",
        description="Of a take of a shot in this file: follow the animated camera and the scene's own geometry",
        default=True,
    )

    def shown(self) -> tuple[str, ...]:
        return ("end", "seconds", "engine", "prompt", "use_scene")

    def draw_one(self, layout: bpy.types.UILayout, name: str) -> None:
        if name == "use_scene" and not self._has_scene(bpy.context):
            return
        if name == "use_scene" and _several(bpy.context):
            text.wrapped(layout, ALONE, "INFO")
            return
        super().draw_one(layout, name)

    def _has_scene(self, context: bpy.types.Context) -> bool:
        """Whether it is of a take whose shot is in this file."""
        try:
            record = self.strip_or_raise(context).record
        except SecondUnitError:
            return False
        return record is not None and find_shot(record.shot_id) is not None

    def execute(self, context: bpy.types.Context) -> set[str]:
        strips, several = self.strips_now(context), _several(context)
        if self.use_scene and several and any(s.record and find_shot(s.record.shot_id) for s in strips):
            self.report({"INFO"}, ALONE)
        done = [self._extend(context, seen, not several) for seen in strips]
        return {"FINISHED"} if {"FINISHED"} in done else {"CANCELLED"}

    def _extend(self, context: bpy.types.Context, seen: Seen, alone: bool) -> set[str]:
        record = seen.record
        if self.use_scene and alone and record and find_shot(record.shot_id):
            return scene.capture(
                self, context, mode="EXTEND", strip=seen.strip.strip, strip_scene=seen.strip.scene,
                job_id=record.job_id, engine=self.engine, prompt=self.prompt, seconds=self.seconds,
                back=self.end == "BEFORE",
            )  # fmt: skip
        back = ("--back",) if self.end == "BEFORE" else ()
        words = ("extend", *seen.words, "--seconds", f"{self.seconds:g}", *back, *self.words_of())
        title = f"Extend {seen.strip.strip}"
        return self.make(words, title, seen.strip.scene, seen.offset, over=seen.strip.strip)


class SECOND_UNIT_OT_edit_modify(regions.HasRegion, OnStrip, bpy.types.Operator):
    """Change a part of the strip and leave all else as it is, bit for bit in the master"""

    bl_idname = "second_unit.edit_modify"
    bl_label = "Modify Region"

    region: EnumProperty(
        name="Region",
        description="What says where the strip may be changed",
        items=(
            *regions.DRAWN,
            ("SHOT", "Shot's Region", "The object, material or collection that the take's shot names as its region"),
        ),
    )
    invert: BoolProperty(name="All But That", description="Change the background in place of the subject")
    picture: StringProperty(
        name="Painted Frame",
        description="The current frame with the change painted in, for the built-in engine and Wan VACE",
        subtype="FILE_PATH",
    )
    strength: FloatProperty(
        name="Strength", description="How far it may go from the strip", default=1.0, min=0.0, max=1.0, subtype="FACTOR"
    )

    def shown(self) -> tuple[str, ...]:
        mask = (*self.region_shown(), "invert", "picture") if self.region != "SHOT" else ()
        return ("region", *mask, "engine", "prompt", "strength")

    def execute(self, context: bpy.types.Context) -> set[str]:
        seen = self.strip_now(context)
        if seen is None:
            return {"CANCELLED"}
        if self.region == "SHOT":
            if seen.record is None or not find_shot(seen.record.shot_id):
                return self.fail(f"{seen.strip.strip} is not a take of a shot in this file: use a mask")
            return scene.capture(
                self, context, mode="MODIFY", strip=seen.strip.strip, strip_scene=seen.strip.scene,
                job_id=seen.record.job_id, engine=self.engine, prompt=self.prompt, strength=self.strength,
            )  # fmt: skip
        at = bpy.data.scenes[seen.strip.scene].frame_current - seen.strip.start
        if self.picture and not 0 <= at < seen.strip.count:
            return self.fail(f"The current frame is not on {seen.strip.strip}: go to the frame that was painted on")
        try:
            mask = self.region_words(regions.Place(seen.strip.scene, seen.strip.start, seen.strip.end, seen.strip.size))
        except SecondUnitError as error:
            return self.fail(error.info.sentence())
        words = ["modify", *seen.words, "--mask", mask, "--strength", f"{self.strength:g}", *self.words_of()]
        words += ["--invert"] if self.invert else []
        words += ["--picture", f"{bpy.path.abspath(self.picture)}@{at}"] if self.picture else []
        title = f"Modify {seen.strip.strip}"
        return self.make(words, title, seen.strip.scene, seen.offset, over=seen.strip.strip)


class SECOND_UNIT_OT_edit_section(Makes, bpy.types.Operator):
    """Make some frames of the strip anew: those before and after them are known, and stay"""

    bl_idname = "second_unit.edit_section"
    bl_label = "Retake Section"

    engine: EnumProperty(
        name="Engine", description="What makes it, of those that go from one clip to another", items=bridger_items
    )
    first: IntProperty(name="First Frame", description="First scene frame that is made anew")
    last: IntProperty(name="Last Frame", description="Last scene frame that is made anew")

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        if not super().poll(context):
            return False
        strip = picked.active_strip(context)
        if strip is None or strip.type != "MOVIE":
            cls.poll_message_set("Choose a movie strip in the sequencer")
            return False
        return True

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        self.first, self.last = _suggested(picked.scene_of(context), picked.active_strip(context))
        return super().invoke(context, event)

    def shown(self) -> tuple[str, ...]:
        return ("first", "last", "engine", "prompt")

    def execute(self, context: bpy.types.Context) -> set[str]:
        try:
            media = picked.picked(context)
            before, count, after = self._parts(media)
        except SecondUnitError as error:
            return self.fail(error.info.sentence())
        file = str(best_file(media))
        words = ["bridge", file, file, "--frames", str(count), "--place", str(self.first)]
        words += ["--trim", f"{media.first}:{before}", "--trim", f"{media.first + before + count}:{after}"]
        words += ["--rate", f"{media.rate.num}/{media.rate.den}", "--name", f"{media.strip} section", *self.words_of()]
        return self.make(words, f"Section of {media.strip}", media.scene, over=media.strip)

    def _parts(self, media: "picked.Picked") -> tuple[int, int, int]:
        """Frames before the section, of it, and after it. Raises SecondUnitError."""
        check_played_as_it_is(media)
        before, count, after = self.first - media.start, self.last - self.first + 1, media.end - 1 - self.last
        if min(before, count, after) < 1:
            cause = f"Frames {self.first} to {self.last} are not inside {media.strip}"
            raise picked.refused(cause, f"Choose some from {media.start + 1} to {media.end - 2}")
        return before, count, after


def _suggested(scene: bpy.types.Scene, strip: bpy.types.Strip) -> tuple[int, int]:
    """The scene's preview range where it has one, else half a second around the playhead, inside the strip."""
    least, most = compat.left(strip) + 1, compat.right(strip) - 2
    around = round(float(landing.scene_frame_rate(scene)) / 4)
    first, last = scene.frame_current - around, scene.frame_current + around
    if scene.use_preview_range:
        first, last = scene.frame_preview_start, scene.frame_preview_end
    return min(max(first, least), most), max(min(last, most), least)


CLASSES = (SECOND_UNIT_OT_edit_extend, SECOND_UNIT_OT_edit_modify, SECOND_UNIT_OT_edit_section)
