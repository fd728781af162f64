# SPDX-License-Identifier: GPL-3.0-or-later
"""What the queue asks of whatever runs its jobs, and what it is told in return."""

from __future__ import annotations

from typing import Protocol

from attrs import field, frozen
from second_unit_protocol.errors import ErrorInfo
from second_unit_protocol.messages import Preview
from second_unit_protocol.results import DeviceInfo, ShotResult
from second_unit_protocol.shot import ShotRequest


@frozen
class Task:
    """One attempt at one job."""

    job_id: str
    attempt: int
    shot: ShotRequest = field(repr=False)


class ExecutorEvents(Protocol):
    """Called on the daemon's control thread, in order. After one of the last four the executor is free again."""

    def task_began(self, job_id: str) -> None: ...

    def task_progressed(self, job_id: str, stage: str, fraction: float, seconds_left: float | None) -> None: ...

    def task_preview(self, preview: Preview) -> None: ...

    def task_succeeded(self, job_id: str, result: ShotResult) -> None: ...

    def task_failed(self, job_id: str, error: ErrorInfo) -> None: ...

    def task_stopped(self, job_id: str) -> None:
        """It was cancelled."""

    def task_lost(self, job_id: str, error: ErrorInfo, began: bool) -> None:
        """Its worker died, before or after the work on it had begun."""

    def executor_ready(self) -> None:
        """It can take a task again (also after a pause that followed a worker's death)."""


class Executor(Protocol):
    """Runs one task at a time on one device. None of its methods waits for the work."""

    device: DeviceInfo

    @property
    def ready(self) -> bool:
        """Whether :meth:`run` may be called."""
        ...

    def run(self, task: Task) -> None: ...

    def cancel(self, job_id: str) -> None:
        """Ends in ``task_stopped``, or in another outcome that came first; a task that does not stop is killed."""

    def free(self) -> None:
        """Ends an idle worker, and with it what it holds of the device; the next task starts another."""

    def stop(self) -> None:
        """Ends the worker and returns when it is gone. No event follows."""
