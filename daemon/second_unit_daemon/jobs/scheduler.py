# SPDX-License-Identifier: GPL-3.0-or-later
"""Gives queued jobs to executors, and writes down what comes of them."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence

from second_unit_protocol.errors import ErrorCode, ErrorInfo, SecondUnitError
from second_unit_protocol.messages import EventMessage, JobChanged, Preview
from second_unit_protocol.results import ShotResult
from second_unit_protocol.states import JobState

from .executor import Executor, Task
from .store import JobStore, StoredJob

log = logging.getLogger(__name__)

ACTIVE = (JobState.RUNNING, JobState.CANCELLING)
Publish = Callable[[str, EventMessage], None]  # to an owner's subscribers
Outcome = Callable[[StoredJob], object]  # writes down how a task ended


class Scheduler:
    """Implements ExecutorEvents. Lives on the daemon's control thread, like the store that it writes to."""

    def __init__(self, store: JobStore, max_crashes: int):
        self._store = store
        self._max_crashes = max_crashes
        self._executors: Sequence[Executor] = ()
        self._publish: Publish = _to_nobody
        self._outcomes: dict[str, Outcome] = {}  # by job: what could not be written down yet

    def attach(self, executors: Sequence[Executor], publish: Publish) -> None:
        """Says who does the work and who spreads the news. Both need this object first, so they come after it."""
        self._executors = executors
        self._publish = publish

    def recover(self) -> None:
        """Puts right what a dead daemon left behind: what ran starts again, unless it killed the daemon each time."""
        for job in self._store.in_state(*ACTIVE):
            if job.info.state is JobState.CANCELLING:
                self._move(job, JobState.CANCELLED, "cancelled; the daemon stopped meanwhile")
            elif job.crashes + 1 >= self._max_crashes:
                cause = f"The daemon or its worker died {self._max_crashes} times while rendering this shot"
                self._fail(
                    job, SecondUnitError(ErrorCode.WORKER_DIED, cause, shot=job.info.shot_name).info, crashed=True
                )
            else:
                self._move(job, JobState.QUEUED, "the daemon died while it ran; it starts again", crashed=True)

    def wake(self) -> None:
        """Hands out work while there is a queued job and an executor that is ready.

        Also called now and then, because a disk that is full refuses both claims and outcomes until it is not.
        """
        try:
            self._settle()
            for executor in self._executors:
                while executor.ready and (job := self._store.claim(executor.device.name)):
                    self._start(executor, job)
        except SecondUnitError as error:
            log.error("the queue stands still: %s", error.info.cause)

    def cancel(self, job: StoredJob) -> StoredJob:
        """Raises SecondUnitError(WRONG_STATE) for a job that is over and was not cancelled."""
        state, job_id = job.info.state, job.info.job_id
        if state in (JobState.CANCELLED, JobState.CANCELLING):
            return job
        if state in (JobState.WAITING, JobState.QUEUED):
            cancelled = self._move(job, JobState.CANCELLED, "cancelled before it ran")
            self.announce_queue()
            return cancelled
        if state is not JobState.RUNNING:
            raise SecondUnitError(
                ErrorCode.WRONG_STATE, f"The job has {state} and cannot be cancelled", shot=job.info.shot_name
            )
        cancelling = self._move(job, JobState.CANCELLING, "cancel asked for")
        for executor in self._executors:
            executor.cancel(job_id)
        return cancelling

    def free_memory(self) -> None:
        """Ends idle workers. Raises SecondUnitError(WRONG_STATE) while a job runs."""
        for job in self._store.in_state(*ACTIVE):
            cause = "A shot is being made and needs the card"
            remedy = "Wait for it, or cancel it"
            raise SecondUnitError(ErrorCode.WRONG_STATE, cause, shot=job.info.shot_name, remedy=remedy)
        for executor in self._executors:
            executor.free()

    def shut_down(self) -> None:
        """Stops the executors; what they were running goes back to its place in the queue. Nobody is told any more."""
        self._publish = _to_nobody
        for executor in self._executors:
            executor.stop()
        self._settle()
        for job in self._store.in_state(*ACTIVE):
            if job.info.state is JobState.CANCELLING:
                self._move(job, JobState.CANCELLED, "cancelled; the daemon stopped meanwhile")
            else:
                self._move(job, JobState.QUEUED, "the daemon was stopped; it starts again with the daemon")

    def announce(self, job: StoredJob) -> None:
        self._publish(job.owner, JobChanged(self._store.placed(job)))

    def announce_queue(self) -> None:
        """Tells everybody who waits their new place."""
        places = self._store.places()
        for job in self._store.in_state(JobState.QUEUED):
            self._publish(job.owner, JobChanged(self._store.placed(job, places)))

    # --- ExecutorEvents ------------------------------------------------------------------------------------------

    def task_began(self, job_id: str) -> None:
        log.info("its worker has begun", extra={"job": job_id})

    def task_progressed(self, job_id: str, stage: str, fraction: float, seconds_left: float | None) -> None:
        self._store.progress(job_id, stage, fraction, seconds_left)
        if job := self._active(job_id):
            self.announce(job)

    def task_preview(self, preview: Preview) -> None:
        if job := self._active(preview.job_id):
            self._publish(job.owner, preview)

    def task_succeeded(self, job_id: str, result: ShotResult) -> None:
        def succeeded(job: StoredJob) -> None:
            late = job.info.state is JobState.CANCELLING
            reason = "it was finished before the cancel reached it" if late else "rendered"
            self._move(job, JobState.SUCCEEDED, reason, result=result)

        self._end(job_id, succeeded)

    def task_failed(self, job_id: str, error: ErrorInfo) -> None:
        self._end(job_id, lambda job: self._give_up(job, error))

    def task_stopped(self, job_id: str) -> None:
        cause = "The worker stopped the job though nobody had cancelled it"

        def stopped(job: StoredJob) -> None:
            if job.info.state is JobState.CANCELLING:
                self._move(job, JobState.CANCELLED, "cancelled")
            else:
                self._fail(job, SecondUnitError(ErrorCode.INTERNAL, cause, shot=job.info.shot_name).info)

        self._end(job_id, stopped)

    def task_lost(self, job_id: str, error: ErrorInfo, began: bool) -> None:
        def lost(job: StoredJob) -> None:
            if job.info.state is JobState.RUNNING and not began and job.crashes == 0:
                self._move(job, JobState.QUEUED, f"its worker died before it began: {error.cause}", crashed=True)
            else:
                self._give_up(job, error, crashed=True)

        self._end(job_id, lost)

    def executor_ready(self) -> None:
        self.wake()

    # --- inside ----------------------------------------------------------------------------------------------------

    def _start(self, executor: Executor, job: StoredJob) -> None:
        job_id, attempt = job.info.job_id, job.info.attempt
        try:
            shot = self._store.shot(job_id)
        except SecondUnitError as error:
            self._fail(job, error.info)
            return
        log.info("running on %s, attempt %d", executor.device.name, attempt, extra={"job": job_id})
        executor.run(Task(job_id, attempt, shot))
        self.announce(job)
        self.announce_queue()

    def _end(self, job_id: str, outcome: Outcome) -> None:
        self._outcomes[job_id] = outcome
        self._settle()

    def _settle(self) -> None:
        """Writes down how tasks ended. Raises SecondUnitError where the disk refuses; it is tried again then."""
        for job_id, outcome in list(self._outcomes.items()):
            if job := self._active(job_id):
                outcome(job)
            del self._outcomes[job_id]

    def _active(self, job_id: str) -> StoredJob | None:
        job = self._store.get(job_id)
        return job if job and job.info.state in ACTIVE else None

    def _give_up(self, job: StoredJob, error: ErrorInfo, crashed: bool = False) -> None:
        if job.info.state is JobState.CANCELLING:
            self._move(job, JobState.CANCELLED, f"cancelled; it ended with: {error.cause}", crashed=crashed)
        else:
            self._fail(job, error, crashed)

    def _fail(self, job: StoredJob, error: ErrorInfo, crashed: bool = False) -> None:
        self._move(job, JobState.FAILED, error.cause, error=error, crashed=crashed)

    def _move(self, job: StoredJob, new: JobState, reason: str, **facts) -> StoredJob:
        moved = self._store.move(job.info.job_id, new, reason, **facts)
        log.info("%s -> %s: %s", job.info.state, new, reason, extra={"job": job.info.job_id})
        self.announce(moved)
        return moved


def _to_nobody(owner: str, event: EventMessage) -> None:
    """While there is no server, or none any more."""
