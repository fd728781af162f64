# SPDX-License-Identifier: GPL-3.0-or-later
"""The models list's rows. They are drawn from; the daemon knows the truth."""

import bpy
from bpy.props import CollectionProperty, IntProperty


class SECOND_UNIT_PG_model(bpy.types.PropertyGroup):
    """One model; ``name`` is its engine's."""


class SECOND_UNIT_PG_models(bpy.types.PropertyGroup):
    rows: CollectionProperty(type=SECOND_UNIT_PG_model)
    active: IntProperty(name="Active Model", description="Model that is shown below the list")


CLASSES = (SECOND_UNIT_PG_model, SECOND_UNIT_PG_models)
