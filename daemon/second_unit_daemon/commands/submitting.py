# SPDX-License-Identifier: GPL-3.0-or-later
"""A request that a command has put together: sent to the daemon, waited for and fetched, or left for the add-on."""

from __future__ import annotations

import tempfile
import time
import uuid
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from second_unit_protocol.client import BlockingClient
    from second_unit_protocol.results import JobInfo, Plan
    from second_unit_protocol.shot import ShotRequest

    from ..edits.gathered import Gathered

LOOK_EVERY_S = 0.5
OVER = ("succeeded", "delivered", "failed", "cancelled")

Out = Annotated[Path, typer.Option(help="Folder to fetch the take into.", file_okay=False)]
NoWait = Annotated[bool, typer.Option("--no-wait", help="Queue it, and fetch it later.")]
Name = Annotated[str, typer.Option(help="Name of the shot; default: the take's, or the file's.")]
Place = Annotated[int | None, typer.Option(help="Scene frame at which a file's first seen frame lies.")]
Spool = Annotated[Path | None, typer.Option(hidden=True, help="Leave the request here for the add-on to send.")]


@contextmanager
def folder_for(spool: Path | None) -> Iterator[Path]:
    """Where the blobs of a request go: the add-on's spool, which stays, or a folder that goes on leaving."""
    if spool is not None:
        spool.mkdir(parents=True, exist_ok=True)
        yield spool
        return
    with tempfile.TemporaryDirectory(prefix="second-unit-") as made:
        yield Path(made)


def hand_over(
    request: ShotRequest, blobs: Gathered, notes: Sequence[str], out: Path, wait: bool, spool: Path | None
) -> None:
    """Raises SecondUnitError where the daemon refuses the request or the job fails."""
    plan = _plan(request)
    said = (*notes, *_unused(plan))
    if spool is None:
        said += plan.warnings  # the add-on shows them with the take
    _say(said)
    if spool is not None:
        blobs.spool(request)
        return
    from second_unit_protocol.errors import SecondUnitError
    from second_unit_protocol.messages import Submit

    from .queue import fetch_files
    from .session import daemon

    with daemon() as client:
        job_id = uuid.uuid4().hex
        submitted = client.call(Submit(job_id, request))
        if submitted.missing:
            client.upload([(ref, blobs.files[ref]) for ref in submitted.missing])
        typer.echo(f"{job_id[:8]}  {request.shot_name}, {request.engine}, {request.delivery.count} frames")
        if not wait:
            return
        job = waited(client, job_id)
        if job.error:
            raise SecondUnitError.from_info(job.error)
        if job.result:
            _say(note for note in job.result.warnings if note not in said)
        for path in fetch_files(client, job, out):
            typer.echo(path)
        if job.result and "alike" in job.result.figures:
            typer.echo(f"{job.result.figures['alike']:.1%} alike")


def _say(notes: Iterable[str]) -> None:
    for note in notes:
        typer.echo(f"note: {note}", err=True)


def _plan(request: ShotRequest) -> Plan:
    """What its engine will do with the request: said before it makes anything."""
    from .. import devices
    from ..engines import registry
    from ..jobs.admission import plan_request_of

    return registry.create(request.engine).plan(plan_request_of(request), devices.asked_for())


def _unused(plan: Plan) -> Iterator[str]:
    for part in plan.ignores:
        yield f"{plan.engine} ignores the {part.input.value.replace('_', ' ')}: {part.reason}"


def waited(client: BlockingClient, job_id: str) -> JobInfo:
    """The job once it is over, with a bar where somebody looks on."""
    from second_unit_protocol.messages import GetJob

    from .progress import bar

    with bar("rendering") as told:
        while (job := client.call(GetJob(job_id)).job).state not in OVER:
            told(round(job.fraction * 1000), 1000)
            time.sleep(LOOK_EVERY_S)
    return job
