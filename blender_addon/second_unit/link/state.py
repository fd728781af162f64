# SPDX-License-Identifier: GPL-3.0-or-later
"""The link in words, for panels. Pure: from the link's state to what is drawn."""

from __future__ import annotations

from ..protocol.errors import ErrorInfo
from ..protocol.late import frozen
from ..protocol.results import DaemonInfo, JobInfo, Plan
from ..protocol.states import JobState
from .daemon import DaemonLink, Phase
from .records import JobRecord
from .tracker import JobTracker, Transfer


@frozen
class DaemonView:
    """The Daemon panel's head: ``colour`` is one of :data:`COLOURS`, ``device`` what renders and its free memory."""

    title: str
    colour: str
    device: str = ""
    details: tuple[str, ...] = ()
    error: ErrorInfo | None = None
    can_start: bool = False
    can_stop: bool = False
    can_install: bool = False


COLOURS = {  # sRGB
    "GREY": (0.55, 0.55, 0.55),
    "YELLOW": (0.95, 0.75, 0.20),
    "GREEN": (0.30, 0.75, 0.35),
    "BLUE": (0.30, 0.58, 0.98),
    "RED": (0.95, 0.28, 0.25),
}
_WORDS = {
    Phase.ABSENT: ("Not installed", "GREY"),
    Phase.STOPPED: ("Stopped", "GREY"),
    Phase.STARTING: ("Starting", "YELLOW"),
    Phase.CONNECTING: ("Connecting", "YELLOW"),
    Phase.READY: ("Ready", "GREEN"),
    Phase.LOST: ("No connection", "RED"),
    Phase.BROKEN: ("Keeps stopping", "RED"),
}


def daemon_view(link: DaemonLink) -> DaemonView:
    """The daemon's state in words."""
    title, colour = _WORDS[link.phase]
    running = link.status.running if link.status else 0
    if link.phase is Phase.READY and running:
        title, colour = "Shooting", "BLUE"
    return DaemonView(
        title=title,
        colour=colour,
        device=_device(link.status) if link.ready and link.status else "",
        details=_details(link) if link.ready else (),
        error=link.error,
        can_start=link.may_start,
        can_stop=link.phase is Phase.READY and link.remote is None,
        can_install=link.phase is Phase.ABSENT,
    )


def _details(link: DaemonLink) -> tuple[str, ...]:
    place = (f"On {link.remote.place}",) if link.remote else ()
    return (*place, _told(link.status)) if link.status else place


def _device(info: DaemonInfo) -> str:
    device = info.device
    return f"{device.name}, {gigabytes(device.free_bytes)} of {gigabytes(device.total_bytes)} free"


def _told(info: DaemonInfo) -> str:
    queue = f"{info.running} running, {info.queued} queued" if info.running or info.queued else "No jobs"
    return f"{queue}, {gigabytes(info.free_disk_bytes)} of disk free"


@frozen
class JobView:
    """One job as the panel shows it. ``fraction`` is None where there is nothing to measure."""

    job_id: str
    title: str
    stage: str
    fraction: float | None
    time_left: str = ""
    waiting: str = ""  # why it does not land yet
    can_cancel: bool = True


def job_views(tracker: JobTracker, landing_waits: str) -> list[JobView]:
    """Jobs that are on their way, oldest first, those that wait to land among them."""
    views = [_job_view(record, tracker) for record in tracker.active()]
    for record in tracker.landable():
        stage = f"Waiting to land: {landing_waits}" if landing_waits else "Landing"
        views.append(JobView(record.job_id, _title(record), stage, 1.0, waiting=landing_waits, can_cancel=False))
    return views


def _job_view(record: JobRecord, tracker: JobTracker) -> JobView:
    job = tracker.jobs.get(record.job_id)
    transfer = tracker.transfers.get(record.job_id)
    if transfer:
        return JobView(record.job_id, _title(record), _transfer_words(transfer), _share(transfer))
    if job is None or not tracker.link.ready:  # what a daemon said that has gone is no more so
        words = "Submitting" if tracker.link.ready else "Waiting for the daemon"
        return JobView(record.job_id, _title(record), words, None)
    left = f"{duration(job.seconds_left)} left" if job.seconds_left else ""
    fraction = job.fraction if job.state is JobState.RUNNING else None
    return JobView(
        record.job_id,
        _title(record),
        stage_words(job),
        fraction,
        left,
        can_cancel=job.state is not JobState.CANCELLING,
    )


def _title(record: JobRecord) -> str:
    return f"{record.shot_name} take {record.take}"


def stage_words(job: JobInfo) -> str:
    """Where a job stands, in a word or two."""
    match job.state:
        case JobState.WAITING:
            return "Waiting for its captures"
        case JobState.QUEUED:
            return f"Queued, {job.queue_place} ahead" if job.queue_place else "Queued"
        case JobState.RUNNING:
            return job.stage.capitalize() or "Running"
        case JobState.CANCELLING:
            return "Cancelling"
        case JobState.SUCCEEDED:
            return "Finished"
    return job.state.value.capitalize()


def _transfer_words(transfer: Transfer) -> str:
    return f"{transfer.what} {gigabytes(transfer.done)} of {gigabytes(transfer.total)}"


def _share(transfer: Transfer) -> float:
    return transfer.done / transfer.total if transfer.total else 0.0


def plan_lines(plan: Plan) -> list[tuple[str, str]]:
    """What will be done, as (label, value)."""
    grid = plan.grid
    rate = float(grid.clip_rate)
    return [
        ("Frames", f"{grid.count} at {rate:g} fps"),
        ("Size", f"{plan.capture_width} × {plan.capture_height}"),
        ("Memory", gigabytes(plan.memory_bytes)),
        ("Time", f"about {duration(plan.seconds)}"),
    ]


def gigabytes(count: float) -> str:
    """Bytes in the unit that reads best."""
    for unit, size in (("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if count >= size:
            return f"{count / size:.1f} {unit}" if count < 10 * size else f"{count / size:.0f} {unit}"
    return f"{count:.0f} bytes"


def duration(seconds: float) -> str:
    """Seconds as a person says them."""
    if seconds < 1:
        return "a second"
    if seconds < 90:
        return f"{seconds:.0f} s"
    if seconds < 5400:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / 3600:.1f} h"
