# SPDX-License-Identifier: GPL-3.0-or-later
"""From one strip to the next: the gap between them filled, one dissolving into the other, several made one."""

from itertools import pairwise
from typing import TYPE_CHECKING

import bpy
from bpy.props import EnumProperty, IntProperty

from ...link import current
from ...protocol.errors import SecondUnitError
from ...sequencer import above, busy, channels, compat, landing, picked
from ..finish import running
from ..finish.operators import best_file, handed_over
from ..shot import engines
from .making import Makes
from .stills import STILL

if TYPE_CHECKING:
    from ...protocol.results import EngineInfo

NO_GAP = "There is no gap between the two strips: move the later one to the right"
NO_DAEMON: engines.Items = [("morph", "Morph", "Built in", "NONE", 0)]


def selected_movies(context: bpy.types.Context) -> list[bpy.types.Strip]:
    """Those of the timeline's level that is open, as a button's poll sees them."""
    strips = getattr(context, "selected_strips", None)
    if strips is None:
        editor = picked.scene_of(context).sequence_editor
        strips = [strip for strip in editor.strips if strip.select] if editor else ()
    return [strip for strip in strips if strip.type == "MOVIE"]


def in_order(context: bpy.types.Context, strips: list[bpy.types.Strip]) -> "list[picked.Picked]":
    """As they follow each other. Raises SecondUnitError as :func:`picked.media_of`."""
    return sorted((picked.media_of(strip, picked.scene_of(context)) for strip in strips), key=lambda p: p.start)


def two_strips(context: bpy.types.Context) -> "list[picked.Picked]":
    """The two selected movie strips in their order. Raises SecondUnitError."""
    from ...protocol.errors import ErrorCode

    chosen = selected_movies(context)
    if len(chosen) != 2:
        cause = f"{len(chosen)} movie strips are selected"
        raise SecondUnitError(ErrorCode.BAD_REQUEST, cause, remedy="Select the two that are to meet")
    return in_order(context, chosen)


def check_played_as_it_is(media: "picked.Picked") -> None:
    """Raises SecondUnitError for a strip whose frames are not seen one after another, one on each scene frame."""
    steady = media.rate == landing.scene_frame_rate(bpy.data.scenes[media.scene])
    if media.backwards or not steady or media.count != media.end - media.start:
        cause = f"{media.strip} is played at another speed, backwards, or held"
        raise picked.refused(cause, picked.AS_SEEN)


def bridgers() -> "list[EngineInfo]":
    """The engines that go from one clip to another, those that can do so now first."""
    from ...protocol.results import Input

    lacking, between = {Input.DEPTH, Input.PROMPT}, {Input.REGION, Input.EDITED_CLIP}
    found = [e for e in current.link.engines if between <= {*e.takes} or Input.REFERENCES in e.takes]
    return sorted(
        (e for e in found if not lacking & {*e.needs} and e.frame_rule != STILL), key=lambda e: not e.available
    )


def bridger_items(_self, _context: bpy.types.Context) -> engines.Items:
    return engines.held("bridge", bridgers()) or NO_DAEMON


def two_are_selected(cls: type, context: bpy.types.Context) -> bool:
    """For a poll, which says why not. A script that has no sequencer is told when it runs."""
    chosen = getattr(context, "selected_strips", None)
    if chosen is None or sum(strip.type == "MOVIE" for strip in chosen) == 2:
        return True
    cls.poll_message_set("Select the two movie strips that are to meet")
    return False


def _meet(context: bpy.types.Context) -> bool:
    """Whether two strips that are selected have no frame between them."""
    strips = [strip for strip in getattr(context, "selected_strips", None) or () if strip.type == "MOVIE"]
    if len(strips) != 2:
        return False
    one, two = sorted(strips, key=compat.left)
    return compat.left(two) <= compat.right(one)


class SECOND_UNIT_OT_edit_bridge(Makes, bpy.types.Operator):
    """Fill the gap between the two selected strips: the end of one and the beginning of the other are known"""

    bl_idname = "second_unit.edit_bridge"
    bl_label = "Bridge Gap"

    engine: EnumProperty(
        name="Engine", description="What makes it, of those that go from one clip to another", items=bridger_items
    )

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        if not (super().poll(context) and two_are_selected(cls, context)):
            return False
        if _meet(context):
            cls.poll_message_set(NO_GAP)
            return False
        return True

    def execute(self, context: bpy.types.Context) -> set[str]:
        try:
            one, two = two_strips(context)
        except SecondUnitError as error:
            return self.fail(error.info.sentence())
        gap = two.start - one.end
        if gap < 1:
            return self.fail(NO_GAP)
        if one.rate != two.rate or one.backwards or two.backwards:
            return self.fail("The strips are played at different speeds, or backwards: render one of them first")
        words = ["bridge", str(one.file), str(two.file), "--frames", str(gap), "--place", str(one.end)]
        words += ["--trim", f"{one.first}:{one.count}", "--trim", f"{two.first}:{two.count}"]
        words += ["--rate", f"{one.rate.num}/{one.rate.den}", "--name", f"{one.strip} to {two.strip}", *self.words_of()]
        return self.make(words, f"Bridge {one.strip} to {two.strip}", one.scene, over=one.strip)


