# SPDX-License-Identifier: GPL-3.0-or-later
"""Commands about jobs. A job is named by the first characters of its id."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from second_unit_protocol.client import BlockingClient
    from second_unit_protocol.results import JobInfo

Json = Annotated[bool, typer.Option("--json", help="Write JSON for scripts.")]
JobId = Annotated[str, typer.Argument(metavar="JOB", help="The start of the job's id.")]


def jobs(as_json: Json = False, limit: Annotated[int, typer.Option(min=1, max=1000)] = 50) -> None:
    """Lists jobs, newest first."""
    from second_unit_protocol.messages import ListJobs

    from .output import write_jobs, write_json
    from .session import daemon

    with daemon() as client:
        found = client.call(ListJobs(limit=limit)).jobs
    write_json(found) if as_json else write_jobs(found)


def show(job: JobId, as_json: Json = False) -> None:
    """Shows one job: state, figures, error."""
    from .output import figures, progress, write_facts, write_json
    from .session import daemon, find_job

    with daemon() as client:
        found = find_job(client, job)
    if as_json:
        write_json(found)
        return
    write_facts(
        {
            "job": found.job_id,
            "shot": found.shot_name,
            "engine": found.engine,
            "state": found.state,
            "reason": found.reason,
            "progress": progress(found),
            "what to do": found.error.remedy if found.error else "",
        }
    )
    if found.result:
        result = found.result
        seconds = sum(result.seconds.values())
        write_facts(
            {
                "clip": f"{result.frames} frames, {result.width} x {result.height}, {float(result.rate):g} fps",
                "rendered in": f"{seconds:.1f} s",
                "seed": result.seed,
                "camera": result.adherence.verdict if result.adherence else "",
                **(figures(result.adherence) if result.adherence else {}),
                **{name: f"{value:g}" for name, value in sorted(result.figures.items())},
            }
        )
        for warning in result.warnings:
            typer.echo(f"note: {warning}")


def free_memory() -> None:
    """Has the daemon let go of the card, for a program that needs it now; the next job takes it again."""
    from second_unit_protocol.messages import FreeMemory

    from .session import daemon

    with daemon() as client:
        client.call(FreeMemory())
    typer.echo("the idle worker has let go of the device")


def cancel(job: JobId) -> None:
    """Cancels a job that waits or runs."""
    from second_unit_protocol.messages import CancelJob

    from .session import daemon, find_job

    with daemon() as client:
        state = client.call(CancelJob(find_job(client, job).job_id)).job.state
    typer.echo(f"The job is {state}.")


def retry(job: JobId) -> None:
    """Queues a failed or cancelled job again."""
    from second_unit_protocol.messages import RetryJob

    from .session import daemon, find_job

    with daemon() as client:
        state = client.call(RetryJob(find_job(client, job).job_id)).job.state
    typer.echo(f"The job is {state}.")


def move(
    job: JobId,
    before: Annotated[str, typer.Option(metavar="JOB", help="Run it right before this job.")] = "",
    last: Annotated[bool, typer.Option("--last", help="Run it after all of your others.")] = False,
) -> None:
    """Has a queued job run before all of your others, before one of them, or after them."""
    from second_unit_protocol.messages import ListJobs, MoveJob

    from .session import daemon, find_job

    with daemon() as client:
        found = find_job(client, job)
        if before:
            goal = find_job(client, before).job_id
        else:
            jobs = client.call(ListJobs(limit=1000)).jobs
            waiting = sorted((j for j in jobs if j.queue_place is not None), key=lambda j: j.queue_place or 0)
            goal = waiting[0].job_id if waiting and not last else ""
        place = client.call(MoveJob(found.job_id, goal)).job.queue_place
    typer.echo("The job runs now." if place is None else f"The job is {place + 1}. in the queue.")


def fetch(
    job: JobId, out: Annotated[Path, typer.Option(help="Folder to fetch into.", file_okay=False)] = Path()
) -> None:
    """Fetches a finished job's files: clip, master, holes, poster, sound, provenance."""
    from .session import daemon, find_job

    with daemon() as client:
        for path in fetch_files(client, find_job(client, job), out):
            typer.echo(path)


def fetch_files(client: BlockingClient, found: JobInfo, out: Path) -> Iterator[Path]:
    """Each file of a finished job, as it has arrived in ``out``. Raises SecondUnitError."""
    from second_unit_protocol.disk import disk_errors
    from second_unit_protocol.errors import ErrorCode, SecondUnitError

    result = found.result
    if result is None:
        cause = f"The job is {found.state} and has no result"
        raise SecondUnitError(ErrorCode.WRONG_STATE, cause, shot=found.shot_name)
    name = re.sub(r"[^\w.-]+", "_", found.shot_name).strip("._") or "shot"
    stem = f"{name}-{found.job_id[:8]}"  # two takes of a shot may lie in one folder
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        cause = f"The folder {out} cannot be made ({error.strerror})"
        raise SecondUnitError(ErrorCode.NOT_WRITABLE, cause, remedy="Name another one with --out") from error
    for ref, suffix in (
        (result.clip, ".mp4"),
        (result.master, ".master.mkv"),
        (result.holes, ".holes.mkv"),
        (result.poster, ".jpg"),
        (result.sound, ".wav"),
        (result.still, ".png"),
    ):
        if ref is not None:
            client.download(ref, out / (stem + suffix))
            yield out / (stem + suffix)
    provenance = out / (stem + ".json")
    with disk_errors(provenance):
        provenance.write_text(json.dumps(json.loads(result.provenance), indent=2, ensure_ascii=False) + "\n", "utf-8")
    yield provenance
