# SPDX-License-Identifier: GPL-3.0-or-later
"""Job states and the only moves between them."""

from __future__ import annotations

from enum import StrEnum


class JobState(StrEnum):
    """Where a job stands. The value is what travels and what the store keeps."""

    WAITING = "waiting"  # accepted, but blobs that it needs have not arrived
    QUEUED = "queued"
    RUNNING = "running"
    CANCELLING = "cancelling"
    SUCCEEDED = "succeeded"  # a result is ready to be fetched
    DELIVERED = "delivered"  # the client has the result safe on its own disk and has landed it
    FAILED = "failed"
    CANCELLED = "cancelled"


LEGAL: dict[JobState, frozenset[JobState]] = {
    JobState.WAITING: frozenset({JobState.QUEUED, JobState.CANCELLED, JobState.FAILED}),
    JobState.QUEUED: frozenset({JobState.RUNNING, JobState.CANCELLED, JobState.FAILED}),
    # running -> queued: the daemon or its worker died and the job starts again.
    JobState.RUNNING: frozenset({JobState.SUCCEEDED, JobState.FAILED, JobState.CANCELLING, JobState.QUEUED}),
    # cancelling -> succeeded: it finished in the moment that the cancel arrived.
    JobState.CANCELLING: frozenset({JobState.CANCELLED, JobState.SUCCEEDED, JobState.FAILED}),
    JobState.SUCCEEDED: frozenset({JobState.DELIVERED}),
    JobState.DELIVERED: frozenset(),
    JobState.FAILED: frozenset({JobState.QUEUED}),  # retry
    JobState.CANCELLED: frozenset({JobState.QUEUED}),
}

FINISHED = frozenset({JobState.SUCCEEDED, JobState.DELIVERED, JobState.FAILED, JobState.CANCELLED})


class IllegalTransition(ValueError):
    """A move that the table does not have."""


def check_transition(old: JobState, new: JobState) -> None:
    """Raises IllegalTransition unless ``old`` may become ``new``."""
    if new not in LEGAL[old]:
        raise IllegalTransition(f"a job that is {old} cannot become {new}")
