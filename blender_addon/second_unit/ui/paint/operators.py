# SPDX-License-Identifier: GPL-3.0-or-later
"""Painting the playhead's frame, and choosing among what came of it."""

import time
from typing import TYPE_CHECKING

import bpy
from bpy.props import StringProperty

from ...link import current, pump
from ...protocol.errors import SecondUnitError
from ...translations import OWN
from ..active import OnShot, active_shot
from ..references.operators import pin
from ..shot.shoot import WAIT_S, Captures
from . import engines, view

if TYPE_CHECKING:
    from .painting import PaintFrame


class SECOND_UNIT_OT_paint(Captures, bpy.types.Operator):
    """Capture the playhead's frame and have an image engine paint it: a picture that fits the scene, to be pinned"""

    bl_idname = "second_unit.paint"
    bl_label = "Paint This Frame"
    doing = "Capturing the frame"

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        if not super().poll(context):
            return False
        engine = engines.chosen(context.scene.second_unit_paint)
        if context.area is not None and (engine is None or not engine.available):
            cls.poll_message_set(engine.unavailable_reason if engine else "Start the daemon first")
            return False
        return True

    def make(self, context: bpy.types.Context) -> "PaintFrame":
        from .painting import PaintFrame

        return PaintFrame(context, context.scene, active_shot(context.scene))

    def wait_for(self, job_id: str, deadline: float) -> None:
        """Until the picture is in the list."""
        from ...protocol.errors import ErrorCode

        while job_id in current.paintings.now:
            pump.tick()
            painting = current.paintings.now.get(job_id)
            if painting and painting.error:
                current.paintings.cancel(job_id)
                raise SecondUnitError.from_info(painting.error)
            if time.monotonic() > deadline:
                raise SecondUnitError(ErrorCode.TIMEOUT, f"No picture after {self.timeout:.0f} seconds")
            time.sleep(WAIT_S)


class SECOND_UNIT_OT_paint_cancel(bpy.types.Operator):
    """Stop painting this picture, or put its message away"""

    bl_idname = "second_unit.paint_cancel"
    bl_label = "Cancel"

    uid: StringProperty(name="Picture", description="Which one", options={"SKIP_SAVE", "HIDDEN"})

    def execute(self, _context: bpy.types.Context) -> set[str]:
        current.paintings.cancel(self.uid)
        return {"FINISHED"}


class _OnPainting(OnShot):
    uid: StringProperty(
        name="Picture", description="Which one; empty for the latest of the shot", options={"SKIP_SAVE", "HIDDEN"}
    )

    def find(self, context: bpy.types.Context):
        rows = view.of_shot(context.scene, active_shot(context.scene).uid)
        return next((row for row in rows if row.uid == self.uid or not self.uid), None)

    def drop(self, context: bpy.types.Context, uid: str) -> None:
        paintings = context.scene.second_unit_paint.paintings
        paintings.remove(next(place for place, row in enumerate(paintings) if row.uid == uid))


class SECOND_UNIT_OT_paint_pin(_OnPainting, bpy.types.Operator):
    """Pin this picture as a reference at the frame that it was painted for"""

    bl_idname = "second_unit.paint_pin"
    bl_label = "Pin"
    bl_translation_context = OWN

    def execute(self, context: bpy.types.Context) -> set[str]:
        row = self.find(context)
        if row is None:
            self.report({"ERROR"}, "There is no painted picture to pin")
            return {"CANCELLED"}
        reference = pin(context, "CAPTURE", f"Painted {row.frame}", path=row.picture)
        reference.scene_frame = row.frame
        self.drop(context, row.uid)
        return {"FINISHED"}


class SECOND_UNIT_OT_paint_drop(_OnPainting, bpy.types.Operator):
    """Take this picture off the list; its file stays"""

    bl_idname = "second_unit.paint_drop"
    bl_label = "Discard"

    def execute(self, context: bpy.types.Context) -> set[str]:
        row = self.find(context)
        if row is None:
            return {"CANCELLED"}
        self.drop(context, row.uid)
        return {"FINISHED"}


CLASSES = (
    SECOND_UNIT_OT_paint,
    SECOND_UNIT_OT_paint_cancel,
    SECOND_UNIT_OT_paint_pin,
    SECOND_UNIT_OT_paint_drop,
)
