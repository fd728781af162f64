# SPDX-License-Identifier: GPL-3.0-or-later
"""The panels of a shot: describe it, shoot, watch; pin references, read the plan."""

from __future__ import annotations

from typing import TYPE_CHECKING

import bpy

from ...link import current, state
from ...translations import OWN
from .. import characters, loras, previews, source, steps, text
from ..daemon import TAB
from ..references import panels as references
from ..takes import view as takes
from . import engines, jobs, mend, rows, shoot, spec, watch
from . import operators as ops
from .props import active_shot

if TYPE_CHECKING:
    from ...link.state import JobView
    from ...protocol.errors import ErrorInfo

MISMATCH = "Magenta: where surfaces end. Arrows: from where points should be to where the picture has them"


class SECOND_UNIT_UL_shots(bpy.types.UIList):
    """A line per shot: name, range, and a button that goes there."""

    def draw_item(self, context, layout, _data, item, _icon, _active_data, _active_property, index) -> None:
        row = layout.row(align=True)
        row.prop(item, "name", text="", emboss=False, icon="CAMERA_DATA")
        if text.roomy(context):  # else nothing is left of the name
            span = row.row()
            span.alignment = "RIGHT"
            first, last = spec.frame_range(context.scene, item)
            span.label(text=f"{first}–{last}")
        row.operator(ops.SECOND_UNIT_OT_shot_jump.bl_idname, text="", icon="TIME", emboss=False).number = index


class _Tab:
    bl_space_type = "VIEW_3D"
    bl_region_type = "UI"
    bl_category = TAB


class OfShot(_Tab):
    """A panel of the tab that is there while a shot is chosen."""

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        return active_shot(context.scene) is not None


class SECOND_UNIT_PT_shots(_Tab, bpy.types.Panel):
    bl_label = "Shot"
    bl_order = 1

    def draw(self, context: bpy.types.Context) -> None:
        layout = self.layout
        settings = context.scene.second_unit
        row = layout.row()
        row.template_list("SECOND_UNIT_UL_shots", "", settings, "shots", settings, "active_shot", rows=3)
        column = row.column(align=True)
        column.operator(ops.SECOND_UNIT_OT_shot_add.bl_idname, text="", icon="ADD")
        column.operator(ops.SECOND_UNIT_OT_shot_remove.bl_idname, text="", icon="REMOVE")
        column.operator(ops.SECOND_UNIT_OT_shot_duplicate.bl_idname, text="", icon="DUPLICATE")
        if len(bpy.data.scenes) > 1 and settings.shots:
            column.menu(ops.SECOND_UNIT_MT_shot_copy.__name__, text="", icon="SCENE_DATA")
        if len(settings.shots) > 1:
            column.separator()
            column.operator(ops.SECOND_UNIT_OT_shot_move.bl_idname, text="", icon="TRIA_UP").direction = "UP"
            column.operator(ops.SECOND_UNIT_OT_shot_move.bl_idname, text="", icon="TRIA_DOWN").direction = "DOWN"
        shot = active_shot(context.scene)
        if shot is None:
            text.wrapped(
                layout, "A shot is a camera, a frame range and the pictures that the clip is to match.", "INFO"
            )
            references.draw_from_viewport(layout)
            return
        _draw_button(layout, shot)
        layout.use_property_split = True
        layout.use_property_decorate = False
        _draw_shot(layout, context.scene, shot)


def _draw_button(layout: bpy.types.UILayout, shot) -> None:
    """Shoot with the number of takes beside it, or the capture that is under way."""
    shooting = shoot.now.running
    if shooting is None:
        row = layout.split(factor=0.75, align=True)
        row.scale_y = 1.6
        row.operator(shoot.SECOND_UNIT_OT_shoot.bl_idname, icon="RENDER_ANIMATION")
        number = row.row(align=True)
        number.active = reads_seed = engines.reads(shot.engine, "seed")
        number.prop(shot, "variations", text="")
        if shot.variations > 1 and not reads_seed:
            text.wrapped(layout, "This engine reads no seed, so it makes one take: another would be the same", "INFO")
        return
    box = layout.box()
    text.wrapped(box, shooting.words, "VIEW_CAMERA")
    row = box.row(align=True)
    row.progress(factor=shooting.fraction, text=f"{shooting.fraction:.0%}")
    row.operator(jobs.SECOND_UNIT_OT_cancel.bl_idname, text="", icon="CANCEL").job_id = ""


