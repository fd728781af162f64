# SPDX-License-Identifier: GPL-3.0-or-later
"""The takes list's rows. They are drawn from; the journal is the truth."""

import bpy
from bpy.props import CollectionProperty, IntProperty, StringProperty


class SECOND_UNIT_PG_take(bpy.types.PropertyGroup):
    """One take; ``name`` is its label."""

    job_id: StringProperty()
    shot_uid: StringProperty()


class SECOND_UNIT_PG_takes(bpy.types.PropertyGroup):
    takes: CollectionProperty(type=SECOND_UNIT_PG_take)
    active_take: IntProperty(name="Active Take", description="Take that is shown below the list")


CLASSES = (SECOND_UNIT_PG_take, SECOND_UNIT_PG_takes)
