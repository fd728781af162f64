# SPDX-License-Identifier: GPL-3.0-or-later
"""Choosing the clip that a shot starts from."""

from __future__ import annotations

import bpy

from ...protocol.errors import SecondUnitError
from ...sequencer import picked
from ..active import OnShot, active_shot


class SECOND_UNIT_OT_source_strip(OnShot, bpy.types.Operator):
    """Start the shot from the strip that is chosen in the sequencer"""

    bl_idname = "second_unit.source_strip"
    bl_label = "Use Chosen Strip"

    def execute(self, context: bpy.types.Context) -> set[str]:
        try:
            shown = picked.picked(context)
        except SecondUnitError as error:
            self.report({"ERROR"}, error.info.sentence())
            return {"CANCELLED"}
        source = active_shot(context.scene).source
        source.kind, source.strip = "STRIP", shown.strip
        source.scene = bpy.data.scenes[shown.scene]
        return {"FINISHED"}


CLASSES = (SECOND_UNIT_OT_source_strip,)
