# SPDX-License-Identifier: GPL-3.0-or-later
"""How the commands write: tables for people, JSON for scripts."""

from __future__ import annotations

import json
import time
from typing import Any

import typer
from attrs import asdict
from second_unit_protocol.results import JobInfo


def write_json(value: Any) -> None:
    """An attrs object, or a list of them, as JSON on stdout."""
    plain = [asdict(item) for item in value] if isinstance(value, list | tuple) else asdict(value)
    typer.echo(json.dumps(plain, indent=2))


def write_jobs(jobs: tuple[JobInfo, ...]) -> None:
    """The queue as a table, newest first."""
    from rich.console import Console
    from rich.table import Table

    if not jobs:
        typer.echo("No jobs.")
        return
    table = Table(box=None, header_style="bold")
    for heading in ("job", "shot", "engine", "state", "progress", "age"):
        table.add_column(heading)
    for job in jobs:
        table.add_row(job.job_id[:8], job.shot_name, job.engine, job.state, progress(job), ago(job.created))
    Console().print(table)


def write_facts(facts: dict[str, object]) -> None:
    """Name and value a line, values aligned; what is empty is left out."""
    width = max(len(name) for name in facts)
    for name, value in facts.items():
        if value not in ("", None):
            typer.echo(f"{name:<{width}}  {value}")


def progress(job: JobInfo) -> str:
    """How far the job is, in a few words."""
    if job.error:
        return job.error.cause
    if job.queue_place is not None:
        return f"{job.queue_place + 1}. in the queue"
    if job.state not in ("running", "cancelling"):
        return ""
    left = f", {job.seconds_left:.0f} s left" if job.seconds_left is not None else ""
    return f"{job.stage} {job.fraction:.0%}{left}"


def ago(moment: float) -> str:
    """Age of a moment (Unix seconds), rounded as people do."""
    seconds = max(time.time() - moment, 0)
    for size, unit in ((86_400, "d"), (3600, "h"), (60, "min")):
        if seconds >= size:
            return f"{seconds / size:.0f} {unit}"
    return f"{seconds:.0f} s"