def _draw_shot(layout: bpy.types.UILayout, scene: bpy.types.Scene, shot) -> None:
    column = layout.column()
    camera = spec.camera_of(scene, shot)
    column.prop(shot, "camera", placeholder=f"{camera.name} (scene)" if camera else "None in this scene")
    column.prop(shot, "seconds")
    column.prop(shot, "use_scene_range")
    if not shot.use_scene_range:
        span = column.column(align=True)
        span.prop(shot, "frame_start")
        span.prop(shot, "frame_end")
    column.prop(shot, "size")
    if shot.size == "CUSTOM":
        size = column.column(align=True)
        size.prop(shot, "width")
        size.prop(shot, "height")
    elif shot.size == "SCENE" or spec.written(shot).aspect:
        width, height = spec.clip_size(scene, shot)
        row = column.row()
        row.active = False
        row.alignment = "RIGHT"
        row.label(text=f"{width} × {height}")
    column.separator()
    column.prop(shot, "engine_choice")


class SECOND_UNIT_PT_options(OfShot, bpy.types.Panel):
    bl_label = "Options"
    bl_order = 2
    bl_parent_id = "SECOND_UNIT_PT_shots"
    bl_options = {"DEFAULT_CLOSED"}

    def draw(self, context: bpy.types.Context) -> None:
        layout = self.layout
        layout.use_property_split = True
        layout.use_property_decorate = False
        shot = active_shot(context.scene)
        for name, read in (("quality", "quality"), ("retries", "seed")):
            row = layout.row()
            row.active = engines.reads(shot.engine, read)
            row.prop(shot, name)
        layout.prop(shot, "fit_references")
        layout.prop(shot, "captured_with")
        layout.prop(shot, "capture_colour")
        drawn = layout.row()
        drawn.active = shot.capture_colour and shot.captured_with == "AUTO"
        drawn.prop(shot, "plate")
        column = layout.column(align=True)
        column.prop(shot, "handle_before")
        column.prop(shot, "handle_after")
        layout.prop(context.scene.second_unit, "edit_scene")
        layout.prop(context.scene.second_unit, "show_overlay")


class SECOND_UNIT_PT_region(OfShot, bpy.types.Panel):
    bl_label = "Region and Mattes"
    bl_order = 3
    bl_parent_id = "SECOND_UNIT_PT_shots"
    bl_options = {"DEFAULT_CLOSED"}

    def draw(self, context: bpy.types.Context) -> None:
        layout = self.layout
        layout.use_property_split = True
        layout.use_property_decorate = False
        shot = active_shot(context.scene)
        layout.prop(shot, "region_kind")
        if shot.region_kind != "NONE":
            layout.prop(shot, f"region_{shot.region_kind.lower()}")
            layout.prop(shot, "region_invert")
        layout.prop(shot, "capture_labels")


class SECOND_UNIT_PT_source(OfShot, bpy.types.Panel):
    bl_label = "Source Clip"
    bl_order = 4
    bl_parent_id = "SECOND_UNIT_PT_shots"
    bl_options = {"DEFAULT_CLOSED"}

    def draw(self, context: bpy.types.Context) -> None:
        source.draw(self.layout, context.scene, active_shot(context.scene))


class SECOND_UNIT_PT_characters(OfShot, bpy.types.Panel):
    bl_label = "Characters"
    bl_translation_context = OWN
    bl_order = 5
    bl_parent_id = "SECOND_UNIT_PT_shots"
    bl_options = {"DEFAULT_CLOSED"}

    def draw(self, context: bpy.types.Context) -> None:
        characters.draw(self.layout, context.scene, active_shot(context.scene))


class SECOND_UNIT_PT_loras(OfShot, bpy.types.Panel):
    bl_label = "LoRAs"
    bl_order = 6
    bl_parent_id = "SECOND_UNIT_PT_shots"
    bl_options = {"DEFAULT_CLOSED"}

    def draw(self, context: bpy.types.Context) -> None:
        loras.draw(self.layout, active_shot(context.scene))


class SECOND_UNIT_PT_steps(OfShot, bpy.types.Panel):
    bl_label = "Finishing"
    bl_order = 7
    bl_parent_id = "SECOND_UNIT_PT_shots"
    bl_options = {"DEFAULT_CLOSED"}

    def draw(self, context: bpy.types.Context) -> None:
        steps.draw(self.layout, active_shot(context.scene))


class SECOND_UNIT_PT_references(OfShot, bpy.types.Panel):
    bl_label = "References"
    bl_order = 3

    def draw(self, context: bpy.types.Context) -> None:
        references.draw(self.layout, active_shot(context.scene))


class SECOND_UNIT_PT_before(OfShot, bpy.types.Panel):
    bl_label = "Before You Shoot"
    bl_order = 4

    def draw(self, context: bpy.types.Context) -> None:
        layout = self.layout
        problems = watch.problems()
        scene, shot = context.scene, active_shot(context.scene)
        for problem in problems:
            text.problem(layout, problem, name_shot=False)
            mend.draw(layout, problem, scene, shot)
        for note in watch.notes():
            text.wrapped(layout, note, "INFO")
        if problems:
            return
        plan, error = current.planner.plan, current.planner.error
        if error:
            text.problem(layout, error, name_shot=False)
            mend.draw(layout, error, scene, shot)
        elif plan is None:
            asking = current.link.ready
            text.wrapped(layout, "Asking the daemon" if asking else "The plan comes when the daemon runs", "SORTTIME")
        else:
            if plan.problem:
                text.problem(layout, plan.problem, name_shot=False)
                mend.draw(layout, plan.problem, scene, shot)
            _draw_plan(layout, plan)


