# SPDX-License-Identifier: GPL-3.0-or-later
"""Comparing two takes: over each other in the sequencer's preview, with a wipe between them."""

import bpy
from bpy.props import StringProperty

from ...protocol.errors import SecondUnitError
from ...sequencer import busy, comparing
from . import chosen, view
from .operators import OnTake

_now: list[tuple[str, str, str]] = []  # one at most: scene and strips of the takes that are being compared
_switched: list[tuple[str, int]] = []  # (screen, place of the area) of sequencers that were given a preview
_to_fit: dict[tuple[str, int], int] = {}  # those whose picture is to fit once they are drawn: rounds since

DRAWN_ROUNDS = 3  # the operator's own, one that may come before Blender draws, and one after that
LOW = 420  # a sequencer less high than this, in pixels of a plain display, has no room for strips and picture


class SECOND_UNIT_OT_take_compare(OnTake, bpy.types.Operator):
    """Lay this take and the chosen one over each other above the edit, with a wipe between, until you press Done"""

    bl_idname = "second_unit.take_compare"
    bl_label = "Compare Takes"
    bl_options = {"REGISTER", "UNDO"}

    other: StringProperty(
        name="Other Job",
        description="Job of the take to the right of the wipe; empty for the shot's newest other one",
        options={"SKIP_SAVE"},
    )

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        if not super().poll(context):
            return False
        if not others_of(chosen.job(context)):
            cls.poll_message_set("The shot has no second take to compare this one with")
            return False
        return True

    def execute(self, context: bpy.types.Context) -> set[str]:
        record = self.record(context)
        others = others_of(record.job_id) if record else []
        other = view.record_of(self.other or (others[0].job_id if others else ""))
        if record is None or other is None:
            self.report({"ERROR"}, "There is no such take")
            return {"CANCELLED"}
        if reason := busy.reason():
            self.report({"ERROR"}, f"Takes cannot be compared now: {reason}")
            return {"CANCELLED"}
        pair = [comparing.Compared(each, view.file_of(each)) for each in (record, other)]
        try:
            comparing.begin(*pair)
        except SecondUnitError as error:
            self.report({"ERROR"}, error.info.sentence())
            return {"CANCELLED"}
        if not _show_preview():
            self.report({"INFO"}, "The takes lie over each other in the sequencer: open one to see them")
        tick()
        return {"FINISHED"}


class SECOND_UNIT_OT_take_compare_end(bpy.types.Operator):
    """Take the compared takes off the timeline again"""

    bl_idname = "second_unit.take_compare_end"
    bl_label = "Done"
    bl_options = {"REGISTER", "UNDO"}

    @classmethod
    def poll(cls, _context: bpy.types.Context) -> bool:
        if comparing.shown() is None:
            cls.poll_message_set("No takes are being compared")
            return False
        return True

    def execute(self, _context: bpy.types.Context) -> set[str]:
        stop()
        return {"FINISHED"}


class SECOND_UNIT_MT_take_compare(bpy.types.Menu):
    """Compare the take with another one of its shot"""

    bl_label = "Compare With"

    def draw(self, context: bpy.types.Context) -> None:
        for take in others_of(chosen.job(context)):
            row = self.layout.operator(SECOND_UNIT_OT_take_compare.bl_idname, text=take.title, icon="FILE_MOVIE")
            row.other = take.job_id


class SECOND_UNIT_PT_compare(bpy.types.Panel):
    """The wipe, beside the picture"""

    bl_label = "Compare"
    bl_space_type = "SEQUENCE_EDITOR"
    bl_region_type = "UI"
    bl_category = "Second Unit"

    @classmethod
    def poll(cls, _context: bpy.types.Context) -> bool:
        return bool(_now)

    def draw(self, _context: bpy.types.Context) -> None:
        draw(self.layout)


def others_of(job_id: str) -> "list[view.TakeView]":
    """The other takes of a take's shot that are on disk, newest first."""
    shown = view.of_job(job_id)
    return [take for take in view.of_shot(shown.shot_uid) if take.job_id != job_id and not take.gone] if shown else []


def stop() -> None:
    """Takes them off the timeline again."""
    comparing.end()
    _hide_preview()
    tick()


def draw(layout: bpy.types.UILayout) -> None:
    """Which take is on which side, the wipe, and the button that ends it; nothing while none are compared."""
    found = _strips()
    if found is None:
        return
    lower, upper = found
    box = layout.box()
    sides = box.row()
    sides.label(text=_title(lower))
    right = sides.row()
    right.alignment = "RIGHT"
    right.label(text=_title(upper))
    box.prop(upper.second_unit, "wipe", text="", slider=True)
    box.operator(SECOND_UNIT_OT_take_compare_end.bl_idname, icon="CHECKMARK")


def tick() -> object:
    """Looks whether takes are being compared, for drawing to know."""
    _fit_pictures()
    found = comparing.shown()
    _now[:] = [(found[0].id_data.name, found[0].name, found[1].name)] if found else []
    return tuple(_now)


def _strips() -> tuple[bpy.types.Strip, bpy.types.Strip] | None:
    for scene, lower, upper in _now:
        editor = bpy.data.scenes[scene].sequence_editor if scene in bpy.data.scenes else None
        if editor and lower in editor.strips and upper in editor.strips:
            return editor.strips[lower], editor.strips[upper]
    return None


def _title(strip: bpy.types.Strip) -> str:
    shown = view.of_job(strip.second_unit.compared)
    return shown.title if shown else strip.name


def _show_preview() -> bool:
    """Sees to it that a preview is in view, the picture as large as it can be; False where no sequencer is open."""
    screens = [window.screen for window in bpy.context.window_manager.windows]
    found = [(s, i, a) for s in screens for i, a in enumerate(s.areas) if a.type == "SEQUENCE_EDITOR"]
    if found and all(area.spaces.active.view_type == "SEQUENCER" for _, _, area in found):
        screen, place, area = max(found, key=lambda each: each[2].width * each[2].height)
        space = area.spaces.active
        _switched.append((screen.name, place))
        _to_fit[screen.name, place] = 0
        is_low = area.height < LOW * bpy.context.preferences.system.ui_scale
        space.view_type = "PREVIEW" if is_low else "SEQUENCER_PREVIEW"
    return bool(found)


def _hide_preview() -> None:
    """Puts back what :func:`_show_preview` changed."""
    while _switched:
        name, place = _switched.pop()
        screen = bpy.data.screens.get(name)
        if screen and place < len(screen.areas) and screen.areas[place].type == "SEQUENCE_EDITOR":
            screen.areas[place].spaces.active.view_type = "SEQUENCER"


def _fit_pictures() -> None:
    """Fits the picture into previews that have just been opened, as the key Home does."""
    for each in list(_to_fit):
        _to_fit[each] += 1
        if _to_fit[each] < DRAWN_ROUNDS:
            continue
        del _to_fit[each]
        for window in bpy.context.window_manager.windows:
            area = next((a for i, a in enumerate(window.screen.areas) if (window.screen.name, i) == each), None)
            region = next((r for r in area.regions if r.type == "PREVIEW"), None) if area else None
            if region:
                with bpy.context.temp_override(window=window, area=area, region=region):
                    if bpy.ops.sequencer.view_all_preview.poll():
                        bpy.ops.sequencer.view_all_preview()


CLASSES = (
    SECOND_UNIT_OT_take_compare,
    SECOND_UNIT_OT_take_compare_end,
    SECOND_UNIT_MT_take_compare,
    SECOND_UNIT_PT_compare,
)