class SECOND_UNIT_OT_edit_dissolve(bpy.types.Operator):
    """Let the first of the two selected strips dissolve into the second one, over frames that both have"""

    bl_idname = "second_unit.edit_dissolve"
    bl_label = "Cross-Dissolve"
    bl_options = {"REGISTER", "UNDO"}

    frames: IntProperty(name="Frames", description="Length of the dissolve", default=12, min=1, soft_max=100)

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        return two_are_selected(cls, context)

    def execute(self, context: bpy.types.Context) -> set[str]:
        try:
            first, last = self._overlap(*two_strips(context))
        except SecondUnitError as error:
            self.report({"ERROR"}, error.info.sentence())
            return {"CANCELLED"}
        self.report({"INFO"}, f"They dissolve over frames {first} to {last - 1}")
        return {"FINISHED"}

    def _overlap(self, one: "picked.Picked", two: "picked.Picked") -> tuple[int, int]:
        """Trims both strips to share ``frames`` frames, and lays Blender's own effect over them."""
        from ...protocol.errors import ErrorCode

        scene = bpy.data.scenes[one.scene]
        a, b = one.find(), two.find()
        if not one.start <= two.start <= one.end:
            raise SecondUnitError(
                ErrorCode.BAD_REQUEST, f"{one.strip} and {two.strip} do not touch", remedy="Bridge the gap between them"
            )
        missing = max(self.frames - (compat.right(a) - compat.left(b)), 0)
        after = min(missing, one.media_frames - one.first - one.count)  # hidden frames of each that may be shown
        before = min(missing - after, two.first)
        if after + before < missing:
            raise SecondUnitError(
                ErrorCode.BAD_REQUEST,
                f"{one.strip} and {two.strip} share {self.frames - missing + after + before} frames at most",
                remedy="Ask for a shorter dissolve, trim the strips first, or shoot with handles",
            )
        with busy.still_timeline(scene):
            level = channels.level_of(scene.sequence_editor, a)
            start, end = compat.left(b) - before, compat.right(a) + after
            if a.channel == b.channel:
                b.channel = channels.free_channel(level, start, compat.right(b), above=a.channel)
            compat.set_handles(a, compat.left(a), end)
            compat.set_handles(b, start, compat.right(b))
            channel = channels.free_channel(level, start, end, above=max(a.channel, b.channel))
            compat.new_effect(level.strips, "GAMMA_CROSS", f"{a.name} to {b.name}", channel, start, end - start, a, b)
        landing.push_undo("Cross-Dissolve")
        return start, end


class SECOND_UNIT_OT_edit_stitch(bpy.types.Operator):
    """Make one clip of the selected strips as they follow each other, on the channel above; where they overlap, one
    dissolves into the next"""

    bl_idname = "second_unit.edit_stitch"
    bl_label = "Stitch"
    bl_options = {"REGISTER"}

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        chosen = getattr(context, "selected_strips", None)
        if chosen is None or sum(strip.type == "MOVIE" for strip in chosen) > 1:
            return True
        cls.poll_message_set("Select the movie strips that follow each other, two or more")
        return False

    def execute(self, context: bpy.types.Context) -> set[str]:
        try:
            strips = in_order(context, selected_movies(context))
            return handed_over(self, [self._started(strips, _shared(strips))])
        except SecondUnitError as error:
            self.report({"ERROR"}, error.info.sentence())
            return {"CANCELLED"}

    def _started(self, strips: "list[picked.Picked]", overlap: int):
        first = strips[0]
        settings = bpy.data.scenes[first.scene].second_unit_finish
        suffix = ".mp4" if settings.file == "MP4" else ".mkv"  # what pieces are put together as
        out = running.free_out(first.strip, "stitched", suffix)
        words = ["stitch", *(str(best_file(strip)) for strip in strips), "--overlap", str(overlap)]
        for strip in strips:
            words += ["--trim", f"{strip.first}:{strip.count}"]
        words += ["--rate", f"{first.rate.num}/{first.rate.den}", "--out", str(out)]
        title = f"{first.strip} stitched"

        def land() -> str:
            made = above.land(first, out, title, over=max(s.channel for s in strips), made_by=f"stitch {len(strips)}")
            return f"{made.name} lies on channel {made.channel}"

        return running.start(words, title, out, f"Stitching {len(strips)} strips", land)


def _shared(strips: "list[picked.Picked]") -> int:
    """How many frames neighbours share. Raises SecondUnitError for strips that cannot be one clip."""
    if len(strips) < 2:
        raise picked.refused("One strip alone is not stitched", "Select the strips that follow each other")
    for strip in strips:
        check_played_as_it_is(strip)
    shared = set()
    for one, two in pairwise(strips):
        if two.start > one.end:
            raise picked.refused(f"There is a gap between {one.strip} and {two.strip}", "Bridge it, or close it up")
        if two.start == one.start or two.end <= one.end:
            raise picked.refused(f"{two.strip} and {one.strip} lie over each other", "Select strips that follow")
        shared.add(one.end - two.start)
    if len(shared) > 1:
        told = ", ".join(map(str, sorted(shared)))
        remedy = "Trim them so that all share as many, or stitch two at a time"
        raise picked.refused(f"The strips share different numbers of frames ({told})", remedy)
    return shared.pop()


CLASSES = (SECOND_UNIT_OT_edit_bridge, SECOND_UNIT_OT_edit_dissolve, SECOND_UNIT_OT_edit_stitch)
