# SPDX-License-Identifier: GPL-3.0-or-later
"""The Take panel in the sequencer's sidebar: what is known of a strip that Second Unit made."""

from __future__ import annotations

import json

import bpy

from ..sequencer import queue
from . import text
from .takes import keeping, view
from .takes.operators import SECOND_UNIT_OT_take_swap

TAB = "Second Unit"


class _OfTake:
    bl_space_type = "SEQUENCE_EDITOR"
    bl_region_type = "UI"
    bl_category = TAB

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        strip = context.active_strip
        return strip is not None and bool(strip.second_unit.job_id)


class SECOND_UNIT_PT_strip(_OfTake, bpy.types.Panel):
    bl_label = "Take"

    def draw_header_preset(self, context: bpy.types.Context) -> None:
        for each, icon in (
            (keeping.SECOND_UNIT_OT_take_folder, "FILE_FOLDER"),
            (keeping.SECOND_UNIT_OT_take_delete, "TRASH"),
        ):
            button = self.layout.operator(each.bl_idname, text="", icon=icon, emboss=False)
            button.job_id = context.active_strip.second_unit.job_id

    def draw(self, context: bpy.types.Context) -> None:
        layout = self.layout
        lineage = context.active_strip.second_unit
        record, shown = view.record_of(lineage.job_id), view.of_job(lineage.job_id)
        if record:
            name = f"{record.take}, {record.label}" if record.label else str(record.take)
            rows = [("Take", name), ("Shot", lineage.shot_name), *view.facts(record)]
        else:  # the strip came from elsewhere: what it carries itself
            rows = [
                ("Take", str(lineage.take)),
                ("Shot", lineage.shot_name),
                ("Engine", lineage.engine),
                ("Seed", lineage.seed),
            ]
        text.table(layout, rows, share=0.3)
        if shown and shown.origin:
            text.wrapped(layout, shown.origin, "OUTLINER")
        if shown and shown.stale:
            text.wrapped(layout, f"Changed since: {shown.stale}", "TIME")
        if record and (verdict := view.verdict(record)):
            text.wrapped(layout, verdict, "ERROR" if shown and shown.wrong_camera else "VIEW_CAMERA")
        if lineage.prompt:
            text.wrapped(layout, lineage.prompt, "TEXT")
        for warning in queue.warnings(lineage.job_id):
            text.problem(layout, warning)
        others = [take for take in view.of_shot(lineage.shot_uid) if take.job_id != lineage.job_id and not take.gone]
        if others:
            layout.label(text="Show instead", icon="FILE_REFRESH")
            grid = layout.grid_flow(row_major=True, columns=3, align=True)
            for take in others:
                grid.operator(SECOND_UNIT_OT_take_swap.bl_idname, text=take.title).job_id = take.job_id


class SECOND_UNIT_PT_provenance(_OfTake, bpy.types.Panel):
    bl_label = "Provenance"
    bl_parent_id = "SECOND_UNIT_PT_strip"
    bl_options = {"DEFAULT_CLOSED"}

    def draw(self, context: bpy.types.Context) -> None:
        layout = self.layout
        layout.use_property_split = True
        layout.use_property_decorate = False
        layout.enabled = False
        lineage = context.active_strip.second_unit
        layout.prop(lineage, "job_id")
        layout.prop(lineage, "digest")
        rows = _flat(lineage.provenance)
        if rows:
            text.table(layout, rows, share=0.3)


def _flat(provenance: str) -> list[tuple[str, str]]:
    """The plain entries of the provenance JSON."""
    try:
        told = json.loads(provenance)
    except ValueError:
        return []
    if not isinstance(told, dict):
        return []
    return [(key, str(value)) for key, value in told.items() if isinstance(value, str | int | float) and value != ""]


CLASSES = (
    SECOND_UNIT_PT_strip,
    SECOND_UNIT_PT_provenance,
)

register, unregister = bpy.utils.register_classes_factory(CLASSES)
