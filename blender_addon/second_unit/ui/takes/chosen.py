# SPDX-License-Identifier: GPL-3.0-or-later
"""The take that is meant where none is named: in a sequencer the chosen strip's, elsewhere the one in the list."""

import bpy

from ...sequencer import picked
from . import view


def job(context: bpy.types.Context) -> str:
    """Its job; empty where there is none."""
    if not picked.in_sequencer(context):
        return view.active_job(context.window_manager)
    strip = picked.active_strip(context)
    return strip.second_unit.job_id if strip else ""


def is_there(cls: type[bpy.types.Operator], context: bpy.types.Context) -> bool:
    """Whether a take is meant; else the operator's button says why not."""
    record = view.record_of(job(context))
    if record is not None and not record.removed:
        return True
    if not picked.in_sequencer(context):
        cls.poll_message_set("There is no take yet: press Shoot")
    elif picked.active_strip(context) is None:
        cls.poll_message_set("Choose a take, in the list or on the timeline")
    elif job(context):
        cls.poll_message_set("The take that this strip shows is not in this file's list")
    else:
        cls.poll_message_set("This strip shows no take: choose one that Shoot or an edit has made")
    return False
