# SPDX-License-Identifier: GPL-3.0-or-later
"""What the server asks of the rest of the daemon. ``jobs`` provides it; the router calls it on the server's loop."""

from __future__ import annotations

from typing import Protocol

from second_unit_protocol.models import ModelChange, ModelInfo
from second_unit_protocol.results import DaemonInfo, EngineInfo, JobInfo, Plan, PlanRequest
from second_unit_protocol.shot import BlobRef, ShotRequest


class Service(Protocol):
    """Every method returns at once and is called on the server's loop thread; failures are SecondUnitError.

    ``owner`` is the client's public key (Z85), as the CURVE handshake proved it. A job of another owner is
    NO_SUCH_JOB.
    """

    def submit(self, owner: str, job_id: str, shot: ShotRequest) -> tuple[JobInfo, tuple[BlobRef, ...]]:
        """The job, and the blobs that it waits for. The same ``job_id`` and shot again is the same job."""
        ...

    def cancel(self, owner: str, job_id: str) -> JobInfo: ...

    def retry(self, owner: str, job_id: str) -> JobInfo: ...

    def move(self, owner: str, job_id: str, before: str) -> JobInfo:
        """Changes the order of the owner's queued jobs; ``before`` empty: to their end. Others' turns stay."""
        ...

    def list_jobs(self, owner: str, shot_id: str, limit: int) -> tuple[JobInfo, ...]:
        """Newest first; ``shot_id`` empty: of every shot."""
        ...

    def get(self, owner: str, job_id: str) -> JobInfo: ...

    def shot(self, owner: str, job_id: str) -> ShotRequest:
        """What the job was asked for."""
        ...

    def acknowledge(self, owner: str, job_id: str) -> JobInfo:
        """The client has the result on its own disk. Asking again changes nothing."""
        ...

    def plan(self, request: PlanRequest) -> Plan: ...

    def engines(self) -> tuple[EngineInfo, ...]: ...

    def status(self) -> DaemonInfo: ...

    def blob_arrived(self, blob: BlobRef) -> None:
        """A blob that was uploaded is whole and on disk."""
        ...

    def models(self) -> tuple[tuple[ModelInfo, ...], tuple[str, ...], str]:
        """Every model; names of the LoRAs; the folder that they lie in."""
        ...

    def change_model(self, name: str, change: ModelChange, accept_licence: bool) -> ModelInfo:
        """Begins it; how it goes on is told by events."""
        ...

    def free_memory(self) -> None:
        """Has the idle worker let go of the device. Raises SecondUnitError(WRONG_STATE) while a job runs."""
        ...

    def shutdown(self) -> None:
        """A client asked the daemon to stop; the server leaves its loop after this returns."""
        ...
