# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs tasks in one supervised worker process on this machine."""

from __future__ import annotations

import logging
import queue
import shutil
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from attrs import define, field, frozen
from second_unit_protocol.errors import ErrorCode, SecondUnitError
from second_unit_protocol.results import DeviceInfo
from second_unit_protocol.shot import BlobRef

from .. import devices
from ..blobs.store import BlobStore
from ..jobs.executor import ExecutorEvents, Task
from .backoff import Backoff, BackoffRule
from .dialogue import (
    RunTask,
    StopTask,
    TaskBegan,
    TaskFailed,
    TaskFinished,
    TaskPreviewed,
    TaskProgressed,
    TaskStopped,
    WorkerReady,
)
from .process import COMMAND, Ending, WorkerProcess

log = logging.getLogger(__name__)

Post = Callable[[Callable[[], None]], None]  # runs a function on the daemon's control thread
STOP_WAIT_S = 5.0
UNREADABLE = (ErrorCode.BLOB_CORRUPT, ErrorCode.REFERENCE_UNREADABLE)  # perhaps because the disk has damaged it


@frozen
class LocalSettings:
    """``scratch`` is emptied at the start; ``command`` starts a worker."""

    scratch: Path
    cancel_grace_s: float = 3.0  # a cancelled task that takes longer to stop is killed with its worker
    idle_s: float = 600.0  # a worker without work stays warm that long
    backoff: BackoffRule = field(factory=BackoffRule)
    command: Sequence[str] = COMMAND


@frozen
class _Cancel:
    job_id: str


class _Free:
    pass


class _Stop:
    pass


@define
class _Running:
    task: Task
    scratch: Path
    began: bool = False
    stage: str = ""
    cancelled: bool = False
    kill_at: float | None = None


