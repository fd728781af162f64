# SPDX-License-Identifier: GPL-3.0-or-later
"""The least that a server needs behind it: jobs in a dict. Sockets, keys and blobs in these tests are the real ones."""

from __future__ import annotations

import time

from attrs import evolve
from second_unit_protocol.errors import ErrorCode, SecondUnitError
from second_unit_protocol.grid import FrameGrid
from second_unit_protocol.models import ModelChange, ModelInfo, ModelLicence, ModelState
from second_unit_protocol.results import DaemonInfo, DeviceInfo, EngineInfo, JobInfo, Plan, PlanRequest
from second_unit_protocol.shot import BlobRef, ShotRequest
from second_unit_protocol.states import JobState


class FakeService:
    """Follows the Service protocol of the server; jobs never run."""

    def __init__(self) -> None:
        self.jobs: dict[str, tuple[str, JobInfo]] = {}
        self.shots: dict[str, ShotRequest] = {}
        self.arrived: list[BlobRef] = []
        self.moved: list[tuple[str, str]] = []
        self.stopped = False
        self.freed = False

    def submit(self, owner: str, job_id: str, shot: ShotRequest) -> tuple[JobInfo, tuple[BlobRef, ...]]:
        if job_id not in self.jobs:
            now = time.time()
            job = JobInfo(job_id, shot.shot_id, shot.shot_name, shot.engine, JobState.WAITING, "submitted", now, now)
            self.jobs[job_id] = (owner, job)
            self.shots[job_id] = shot
        return self.get(owner, job_id), shot.blobs()

    def cancel(self, owner: str, job_id: str) -> JobInfo:
        return self._move(owner, job_id, JobState.CANCELLED)

    def retry(self, owner: str, job_id: str) -> JobInfo:
        return self._move(owner, job_id, JobState.QUEUED)

    def move(self, owner: str, job_id: str, before: str) -> JobInfo:
        self.moved.append((job_id, before))
        return self.get(owner, job_id)

    def list_jobs(self, owner: str, shot_id: str, limit: int) -> tuple[JobInfo, ...]:
        found = [job for its, job in self.jobs.values() if its == owner and shot_id in ("", job.shot_id)]
        return tuple(found[::-1][:limit])

    def get(self, owner: str, job_id: str) -> JobInfo:
        its, job = self.jobs.get(job_id, ("", None))
        if job is None or its != owner:
            raise SecondUnitError(ErrorCode.NO_SUCH_JOB, f"There is no job {job_id}")
        return job

    def shot(self, owner: str, job_id: str) -> ShotRequest:
        return self.shots[self.get(owner, job_id).job_id]

    def acknowledge(self, owner: str, job_id: str) -> JobInfo:
        return self._move(owner, job_id, JobState.DELIVERED)

    def plan(self, request: PlanRequest) -> Plan:
        rate = request.delivery.rate
        grid = FrameGrid(request.delivery.first, request.delivery.count, rate, rate)
        return Plan(request.engine, grid, request.width, request.height, (), (), (), 0, 0.0)

    def engines(self) -> tuple[EngineInfo, ...]:
        return (EngineInfo("none", "None", "Does nothing", (), (), (), "GPL-3.0-or-later"),)

    def status(self) -> DaemonInfo:
        return DaemonInfo("0", 1, 0.0, DeviceInfo("CPU", "cpu", 1, 1), len(self.jobs), 0, 1, {})

    def models(self) -> tuple[tuple[ModelInfo, ...], tuple[str, ...], str]:
        return (self.change_model("none", ModelChange.STOP, False),), ("grain",), "/loras"

    def change_model(self, name: str, change: ModelChange, accept_licence: bool) -> ModelInfo:
        return ModelInfo(name, "None", "", ModelLicence("Apache-2.0"), 1, ModelState.ABSENT, note=change)

    def free_memory(self) -> None:
        self.freed = True

    def blob_arrived(self, blob: BlobRef) -> None:
        self.arrived.append(blob)

    def shutdown(self) -> None:
        self.stopped = True

    def _move(self, owner: str, job_id: str, state: JobState) -> JobInfo:
        job = evolve(self.get(owner, job_id), state=state)
        self.jobs[job_id] = (owner, job)
        return job
