# SPDX-License-Identifier: GPL-3.0-or-later
"""The daemon's queue as far as it is this user's: jobs of the open file and of others. Pure."""

from __future__ import annotations

from ..protocol.errors import ErrorInfo
from ..protocol.late import frozen
from ..protocol.messages import Job, JobChanged, MoveJob
from ..protocol.results import JobInfo
from ..protocol.states import FINISHED, JobState
from .daemon import DaemonLink
from .state import job_views, stage_words
from .tracker import JobTracker

_TO_RETRY = (JobState.FAILED, JobState.CANCELLED)
_RUNNING = (JobState.RUNNING, JobState.CANCELLING)


class Board:
    """``revision`` grows with every change that a panel could show.

    ``jobs`` are those that are not over; ``over`` those that failed or were cancelled while this Blender looked on.
    """

    def __init__(self, link: DaemonLink):
        self.jobs: dict[str, JobInfo] = {}
        self.over: dict[str, JobInfo] = {}
        self.error: ErrorInfo | None = None  # why a job could not be moved
        self.revision = 0
        self._link = link
        link.ready_hooks.append(self._connected)
        link.notice_hooks.append(self._notice)

    def queued(self) -> list[str]:
        """Jobs that wait for their turn, the next first."""
        waiting = [job for job in self.jobs.values() if job.state is JobState.QUEUED]
        return [job.job_id for job in sorted(waiting, key=lambda job: job.queue_place or 0)]

    def goal(self, job_id: str, direction: str) -> str | None:
        """The job that ``job_id`` would run before (empty: it would be the last), moved UP, DOWN or FIRST; None where
        it cannot move that way."""
        order = self.queued()
        if job_id not in order:
            return None
        place = order.index(job_id)
        if direction == "DOWN":
            return None if place + 1 == len(order) else (order[place + 2] if place + 2 < len(order) else "")
        if place == 0:
            return None
        return order[0] if direction == "FIRST" else order[place - 1]

    def move(self, job_id: str, direction: str) -> bool:
        """Has a queued job change places; False where it cannot move that way."""
        goal = self.goal(job_id, direction)
        if goal is None:
            return False
        self.error = None
        self._link.ask(MoveJob(job_id, goal), self._moved)
        return True

    def dismiss(self, job_id: str) -> None:
        """Takes a job that is over off the list."""
        self.over.pop(job_id, None)
        self.revision += 1

    def _connected(self) -> None:
        """The subscription begins anew: how every job stands follows."""
        self.jobs.clear()
        self.revision += 1

    def _moved(self, reply: object) -> None:
        self.error = reply if isinstance(reply, ErrorInfo) else None
        if isinstance(reply, Job):
            self._take_in(reply.job)
        self.revision += 1

    def _notice(self, message: object) -> None:
        if isinstance(message, JobChanged):
            self._take_in(message.job)

    def _take_in(self, job: JobInfo) -> None:
        known = self.jobs.pop(job.job_id, None)
        if job.state not in FINISHED:
            self.jobs[job.job_id] = job
            self.over.pop(job.job_id, None)
        elif known is not None and job.state in _TO_RETRY:
            self.over[job.job_id] = job
        elif known is None and job.job_id not in self.over:
            return
        self.revision += 1


@frozen
class QueueRow:
    """A job as the Queue panel shows it. ``fraction`` is None where there is nothing to measure."""

    job_id: str
    title: str
    words: str
    fraction: float | None = None
    time_left: str = ""
    is_ours: bool = True  # of the open file
    can_cancel: bool = False
    can_retry: bool = False
    error: ErrorInfo | None = None


def rows(board: Board, tracker: JobTracker, landing_waits: str) -> list[QueueRow]:
    """What runs, then what waits in its order, then the rest, then what failed or was cancelled."""
    ours = {view.job_id: view for view in job_views(tracker, landing_waits) if view.job_id not in tracker.errors}
    found = [
        QueueRow(v.job_id, v.title, v.stage, v.fraction, v.time_left, can_cancel=v.can_cancel) for v in ours.values()
    ]
    for job in board.jobs.values():
        if job.job_id not in ours and not _is_ours(tracker, job.job_id):
            running = job.state in _RUNNING
            found.append(
                QueueRow(
                    job.job_id,
                    job.shot_name,
                    stage_words(job),
                    job.fraction if running else None,
                    is_ours=False,
                    can_cancel=job.state is not JobState.CANCELLING,
                )
            )
    order = board.queued()
    found.sort(key=lambda row: _turn(board.jobs.get(row.job_id), order))
    for job in board.over.values():
        record = tracker.journal.get(job.job_id) if tracker.journal else None
        title = f"{job.shot_name} take {record.take}" if record else job.shot_name
        mine = record is not None
        found.append(QueueRow(job.job_id, title, stage_words(job), is_ours=mine, can_retry=mine, error=job.error))
    return found


def _is_ours(tracker: JobTracker, job_id: str) -> bool:
    return tracker.journal is not None and tracker.journal.get(job_id) is not None


def _turn(job: JobInfo | None, order: list[str]) -> tuple[int, int]:
    if job is not None and job.state in _RUNNING:
        return 0, 0
    if job is not None and job.job_id in order:
        return 1, order.index(job.job_id)
    return 2, 0
