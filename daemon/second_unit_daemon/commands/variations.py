# SPDX-License-Identifier: GPL-3.0-or-later
"""Commands about the takes of one shot: more of them with other seeds, and which one kept to its camera best."""

from __future__ import annotations

import time
import uuid
from typing import TYPE_CHECKING, Annotated

import typer

from .queue import JobId, Json
from .submitting import LOOK_EVERY_S, OVER

if TYPE_CHECKING:
    from second_unit_protocol.client import BlockingClient
    from second_unit_protocol.results import JobInfo


def vary(
    job: JobId,
    count: Annotated[int, typer.Option(min=1, max=16, help="How many takes to make.")] = 4,
    seed: Annotated[int | None, typer.Option(min=0, help="Seed of the first; default: on from the job's own.")] = None,
    retries: Annotated[
        int, typer.Option(min=0, max=8, help="How often each may try the next seed if it follows another camera.")
    ] = 0,
    wait: Annotated[bool, typer.Option(help="Wait for them, and say which one is best.")] = True,
    as_json: Json = False,
) -> None:
    """Makes more takes of a job's shot, with other seeds, and ranks them by how well they kept to their camera."""
    from attrs import evolve
    from second_unit_protocol.errors import ErrorCode, SecondUnitError
    from second_unit_protocol.limits import MAX_SEED
    from second_unit_protocol.messages import GetJob, GetShot, MakePlan, Submit
    from second_unit_protocol.results import Input

    from ..jobs.admission import plan_request_of
    from .output import write_json
    from .session import daemon, find_job

    with daemon() as client:
        shot = client.call(GetShot(find_job(client, job).job_id)).shot
        first = shot.seed + 1 if seed is None else seed
        made: list[JobInfo] = []
        plan = client.call(MakePlan(plan_request_of(evolve(shot, seed=max(first, 1))))).plan
        if count > 1 and Input.SEED in {ignored.input for ignored in plan.ignores}:
            count = 1
            typer.echo(
                "note: One take only: the engine does not read the seed, so that all would be the same", err=True
            )
        for number in range(count):
            own = evolve(shot, seed=(first + number) % (MAX_SEED + 1), retries=retries)
            submitted = client.call(Submit(uuid.uuid4().hex, own))
            if submitted.missing:
                cause = f"The daemon no longer has {len(submitted.missing)} of the shot's captured files"
                remedy = "Shoot it again from Blender"
                raise SecondUnitError(ErrorCode.NO_SUCH_BLOB, cause, shot=shot.shot_name, remedy=remedy)
            made.append(submitted.job)
            if not as_json:
                typer.echo(f"{submitted.job.job_id[:8]}  seed {own.seed}")
        if wait:
            while any(each.state not in OVER for each in made):
                time.sleep(LOOK_EVERY_S)
                made = [client.call(GetJob(each.job_id)).job for each in made]
    if as_json:
        write_json(ranked(made))
    elif wait:
        write_ranking(ranked(made))


def rank(job: JobId, as_json: Json = False) -> None:
    """Lists all takes of a job's shot, the one that kept to its camera best first."""
    from .output import write_json
    from .session import daemon, find_job

    with daemon() as client:
        found = ranked(_takes_of(client, find_job(client, job).shot_id))
    write_json(found) if as_json else write_ranking(found)


def ranked(jobs: list[JobInfo]) -> list[JobInfo]:
    """The best first; what was not measured after it, what came to nothing last."""

    def order(job: JobInfo) -> tuple[float, ...]:
        if job.result is None:
            return (2.0,)
        return (0.0, *job.result.adherence.rank) if job.result.adherence else (1.0,)

    return sorted(jobs, key=order)


def write_ranking(jobs: list[JobInfo]) -> None:
    """A table for people."""
    from rich.console import Console
    from rich.table import Table

    if not jobs:
        typer.echo("No takes.")
        return
    table = Table(box=None, header_style="bold")
    for heading in ("", "job", "engine", "seed", "px off", "camera"):
        table.add_column(heading, justify="right" if heading in ("seed", "px off") else "left")
    for place, job in enumerate(jobs):
        judged = job.result.adherence if job.result else None
        best = place == 0 and judged is not None and len(jobs) > 1
        table.add_row(
            "best" if best else "",
            job.job_id[:8],
            job.engine,
            str(job.result.seed) if job.result else "",
            f"{judged.shift_px:.2f}" if judged else "",
            judged.verdict if judged else (job.error.cause if job.error else job.state),
        )
    Console().print(table)


def _takes_of(client: BlockingClient, shot_id: str) -> list[JobInfo]:
    from second_unit_protocol.messages import ListJobs

    return [job for job in client.call(ListJobs(shot_id, limit=1000)).jobs if job.state in OVER]
