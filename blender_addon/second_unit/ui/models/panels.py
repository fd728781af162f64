# SPDX-License-Identifier: GPL-3.0-or-later
"""The Models panel: a list with size and state, and what can be done with the chosen one."""

from typing import TYPE_CHECKING

import bpy
from bpy.props import CollectionProperty, IntProperty

from ...link import current
from .. import text
from ..daemon import TAB
from . import operators as ops
from . import view

if TYPE_CHECKING:
    from ...protocol.models import ModelInfo


class SECOND_UNIT_PG_model(bpy.types.PropertyGroup):
    """One model; ``name`` is its engine's."""


class SECOND_UNIT_PG_models(bpy.types.PropertyGroup):
    rows: CollectionProperty(type=SECOND_UNIT_PG_model)
    active: IntProperty(name="Active Model", description="Model that is shown below the list")


class SECOND_UNIT_UL_models(bpy.types.UIList):
    """A line per model: label, whether it is here, size."""

    def draw_item(self, _context, layout, _data, item, _icon, _active_data, _active_property, _index) -> None:
        model = current.models.find(item.name)
        if model is None:
            return
        row = layout.row(align=True)
        row.label(text=model.label, icon="ERROR" if model.error else view.ICONS[model.state])
        if model.licence.ask:
            row.label(text="", icon="TEXT")
        word = row.row()
        word.alignment = "RIGHT"
        word.active = False
        word.label(text=view.status(model))


class SECOND_UNIT_PT_models(bpy.types.Panel):
    bl_label = "Models"
    bl_space_type = "VIEW_3D"
    bl_region_type = "UI"
    bl_category = TAB
    bl_order = 8
    bl_options = {"DEFAULT_CLOSED"}

    @classmethod
    def poll(cls, _context: bpy.types.Context) -> bool:
        return bool(current.models.models) and current.link.ready

    def draw_header_preset(self, _context: bpy.types.Context) -> None:
        row = self.layout.row()
        row.operator(ops.SECOND_UNIT_OT_models_refresh.bl_idname, text="", icon="FILE_REFRESH", emboss=False)

    def draw(self, context: bpy.types.Context) -> None:
        layout = self.layout
        state = context.window_manager.second_unit_models
        layout.template_list("SECOND_UNIT_UL_models", "", state, "rows", state, "active", rows=5)
        model = view.active(context.window_manager)
        if model is not None:
            _draw_model(layout, model)
        if current.models.error:
            text.problem(layout, current.models.error)
        layout.separator()
        layout.operator(ops.SECOND_UNIT_OT_free_memory.bl_idname, icon="MEMORY")


def _draw_model(layout: bpy.types.UILayout, model: "ModelInfo") -> None:
    from ...protocol.models import ModelState

    if model.description:
        text.wrapped(layout, model.description)
    text.table(layout, view.facts(model), share=0.25)
    if view.is_busy(model):
        share, words = view.progress(model)
        row = layout.row(align=True)
        row.progress(factor=share, text=words)
        row.operator(ops.SECOND_UNIT_OT_model_stop.bl_idname, text="", icon="CANCEL").model = model.name
    elif not model.fetchable:
        text.wrapped(layout, "It lies in a folder of yours and is not touched", "INFO")
    else:
        row = layout.row(align=True)
        if model.state is not ModelState.HERE:
            row.operator(ops.SECOND_UNIT_OT_model_fetch.bl_idname, text="Fetch", icon="IMPORT").model = model.name
        else:
            renew = row.operator(ops.SECOND_UNIT_OT_model_fetch.bl_idname, text="Newest", icon="IMPORT")
            renew.model, renew.newest = model.name, True
        row.operator(ops.SECOND_UNIT_OT_model_verify.bl_idname, icon="VIEWZOOM").model = model.name
        row.operator(ops.SECOND_UNIT_OT_model_remove.bl_idname, text="Remove", icon="TRASH").model = model.name
    if model.error:
        text.problem(layout, model.error)
    elif model.note and not view.is_busy(model):
        text.wrapped(layout, model.note, "CHECKMARK")


CLASSES = (SECOND_UNIT_PG_model, SECOND_UNIT_PG_models, SECOND_UNIT_UL_models, SECOND_UNIT_PT_models)
