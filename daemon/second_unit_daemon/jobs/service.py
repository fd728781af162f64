# SPDX-License-Identifier: GPL-3.0-or-later
"""The server's requests, answered: what a client may do with its jobs."""

from __future__ import annotations

import logging
import os
import shutil
import time

from attrs import evolve
from second_unit_protocol.errors import ErrorCode, SecondUnitError
from second_unit_protocol.models import ModelChange, ModelInfo
from second_unit_protocol.results import DaemonInfo, EngineInfo, JobInfo, Plan, PlanRequest
from second_unit_protocol.shot import BlobRef, ShotRequest
from second_unit_protocol.states import JobState

from .. import __version__, devices
from ..blobs.store import BlobStore
from ..engines import choice, registry
from ..models.desk import ModelDesk
from ..post.foreseen import with_finishing
from ..versions import packages
from .admission import check_content, plan_request_of
from .scheduler import ACTIVE, Scheduler
from .store import JobStore, StoredJob
from .waiting import WaitingRoom

log = logging.getLogger(__name__)

MAX_JOB_ID = 64
RETRIABLE = (JobState.FAILED, JobState.CANCELLED)


class JobService:
    """Implements the server's Service, on its thread."""

    def __init__(self, store: JobStore, blobs: BlobStore, scheduler: Scheduler, models: ModelDesk):
        self._models = models
        self._store = store
        self._blobs = blobs
        self._scheduler = scheduler
        self._waiting = WaitingRoom()
        self._started = time.monotonic()

    def resume(self) -> None:
        """Takes up what an earlier daemon left: interrupted jobs, waiting jobs, the queue."""
        self._scheduler.recover()
        for job in self._store.in_state(JobState.WAITING):
            self._admit(job.info.job_id)
        self._scheduler.wake()

    # --- Service -------------------------------------------------------------------------------------------------

    def submit(self, owner: str, job_id: str, shot: ShotRequest) -> tuple[JobInfo, tuple[BlobRef, ...]]:
        known = self._store.get(job_id)
        if known is not None:
            return self._submitted_again(owner, known, shot)
        if not 0 < len(job_id) <= MAX_JOB_ID:
            raise SecondUnitError(ErrorCode.BAD_REQUEST, f"A job id has 1 to {MAX_JOB_ID} characters")
        check_content(shot)
        self._check_engine(shot)
        missing = self._blobs.missing(shot.blobs())
        reason = f"{len(missing)} blobs are on their way" if missing else "submitted"
        job = self._store.add(owner, job_id, shot, JobState.WAITING if missing else JobState.QUEUED, reason)
        log.info("%s submitted by %s: %s", shot.shot_name, owner[:8], reason, extra={"job": job_id})
        if missing:
            self._waiting.enter(job_id, missing)
        self._scheduler.announce(job)
        self._scheduler.wake()
        return self._info(job_id), missing

    def cancel(self, owner: str, job_id: str) -> JobInfo:
        job = self._store.owned(owner, job_id)
        self._waiting.leave(job_id)
        return self._store.placed(self._scheduler.cancel(job))

    def retry(self, owner: str, job_id: str) -> JobInfo:
        job = self._store.owned(owner, job_id)
        if job.info.state not in RETRIABLE:
            raise SecondUnitError(
                ErrorCode.WRONG_STATE, f"The job is {job.info.state} and cannot be retried", shot=job.info.shot_name
            )
        if missing := self._blobs.missing(self._store.shot(job_id).blobs()):
            cause = f"{len(missing)} of the captured files that the job needs are gone"
            raise SecondUnitError(ErrorCode.NO_SUCH_BLOB, cause, shot=job.info.shot_name)
        self._scheduler.announce(self._store.move(job_id, JobState.QUEUED, "retried"))
        self._scheduler.wake()
        return self._info(job_id)

    def move(self, owner: str, job_id: str, before: str) -> JobInfo:
        jobs = [self._store.owned(owner, each) for each in (job_id, before) if each]
        for job in jobs:
            if job.info.state is not JobState.QUEUED:
                cause = f"The job is {job.info.state} and has no place in the queue"
                remedy = "Only jobs that are queued can change places"
                raise SecondUnitError(ErrorCode.WRONG_STATE, cause, shot=job.info.shot_name, remedy=remedy)
        if job_id != before:
            self._store.reorder(owner, job_id, before)
            self._scheduler.announce_queue()
        return self._info(job_id)

    def list_jobs(self, owner: str, shot_id: str, limit: int) -> tuple[JobInfo, ...]:
        places = self._store.places()
        return tuple(self._store.placed(job, places) for job in self._store.of_owner(owner, shot_id, limit))

    def get(self, owner: str, job_id: str) -> JobInfo:
        return self._store.placed(self._store.owned(owner, job_id))

    def shot(self, owner: str, job_id: str) -> ShotRequest:
        return self._store.shot(self._store.owned(owner, job_id).info.job_id)

    def acknowledge(self, owner: str, job_id: str) -> JobInfo:
        job = self._store.owned(owner, job_id)
        if job.info.state is JobState.SUCCEEDED:
            delivered = self._store.move(job_id, JobState.DELIVERED, "landed by the client")
            self._scheduler.announce(delivered)
            return delivered.info
        if job.info.state is not JobState.DELIVERED:
            raise SecondUnitError(
                ErrorCode.WRONG_STATE, f"The job is {job.info.state}; it has no result", shot=job.info.shot_name
            )
        return job.info

    def plan(self, request: PlanRequest) -> Plan:
        device = devices.best()
        plan = with_finishing(registry.create(request.engine).plan(request, device), request)
        return evolve(plan, advice=tuple(advice.sentence() for advice in choice.advise(request, device)))

    def engines(self) -> tuple[EngineInfo, ...]:
        return registry.infos()

    def status(self) -> DaemonInfo:
        return DaemonInfo(
            version=__version__,
            pid=os.getpid(),
            uptime_s=time.monotonic() - self._started,
            device=devices.best(),
            queued=self._store.count(JobState.QUEUED),
            running=self._store.count(*ACTIVE),
            free_disk_bytes=shutil.disk_usage(self._blobs.root).free,
            packages=packages(),
        )

    def models(self) -> tuple[tuple[ModelInfo, ...], tuple[str, ...], str]:
        return self._models.listed()

    def change_model(self, name: str, change: ModelChange, accept_licence: bool) -> ModelInfo:
        return self._models.change(name, change, accept_licence)

    def free_memory(self) -> None:
        self._scheduler.free_memory()

    def blob_arrived(self, blob: BlobRef) -> None:
        for job_id in self._waiting.arrived(blob.digest):
            self._admit(job_id)
        self._scheduler.wake()

    def shutdown(self) -> None:
        """Nothing to do here: what runs is queued again once the server has left its loop."""

    # --- inside ----------------------------------------------------------------------------------------------------

    def _admit(self, job_id: str) -> None:
        try:
            missing = self._blobs.missing(self._store.shot(job_id).blobs())
        except SecondUnitError as error:
            moved = self._store.move(job_id, JobState.FAILED, error.info.cause, error=error.info)
            self._scheduler.announce(moved)
            return
        if missing:
            self._waiting.enter(job_id, missing)
        else:
            self._scheduler.announce(self._store.move(job_id, JobState.QUEUED, "all of its data has arrived"))

    def _submitted_again(self, owner: str, known: StoredJob, shot: ShotRequest) -> tuple[JobInfo, tuple[BlobRef, ...]]:
        job_id = known.info.job_id
        if known.owner != owner or self._store.shot(job_id) != shot:
            raise SecondUnitError(
                ErrorCode.BAD_REQUEST, f"The job id {job_id} is taken by another shot", shot=shot.shot_name
            )
        waiting = known.info.state is JobState.WAITING
        return self._store.placed(known), self._blobs.missing(shot.blobs()) if waiting else ()

    def _check_engine(self, shot: ShotRequest) -> None:
        info = next((info for info in registry.infos() if info.name == shot.engine), None)
        if info is not None and not info.available:
            cause = f"The engine {shot.engine} cannot be used: {info.unavailable_reason}"
            raise SecondUnitError(ErrorCode.NO_SUCH_ENGINE, cause, shot=shot.shot_name)
        if problem := registry.create(shot.engine).plan(plan_request_of(shot), devices.best()).problem:
            raise SecondUnitError.from_info(problem)

    def _info(self, job_id: str) -> JobInfo:
        job = self._store.get(job_id)
        assert job is not None, job_id
        return self._store.placed(job)
