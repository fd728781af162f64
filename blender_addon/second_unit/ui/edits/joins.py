# SPDX-License-Identifier: GPL-3.0-or-later
"""From one strip to the next: the gap between them filled, or one dissolving into the other."""

from typing import TYPE_CHECKING

import bpy
from bpy.props import EnumProperty, IntProperty

from ...link import current
from ...protocol.errors import SecondUnitError
from ...sequencer import busy, channels, compat, landing, picked
from ..shot import engines
from .making import Makes
from .stills import STILL

if TYPE_CHECKING:
    from ...protocol.results import EngineInfo

NO_GAP = "There is no gap between the two strips: move the later one to the right"
NO_DAEMON: engines.Items = [("morph", "Morph", "Built in", "NONE", 0)]


def two_strips(context: bpy.types.Context) -> "list[picked.Picked]":
    """The two selected movie strips in their order. Raises SecondUnitError."""
    from ...protocol.errors import ErrorCode

    scene = picked.scene_of(context)
    strips = scene.sequence_editor.strips_all if scene.sequence_editor else ()
    chosen = [strip for strip in strips if strip.select and strip.type == "MOVIE"]
    if len(chosen) != 2:
        cause = f"{len(chosen)} movie strips are selected"
        raise SecondUnitError(ErrorCode.BAD_REQUEST, cause, remedy="Select the two that are to meet")
    return sorted((picked.media_of(strip, scene) for strip in chosen), key=lambda p: p.start)


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
            editor = scene.sequence_editor
            start, end = compat.left(b) - before, compat.right(a) + after
            if a.channel == b.channel:
                b.channel = channels.free_channel(editor, start, compat.right(b), above=a.channel)
            compat.set_handles(a, compat.left(a), end)
            compat.set_handles(b, start, compat.right(b))
            channel = channels.free_channel(editor, start, end, above=max(a.channel, b.channel))
            compat.new_effect(editor.strips, "GAMMA_CROSS", f"{a.name} to {b.name}", channel, start, end - start, a, b)
        landing.push_undo("Cross-Dissolve")
        return start, end


CLASSES = (SECOND_UNIT_OT_edit_bridge, SECOND_UNIT_OT_edit_dissolve)