class LocalExecutor:
    """Implements jobs.Executor. A supervising thread owns the worker; events are posted to the control thread."""

    def __init__(
        self, device: DeviceInfo, blobs: BlobStore, events: ExecutorEvents, post: Post, settings: LocalSettings
    ):
        self.device = device
        self._blobs = blobs
        self._events = events
        self._post = post
        self._settings = settings
        self._backoff = Backoff(settings.backoff)
        self._inbox: queue.Queue[object] = queue.Queue()
        self._worker: WorkerProcess | None = None
        self._running: _Running | None = None
        self._idle_at: float | None = None
        self._resume_at: float | None = None
        self._ready = True
        shutil.rmtree(settings.scratch, ignore_errors=True)  # what a dead daemon's workers were making
        self._thread = threading.Thread(target=self._supervise, name="supervisor", daemon=True)
        self._thread.start()

    # --- jobs.Executor, on the control thread --------------------------------------------------------------------

    @property
    def ready(self) -> bool:
        return self._ready

    def run(self, task: Task) -> None:
        self._ready = False
        self._inbox.put(task)

    def cancel(self, job_id: str) -> None:
        self._inbox.put(_Cancel(job_id))

    def free(self) -> None:
        self._inbox.put(_Free())

    def stop(self) -> None:
        self._ready = False
        self._inbox.put(_Stop())
        self._thread.join(2 * STOP_WAIT_S)

    # --- the supervising thread ------------------------------------------------------------------------------------

    def _supervise(self) -> None:
        while True:
            try:
                item = self._inbox.get(timeout=self._patience())
            except queue.Empty:
                item = None
            if isinstance(item, _Stop):
                self._end_worker()
                return
            try:
                self._handle(item)
                self._keep_time()
            except Exception:
                log.exception("the supervisor stumbled")
                self._lose("the daemon stumbled over it", kill=True)

    def _handle(self, item: object) -> None:
        match item:
            case None:
                pass
            case Task():
                self._start(item)
            case _Cancel(job_id):
                self._cancel(job_id)
            case _Free():
                if self._running is None:
                    self._idle_at = None
                    self._end_worker()
            case (WorkerProcess() as worker, message) if worker is self._worker:
                self._hear(message)
            case _:
                log.debug("passed over %s of a worker that is gone", item)

    def _start(self, task: Task) -> None:
        folder = self._settings.scratch / f"{task.job_id}-{task.attempt}"
        self._running = _Running(task, folder)
        self._idle_at = None
        if self._worker is None:
            try:
                self._worker = WorkerProcess(
                    lambda worker, said: self._inbox.put((worker, said)), self._settings.command
                )
            except OSError as error:
                self._lose(f"it could not be started ({error})")
                return
            log.info("worker %d started for %s", self._worker.pid, self.device.name)
        self._worker.job_id = task.job_id
        self._worker.send(
            RunTask(
                task.job_id, task.attempt, task.shot, devices.fresh(self.device), str(self._blobs.root), str(folder)
            )
        )

    def _cancel(self, job_id: str) -> None:
        running = self._running
        if running and running.task.job_id == job_id and not running.cancelled and self._worker:
            running.cancelled = True
            running.kill_at = time.monotonic() + self._settings.cancel_grace_s
            self._worker.send(StopTask(job_id, running.task.attempt))

    def _hear(self, message: object) -> None:
        running, tell = self._running, self._events
        match message:
            case WorkerReady():
                log.debug("worker %d is ready", message.pid)
            case Ending():
                self._ended(message)
            case _ if running is None:
                log.warning("the worker says %s though it has no task", type(message).__name__)
            case TaskBegan(job_id):
                running.began = True
                self._post(lambda: tell.task_began(job_id))
            case TaskProgressed(job_id, stage, fraction, seconds_left):
                running.stage = stage
                self._post(lambda: tell.task_progressed(job_id, stage, fraction, seconds_left))
            case TaskPreviewed(preview):
                self._post(lambda: tell.task_preview(preview))
            case TaskFinished():
                self._finish(message)
            case TaskFailed(job_id, error):
                if error.code in UNREADABLE:
                    gone = self._blobs.discard_corrupt(running.task.shot.blobs())
                    log.error("%d damaged blobs were deleted", len(gone), extra={"job": job_id})
                self._outcome(lambda: tell.task_failed(job_id, error))
            case TaskStopped(job_id):
                self._outcome(lambda: tell.task_stopped(job_id))

    def _finish(self, message: TaskFinished) -> None:
        """Moves the files into the blob store; here, because hashing a long master takes a while."""
        assert self._running is not None
        tell, job_id, names = self._events, message.job_id, message.files
        folder = self._running.scratch

        def adopt(name: str) -> BlobRef:
            return self._blobs.adopt(folder / name)

        try:
            further = [adopt(name) if name else None for name in (names.holes, names.sound, names.still)]
            result = message.report.result(adopt(names.clip), adopt(names.master), adopt(names.poster), *further)
        except SecondUnitError as error:
            failure = error.info
            self._outcome(lambda: tell.task_failed(job_id, failure))
        else:
            self._outcome(lambda: tell.task_succeeded(job_id, result))

    def _outcome(self, tell: Callable[[], None]) -> None:
        """The task is over and the worker is sound."""
        self._backoff.finished()
        self._clear()
        self._idle_at = time.monotonic() + self._settings.idle_s
        self._post(tell)
        self._become_ready()

    def _ended(self, ending: Ending) -> None:
        self._worker = None
        self._idle_at = None
        running = self._running
        if running is None:
            log.info("the idle worker is gone: %s", ending.text)
        elif running.cancelled:
            job_id, tell = running.task.job_id, self._events
            self._clear()
            self._post(lambda: tell.task_stopped(job_id))
            self._become_ready()
        else:
            self._lose(ending.text, out_of_memory=ending.out_of_memory)

    def _lose(self, how: str, out_of_memory: bool = False, kill: bool = False) -> None:
        """The worker died under its task."""
        if kill:
            self._end_worker()
        running, tell = self._running, self._events
        if running is None:
            return
        shot, where = running.task.shot.shot_name, f" while {running.stage}" if running.stage else ""
        if out_of_memory:
            cause = f"The system ran out of memory and killed the render worker{where}"
            error = SecondUnitError(ErrorCode.OUT_OF_MEMORY, cause, shot=shot).info
        else:
            error = SecondUnitError(ErrorCode.WORKER_DIED, f"The render worker died{where}: {how}", shot=shot).info
        job_id, began = running.task.job_id, running.began
        log.error("%s", error.cause, extra={"job": job_id})
        self._clear()
        wait_s = self._backoff.died()
        self._post(lambda: tell.task_lost(job_id, error, began))
        if wait_s:
            log.warning("the worker died %d times in a row; waiting %.1f s", self._backoff.deaths, wait_s)
            self._resume_at = time.monotonic() + wait_s
        else:
            self._become_ready()

    def _become_ready(self) -> None:
        def announce() -> None:
            self._ready = True
            self._events.executor_ready()

        self._post(announce)

    def _clear(self) -> None:
        if self._running:
            shutil.rmtree(self._running.scratch, ignore_errors=True)
        self._running = None

    def _keep_time(self) -> None:
        now = time.monotonic()
        running = self._running
        if running and running.kill_at and now >= running.kill_at and self._worker:
            log.warning("the worker did not stop in time and is killed", extra={"job": running.task.job_id})
            running.kill_at = None
            self._worker.kill()
        if self._idle_at and now >= self._idle_at and self._worker:
            self._idle_at = None
            self._worker.dismiss()
            self._worker = None
        if self._resume_at and now >= self._resume_at:
            self._resume_at = None
            self._become_ready()

    def _patience(self) -> float | None:
        deadlines = [self._running.kill_at if self._running else None, self._idle_at, self._resume_at]
        upcoming = [deadline for deadline in deadlines if deadline is not None]
        return max(min(upcoming) - time.monotonic(), 0.0) if upcoming else None

    def _end_worker(self) -> None:
        if self._worker:
            self._worker.kill()
            self._worker.wait(STOP_WAIT_S)
            self._worker = None
        if self._running:
            shutil.rmtree(self._running.scratch, ignore_errors=True)
