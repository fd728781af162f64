# SPDX-License-Identifier: GPL-3.0-or-later
"""The queue's rows. They are drawn from; the daemon is the truth."""

import bpy
from bpy.props import CollectionProperty, IntProperty


class SECOND_UNIT_PG_job(bpy.types.PropertyGroup):
    """One job; ``name`` is its number."""


class SECOND_UNIT_PG_queue(bpy.types.PropertyGroup):
    rows: CollectionProperty(type=SECOND_UNIT_PG_job)
    active: IntProperty(name="Active Job", description="Job that is shown below the list")


CLASSES = (SECOND_UNIT_PG_job, SECOND_UNIT_PG_queue)
