# SPDX-License-Identifier: GPL-3.0-or-later
"""How the commands write: tables for people, JSON for scripts."""

from __future__ import annotations

import json
import time
from typing import Any

import typer
from attrs import asdict
from second_unit_protocol.results import Adherence, JobInfo


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


def figures(a: Adherence) -> dict[str, object]:
    """How well a camera was kept, for people, by name."""
    return {
        "rotation": f"{a.rot_err_rad:.4f} rad summed over {a.frames} frames, {a.rot_mean_deg:.3f}° on average",
        "translation": f"{a.trans_err:.3f} max-normalised, {a.trans_err_m:.3f} m summed, "
        f"{a.trans_aligned_m:.4f} m on average once scaled to fit",
        "CamMC": f"{a.cam_mc:.3f}",
        "TSED": "" if a.tsed is None else f"{a.tsed:.1%} of neighbouring frames",
        "lens": "" if a.lens_err is None else f"{a.lens_err:.2%} off",
        "depth": "" if a.depth_err is None else f"{a.depth_err:.2%} off by parallax",
        "flow": "" if a.flow_err_px is None else f"{a.flow_err_px:.2f} px a frame off",
        "inliers": f"{a.inlier_ratio:.0%} of the points, over {a.coverage:.0%} of the picture",
        "lost frames": ", ".join(map(str, a.failed_frames)),
        "measured on": a.measured_on,
    }


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
