# SPDX-License-Identifier: GPL-3.0-or-later
"""Commands as clients of the running daemon."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from second_unit_protocol.connection import load
from second_unit_protocol.errors import ErrorCode, SecondUnitError
from second_unit_protocol.messages import ListJobs
from second_unit_protocol.paths import connection_file
from second_unit_protocol.results import JobInfo

if TYPE_CHECKING:
    from second_unit_protocol.client import BlockingClient


@contextmanager
def daemon() -> Iterator[BlockingClient]:
    """A session with the daemon of this user. Raises SecondUnitError(NO_DAEMON) where none runs."""
    from second_unit_protocol.client import BlockingClient

    path = connection_file()
    connection = load(path)
    if not lives(connection.pid):
        cause = f"No daemon is running (process {connection.pid}, which wrote {path}, is gone)"
        raise SecondUnitError(ErrorCode.NO_DAEMON, cause)
    with BlockingClient(connection) as client:
        yield client


def lives(pid: int) -> bool:
    """Whether the process still runs; one that has ended and whose parent has not noticed does not."""
    import psutil

    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def find_job(client: BlockingClient, start: str) -> JobInfo:
    """The job whose id begins with ``start``. Raises SecondUnitError where there is none, or more than one."""
    found = [job for job in client.call(ListJobs(limit=1000)).jobs if start and job.job_id.startswith(start)]
    if len(found) == 1:
        return found[0]
    cause = f"There is no job {start}" if not found else f"{len(found)} jobs begin with {start}"
    remedy = "List them: second-unit jobs" if not found else "Give more of the job's id"
    if not found and set(start) & {*"./\\"}:  # it was meant as a file
        cause, remedy = f"{start} is not there", "Check the path, or give the start of a job's id"
    raise SecondUnitError(ErrorCode.NO_SUCH_JOB, cause, remedy=remedy)
