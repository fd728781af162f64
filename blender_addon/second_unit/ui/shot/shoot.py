# SPDX-License-Identifier: GPL-3.0-or-later
"""The Shoot button. Pressed, it is modal: a frame of capture per tick. Called by a script, it waits for the strip."""

import time
from typing import TYPE_CHECKING

import bpy
from bpy.props import FloatProperty, StringProperty

from ... import later
from ...link import current, pump
from ...protocol.errors import SecondUnitError
from . import shooting, watch
from .props import active_shot, find_shot

if TYPE_CHECKING:
    from ...protocol.errors import ErrorInfo

log = later.Log(__name__)

TICK_S = 0.01
WAIT_S = 0.005


class _Now:
    """``running`` is the capture that is under way; ``error`` why the last press of Shoot came to nothing."""

    running: "shooting.Shooting | None" = None
    error: "ErrorInfo | None" = None


now = _Now()


class Captures:
    """An operator that captures: modal when pressed, a frame of capture per tick; waiting when called by a script.

    Those that follow say what: :meth:`make`, and for scripts :meth:`wait_for` each job.
    """

    doing = "Capturing the shot"

    timeout: FloatProperty(
        name="Timeout",
        description="Seconds that a script waits for what comes of it",
        default=3600.0,
        min=0.0,
        options={"SKIP_SAVE", "HIDDEN"},
    )

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        if now.running is not None:
            cls.poll_message_set("A shot is being captured: wait for it or cancel it")
            return False
        if context.mode not in ("OBJECT", "POSE"):
            cls.poll_message_set("Go to Object Mode first")
            return False
        if not cls.has_shot(context):
            cls.poll_message_set("This scene has no shot yet: add one to the list")
            return False
        return True

    @classmethod
    def has_shot(cls, context: bpy.types.Context) -> bool:
        return active_shot(context.scene) is not None

    def make(self, context: bpy.types.Context) -> "shooting.Shooting":
        """What is captured and handed over. Raises SecondUnitError."""
        raise NotImplementedError

    def wait_for(self, job_id: str, deadline: float) -> None:
        """Turns the pump until the job has come to its end. Raises SecondUnitError for whatever keeps it from that."""
        raise NotImplementedError

    def invoke(self, context: bpy.types.Context, _event: bpy.types.Event) -> set[str]:
        if not self._begin(context):
            return {"CANCELLED"}
        self._timer = context.window_manager.event_timer_add(TICK_S, window=context.window)
        context.window_manager.modal_handler_add(self)
        context.workspace.status_text_set(f"{self.doing}: Esc stops it and puts everything back")
        return {"RUNNING_MODAL"}

    def modal(self, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        from ...protocol.errors import ErrorCode

        if now.running is None:  # the Cancel button
            return self._end(context, {"CANCELLED"})
        if event.type == "ESC" and event.value == "PRESS":
            now.running.cancel()
            return self._end(context, {"CANCELLED"})
        if event.type != "TIMER":
            return {"PASS_THROUGH"}  # Blender stays usable
        try:
            more = now.running.step()
        except SecondUnitError as error:
            self._fail(error)
            return self._end(context, {"CANCELLED"})
        except Exception as error:  # whatever it was, the next press of Shoot must find everything as it was
            log.exception("the capture stumbled")
            cause = f"The capture stumbled ({type(error).__name__}: {error})"
            self._fail(SecondUnitError(ErrorCode.CAPTURE_FAILED, cause, shot=now.running.spec.name))
            return self._end(context, {"CANCELLED"})
        pump.redraw_panels()
        if more:
            return {"PASS_THROUGH"}
        self._warn()
        return self._end(context, {"FINISHED"})

    def cancel(self, context: bpy.types.Context) -> None:
        """Blender ends the operator: the window closes or a file is opened."""
        if now.running is not None:
            now.running.cancel()
        self._end(context, {"CANCELLED"})

    def execute(self, context: bpy.types.Context) -> set[str]:
        deadline = time.monotonic() + self.timeout
        if not self._begin(context):
            return {"CANCELLED"}
        try:
            while now.running.step():
                pump.tick()
                time.sleep(WAIT_S if now.running.fraction == 0.0 else 0.0)
            self._warn()
            for job_id in now.running.job_ids:
                self.wait_for(job_id, deadline)
        except SecondUnitError as error:
            self._fail(error)
            return {"CANCELLED"}
        finally:
            now.running.cancel()
            now.running = None
        return {"FINISHED"}

    def _begin(self, context: bpy.types.Context) -> bool:
        now.error = None
        pump.tick()
        try:
            now.running = self.make(context)
        except SecondUnitError as error:
            self._fail(error)
            return False
        return True

    def _warn(self) -> None:
        for warning in now.running.warnings:
            self.report({"WARNING"}, f"{now.running.spec.name}: {warning}")

    def _fail(self, error: SecondUnitError) -> None:
        now.error = error.info
        self.report({"ERROR"}, error.info.sentence())

    def _end(self, context: bpy.types.Context, outcome: set[str]) -> set[str]:
        now.running = None
        if getattr(self, "_timer", None):
            context.window_manager.event_timer_remove(self._timer)
            self._timer = None
            context.workspace.status_text_set(None)
        pump.redraw_panels()
        return outcome


class SECOND_UNIT_OT_shoot(Captures, bpy.types.Operator):
    """Capture the shot and have the daemon make the clip; it lands in the sequencer by itself"""

    bl_idname = "second_unit.shoot"
    bl_label = "Shoot"

    shot_uid: StringProperty(
        name="Shot", description="Shot to shoot; empty for the active one", options={"SKIP_SAVE", "HIDDEN"}
    )

    @classmethod
    def has_shot(cls, context: bpy.types.Context) -> bool:
        """A script, which has no area, may name a shot of another scene."""
        named = context.area is None and any(scene.second_unit.shots for scene in bpy.data.scenes)
        return named or super().has_shot(context)

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        if not super().poll(context):
            return False
        if context.area is not None and (problems := watch.problems()):  # a script is told by the operator itself
            cls.poll_message_set(problems[0].sentence())
            return False
        return True

    def make(self, context: bpy.types.Context) -> "shooting.Shooting":
        from ...protocol.errors import ErrorCode

        if self.shot_uid:
            found, cause = find_shot(self.shot_uid), f"There is no shot {self.shot_uid} in this file"
        else:
            shot, cause = active_shot(context.scene), f"The scene {context.scene.name} has no shot"
            found = (context.scene, shot) if shot else None
        if found is None:
            raise SecondUnitError(ErrorCode.BAD_REQUEST, cause, remedy="Add one, or name one by its uid")
        return shooting.Shooting(context, *found)

    def wait_for(self, job_id: str, deadline: float) -> None:
        await_landing(job_id, deadline)


def await_landing(job_id: str, deadline: float) -> None:
    """Turns the pump until the clip has landed. Raises SecondUnitError for whatever keeps it from that."""
    from ...protocol.errors import ErrorCode

    tracker = current.tracker
    while True:
        pump.tick()
        record = tracker.journal.get(job_id) if tracker.journal else None
        if record and (record.landed or record.passed) and record.acknowledged:
            return
        if job_id in tracker.errors:
            raise SecondUnitError.from_info(tracker.errors[job_id])
        if record and record.ended:
            raise SecondUnitError(ErrorCode.CANCELLED, record.ended, shot=record.shot_name)
        if time.monotonic() > deadline:
            raise SecondUnitError(ErrorCode.TIMEOUT, "No clip has come in the time that the script waits")
        time.sleep(WAIT_S)


CLASSES = (SECOND_UNIT_OT_shoot,)
