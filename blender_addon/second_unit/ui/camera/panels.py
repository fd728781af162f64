# SPDX-License-Identifier: GPL-3.0-or-later
"""The Camera panel: move presets, the viewport as a camera, recording, files."""

from __future__ import annotations

import bpy

from ...translations import OWN
from .. import text
from ..shot.panels import OfShot
from . import files, keys, record
from . import operators as ops

_ICONS = {
    "PAN": "ARROW_LEFTRIGHT",
    "TILT": "SORT_DESC",
    "ROLL": "LOOP_FORWARDS",
    "DOLLY": "FORWARD",
    "TRUCK": "TRIA_RIGHT",
    "PEDESTAL": "TRIA_UP",
    "ZOOM": "VIEWZOOM",
    "DOLLY_ZOOM": "FULLSCREEN_EXIT",
    "ORBIT": "FILE_REFRESH",
    "CRANE": "EXPORT",
    "HANDHELD": "VIEW_PAN",
}


class SECOND_UNIT_PT_camera(OfShot, bpy.types.Panel):
    bl_label = "Camera Moves"
    bl_order = 1
    bl_parent_id = "SECOND_UNIT_PT_shots"
    bl_options = {"DEFAULT_CLOSED"}

    def draw(self, context: bpy.types.Context) -> None:
        layout = self.layout
        row = layout.row(align=True)
        row.operator(ops.SECOND_UNIT_OT_camera_from_view.bl_idname, text="From View", icon="VIEW_CAMERA")
        done = record.progress()
        row.operator(
            record.SECOND_UNIT_OT_camera_record.bl_idname,
            text="Record" if done is None else "Stop",
            icon="RADIOBUT_OFF" if done is None else "REC",
            depress=done is not None,
        )
        if done is None:
            layout.prop(context.scene.second_unit, "flight_smoothing")
        elif record.is_waiting():
            text.wrapped(layout, "Begins when the view moves: turn it, or press Shift+` and walk", "PAUSE")
        else:
            layout.progress(factor=done, text="Recording: fly the viewport")
        row = layout.row(align=True)
        row.operator(files.SECOND_UNIT_OT_camera_import.bl_idname, text="Import", icon="IMPORT")
        row.menu(files.SECOND_UNIT_MT_camera_export.__name__, text="Export", icon="EXPORT")
        if reason := keys.refusal(ops.shot_camera(context)):
            text.wrapped(layout, reason, "INFO")
        grid = layout.grid_flow(row_major=True, columns=2, even_columns=True, align=True)
        for name, label, _ in ops.MOVES:
            grid.operator(
                ops.SECOND_UNIT_OT_camera_move.bl_idname, text=label, text_ctxt=OWN, icon=_ICONS[name]
            ).move = name
        text.wrapped(layout, "Amount and ease: Adjust Last Operation, at the bottom left of the viewport (F9)", "INFO")


CLASSES = (SECOND_UNIT_PT_camera,)
