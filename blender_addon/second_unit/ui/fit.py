# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether the chosen reference lies on the scene, measured when it is pinned rather than when the shot is made."""

import time

import bpy
from bpy.props import StringProperty

from ..link import current, fits, pump
from ..protocol.errors import SecondUnitError
from . import previews, text
from .references import checking
from .shot.panels import OfShot, draw_mismatch
from .shot.props import active_reference, active_shot
from .shot.shoot import WAIT_S, Captures


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
        from ..protocol.errors import ErrorCode

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
        layout.operator(SECOND_UNIT_OT_reference_check.bl_idname, icon="VIEWZOOM")
        asked = current.fits.of(reference.uid)
        if asked is None or asked.about != fits.about(reference.scene_frame, bpy.path.abspath(reference.path)):
            return
        if asked.done:
            text.wrapped(layout, asked.words, "ERROR" if asked.doubtful else "INFO")
        elif asked.error:
            text.problem(layout, asked.error, name_shot=False)
            draw_mismatch(layout, asked.error, previews.icon_of_job(asked.job_id))
            dismiss = layout.operator(SECOND_UNIT_OT_reference_check_dismiss.bl_idname, icon="X")
            dismiss.job_id = asked.job_id
        else:
            row = layout.row(align=True)
            text.wrapped(row, asked.words, "SORTTIME")
            dismiss = row.operator(SECOND_UNIT_OT_reference_check_dismiss.bl_idname, text="", icon="CANCEL")
            dismiss.job_id = asked.job_id


CLASSES = (
    SECOND_UNIT_OT_reference_check,
    SECOND_UNIT_OT_reference_check_dismiss,
    SECOND_UNIT_PT_fit,
)

register, unregister = bpy.utils.register_classes_factory(CLASSES)