def _draw_plan(layout: bpy.types.UILayout, plan) -> None:
    text.table(layout, state.plan_lines(plan))
    taken = ", ".join(kind.value.replace("_", " ") for kind in plan.takes)
    text.wrapped(layout, f"Uses {taken}", "CHECKMARK")
    for ignored in plan.ignores:
        name = ignored.input.value.replace("_", " ")
        text.wrapped(layout, f"Ignores {name}: {ignored.reason.rstrip('.')}", "CANCEL")
    for warning in plan.warnings:
        text.wrapped(layout, warning.rstrip("."), "ERROR")


class SECOND_UNIT_PT_advice(OfShot, bpy.types.Panel):
    bl_label = "Best Engine Here"
    bl_parent_id = "SECOND_UNIT_PT_before"
    bl_options = {"DEFAULT_CLOSED"}

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        plan = current.planner.plan
        return active_shot(context.scene) is not None and plan is not None and bool(plan.advice)

    def draw(self, context: bpy.types.Context) -> None:
        for sentence in current.planner.plan.advice:
            text.wrapped(self.layout, sentence, "INFO")


class SECOND_UNIT_PT_shooting(OfShot, bpy.types.Panel):
    bl_label = "Shooting"
    bl_order = 2

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        return super().poll(context) and bool(shoot.now.error or rows.shown_by_shoot() or _failures())

    def draw(self, context: bpy.types.Context) -> None:
        layout = self.layout
        if shoot.now.error:
            text.problem(layout, shoot.now.error)
        for view in rows.shown_by_shoot():
            _draw_job(layout, view)
        for job_id, error in _failures().items():
            _draw_failure(layout, job_id, error)


def _failures() -> dict[str, ErrorInfo]:
    """Jobs that failed and have no take that says so itself."""
    return {job_id: error for job_id, error in current.tracker.errors.items() if takes.of_job(job_id) is None}


def _draw_failure(layout: bpy.types.UILayout, job_id: str, error: ErrorInfo) -> None:
    column = layout.column(align=True)
    text.problem(column, error)
    draw_mismatch(column, error, previews.icon_of_job(job_id))
    row = column.row(align=True)
    row.operator(jobs.SECOND_UNIT_OT_job_retry.bl_idname, icon="FILE_REFRESH").job_id = job_id
    row.operator(jobs.SECOND_UNIT_OT_job_dismiss.bl_idname, text="", icon="X").job_id = job_id


def draw_mismatch(layout: bpy.types.UILayout, error: ErrorInfo, icon: int) -> None:
    """How a reference that was refused lies on the scene, where ``icon`` is the picture of it."""
    from ...protocol.errors import ErrorCode

    if error.code == ErrorCode.REFERENCE_MISFIT and icon:
        layout.template_icon(icon_value=icon, scale=10.0)
        text.wrapped(layout, MISMATCH, "INFO")


def _draw_job(layout: bpy.types.UILayout, view: JobView) -> None:
    box = layout.box()
    row = box.row()
    row.label(text=view.title, icon="RENDER_ANIMATION")
    if view.time_left:
        right = row.row()
        right.alignment = "RIGHT"
        right.active = False
        right.label(text=view.time_left)
    row = box.row(align=True)
    if view.fraction is None or view.waiting:
        text.wrapped(row, view.stage, "SORTTIME")
    else:
        row.progress(factor=view.fraction, text=f"{view.stage}, {view.fraction:.0%}")
    if view.can_cancel:
        row.operator(jobs.SECOND_UNIT_OT_cancel.bl_idname, text="", icon="CANCEL").job_id = view.job_id
    icon = previews.icon_of_job(view.job_id)
    if icon:
        box.template_icon(icon_value=icon, scale=8.0)


CLASSES = (
    SECOND_UNIT_UL_shots,
    SECOND_UNIT_PT_shots,
    SECOND_UNIT_PT_options,
    SECOND_UNIT_PT_region,
    SECOND_UNIT_PT_source,
    SECOND_UNIT_PT_characters,
    SECOND_UNIT_PT_loras,
    SECOND_UNIT_PT_steps,
    SECOND_UNIT_PT_references,
    SECOND_UNIT_PT_before,
    SECOND_UNIT_PT_advice,
    SECOND_UNIT_PT_shooting,
)
