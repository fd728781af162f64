# SPDX-License-Identifier: GPL-3.0-or-later
"""Below the references: whether the chosen one fits, and the picture of a mismatch."""

from __future__ import annotations

import bpy

from ...link import current, fits
from .. import previews, text
from ..shot.panels import OfShot, draw_mismatch
from ..shot.props import active_reference, active_shot
from . import operators as ops


class SECOND_UNIT_PT_fit(OfShot, bpy.types.Panel):
    bl_label = "Does It Fit?"
    bl_parent_id = "SECOND_UNIT_PT_references"
    bl_options = {"DEFAULT_CLOSED"}

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        return active_reference(active_shot(context.scene)) is not None

    def draw(self, context: bpy.types.Context) -> None:
        layout = self.layout
        reference = active_reference(active_shot(context.scene))
        layout.operator(ops.SECOND_UNIT_OT_reference_check.bl_idname, icon="VIEWZOOM")
        asked = current.fits.of(reference.uid)
        if asked is None or asked.about != fits.about(reference.scene_frame, bpy.path.abspath(reference.path)):
            return
        if asked.done:
            text.wrapped(layout, asked.words, "ERROR" if asked.doubtful else "INFO")
        elif asked.error:
            text.problem(layout, asked.error, name_shot=False)
            draw_mismatch(layout, asked.error, previews.icon_of_job(asked.job_id))
            dismiss = layout.operator(ops.SECOND_UNIT_OT_reference_check_dismiss.bl_idname, icon="X")
            dismiss.job_id = asked.job_id
        else:
            row = layout.row(align=True)
            text.wrapped(row, asked.words, "SORTTIME")
            dismiss = row.operator(ops.SECOND_UNIT_OT_reference_check_dismiss.bl_idname, text="", icon="CANCEL")
            dismiss.job_id = asked.job_id


CLASSES = (SECOND_UNIT_PT_fit,)
