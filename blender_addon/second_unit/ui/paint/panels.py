# SPDX-License-Identifier: GPL-3.0-or-later
"""Paint This Frame, below the references: how, the button, and each picture beside its capture."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import bpy

from ...translations import OWN
from .. import previews, text
from ..shot.panels import OfShot
from ..shot.props import active_shot
from . import engines, view
from . import operators as ops

if TYPE_CHECKING:
    from ...link.paintings import Painting

NO_CARD = (
    "No engine here paints from words: those are models (Z-Image, SDXL) that need a card and their weights, see the "
    "panel Models. Without a card the style network draws the scene's colours in a look, and Projection carries the "
    "look of references to this frame."
)


class SECOND_UNIT_PT_paint(OfShot, bpy.types.Panel):
    bl_label = "Paint This Frame"
    bl_parent_id = "SECOND_UNIT_PT_references"
    bl_options = {"DEFAULT_CLOSED"}

    def draw(self, context: bpy.types.Context) -> None:
        from .painting import begins_with

        layout, scene = self.layout, context.scene
        shot, paint = active_shot(scene), scene.second_unit_paint
        column = layout.column()
        column.use_property_split, column.use_property_decorate = True, False
        column.prop(paint, "engine_choice")
        engine = engines.chosen(paint)
        if engine is not None and not any(e.available and not engines.only_carries(e) for e in engines.known()):
            text.wrapped(layout, NO_CARD, "INFO")
        if engine is not None and not engines.only_carries(engine):
            over = engines.draws_over(engine)
            column.prop(paint, "over" if over else "begin")
            if begins_with(paint, engine) in ("CAPTURE", "REFERENCE"):
                column.prop(paint, "strength")
            elif over:
                column.prop(shot, "style_strength")
            column.prop(paint, "prompt", placeholder="The shot's own")
            column.prop(paint, "count")
        elif engine is not None:
            text.wrapped(layout, "It carries the shot's references to this frame", "INFO")
        words = "Carry to This Frame" if engine and begins_with(paint, engine) == "CARRIED" else "Paint This Frame"
        row = layout.row()
        row.scale_y = 1.3
        row.operator(ops.SECOND_UNIT_OT_paint.bl_idname, text=f"{words} ({scene.frame_current})", icon="BRUSH_DATA")
        for painting in view.under_way(shot.uid):
            _draw_under_way(layout, painting)
        for row in view.of_shot(scene, shot.uid):
            _draw_done(layout, row)


def _draw_under_way(layout: bpy.types.UILayout, painting: Painting) -> None:
    if painting.error:
        text.problem(layout, painting.error, name_shot=False)
        layout.operator(ops.SECOND_UNIT_OT_paint_cancel.bl_idname, text="Dismiss", icon="X").uid = painting.job_id
        return
    row = layout.row(align=True)
    if painting.fraction is None:
        row.label(text=painting.words, icon="SORTTIME")
    else:
        row.progress(factor=painting.fraction, text=f"{painting.words}, {painting.fraction:.0%}")
    row.operator(ops.SECOND_UNIT_OT_paint_cancel.bl_idname, text="", icon="CANCEL").uid = painting.job_id


def _draw_done(layout: bpy.types.UILayout, row) -> None:
    """The capture to the left, the picture to the right."""
    box = layout.box()
    pair = box.row(align=True)
    for path in (row.capture, row.picture):
        icon = previews.icon_of_file(Path(bpy.path.abspath(path)))
        cell = pair.column()
        if icon:
            cell.template_icon(icon_value=icon, scale=5.0)
        else:
            cell.label(text="", icon="IMAGE_DATA")
    box.label(text=f"Frame {row.frame}, {row.engine}, seed {row.seed}")
    line = box.row(align=True)
    line.operator(ops.SECOND_UNIT_OT_paint_pin.bl_idname, text="Pin", text_ctxt=OWN, icon="PINNED").uid = row.uid
    line.operator(ops.SECOND_UNIT_OT_paint_drop.bl_idname, text="", icon="X").uid = row.uid


CLASSES = (SECOND_UNIT_PT_paint,)
