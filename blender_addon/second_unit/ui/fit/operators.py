# SPDX-License-Identifier: GPL-3.0-or-later
"""Asking whether a reference fits, and putting the answer away."""

import time

import bpy
from bpy.props import StringProperty

from ...link import current, pump
from ...protocol.errors import ErrorCode, SecondUnitError
from ..active import active_shot
from ..shot.shoot import WAIT_S, Captures
from . import checking


class SECOND_UNIT_OT_reference_check(Captures, bpy.types.Operator):
    """Capture the reference's frame and have the daemon measure whether the picture shows what the camera sees"""

    bl_idname = "second_unit.reference_check"
    bl_label = "Check Fit"
    doing = "Capturing the reference's frame"

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        if not super().poll(context):
            return False
        shot = active_shot(context.scene)
        if not 0 <= shot.active_reference < len(shot.references):
            cls.poll_message_set("This shot has no reference yet: pin one")
            return False
        return True

    def make(self, context: bpy.types.Context) -> "checking.CheckFit":
        return checking.CheckFit(context, context.scene, active_shot(context.scene))

    def wait_for(self, job_id: str, deadline: float) -> None:
        """Until the answer is there. Raises SecondUnitError for a picture that does not fit."""
        while True:
            pump.tick()
            asked = current.fits.now.get(job_id)
            if asked is None or asked.done:
                return
            if asked.error:
                raise SecondUnitError.from_info(asked.error)
            if time.monotonic() > deadline:
                raise SecondUnitError(ErrorCode.TIMEOUT, f"No answer after {self.timeout:.0f} seconds")
            time.sleep(WAIT_S)


class SECOND_UNIT_OT_reference_check_dismiss(bpy.types.Operator):
    """Stop asking, or put the answer away"""

    bl_idname = "second_unit.reference_check_dismiss"
    bl_label = "Dismiss"

    job_id: StringProperty(name="Question", description="Which one", options={"SKIP_SAVE", "HIDDEN"})

    def execute(self, _context: bpy.types.Context) -> set[str]:
        current.fits.cancel(self.job_id)
        return {"FINISHED"}


CLASSES = (SECOND_UNIT_OT_reference_check, SECOND_UNIT_OT_reference_check_dismiss)
