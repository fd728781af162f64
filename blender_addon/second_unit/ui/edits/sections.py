# SPDX-License-Identifier: GPL-3.0-or-later
"""A strip's middle made anew: the bridge from what is before it to what is after it."""

import bpy
from bpy.props import EnumProperty, IntProperty

from ...protocol.errors import SecondUnitError
from ...sequencer import compat, landing, picked
from ..finish.operators import best_file
from .joins import bridger_items
from .making import Makes
from .regions import refused


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
        words += ["--rate", f"{media.rate.num}/{media.rate.den}", *self.words_of()]
        return self.make(words, f"Section of {media.strip}", media.scene, over=media.strip)

    def _parts(self, media: "picked.Picked") -> tuple[int, int, int]:
        """Frames before the section, of it, and after it. Raises SecondUnitError."""
        steady = media.rate == landing.scene_frame_rate(bpy.data.scenes[media.scene])
        if media.backwards or not steady or media.count != media.end - media.start:
            cause = f"{media.strip} is played at another speed, backwards, or held"
            raise refused(cause, "Render it from the sequencer first")
        before, count, after = self.first - media.start, self.last - self.first + 1, media.end - 1 - self.last
        if min(before, count, after) < 1:
            cause = f"Frames {self.first} to {self.last} are not inside {media.strip}"
            raise refused(cause, f"Choose some from {media.start + 1} to {media.end - 2}")
        return before, count, after


def _suggested(scene: bpy.types.Scene, strip: bpy.types.Strip) -> tuple[int, int]:
    """The scene's preview range where it has one, else half a second around the playhead, inside the strip."""
    least, most = compat.left(strip) + 1, compat.right(strip) - 2
    around = round(float(landing.scene_frame_rate(scene)) / 4)
    first, last = scene.frame_current - around, scene.frame_current + around
    if scene.use_preview_range:
        first, last = scene.frame_preview_start, scene.frame_preview_end
    return min(max(first, least), most), max(min(last, most), least)


CLASSES = (SECOND_UNIT_OT_edit_section,)
