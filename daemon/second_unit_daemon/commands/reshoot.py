# SPDX-License-Identifier: GPL-3.0-or-later
"""second-unit reshoot: a file tells how it was shot, and is shot again."""

from __future__ import annotations

import tempfile
import time
import uuid
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from attrs import frozen

from .variations import LOOK_EVERY_S, OVER

if TYPE_CHECKING:
    from second_unit_protocol.client import BlockingClient
    from second_unit_protocol.results import JobInfo
    from second_unit_protocol.shot import ShotRequest

    from ..encode.formats import Preset
    from ..post.heard import Heard
    from ..post.origin import Since


def reshoot(
    file: Annotated[Path, typer.Argument(help="A file that Second Unit made, or the .json beside it.")],
    out: Annotated[
        Path | None, typer.Option(help="File to write, finished and delivered as the first one was.")
    ] = None,
    tell: Annotated[bool, typer.Option("--tell", help="Only tell how it was shot.")] = False,
) -> None:
    """Tells how a file was shot, and has the daemon shoot it again: same camera, pictures, seed and settings."""
    from second_unit_protocol.errors import ErrorCode, SecondUnitError

    from ..post.origin import origin_of, recipe
    from .output import write_facts
    from .session import daemon

    origin = origin_of(file)
    write_facts(recipe(origin))
    if tell:
        return
    with daemon() as client:
        shot = _shot_of(client, origin)
        if shot is None:
            facts = origin.get("facts") or {}
            raise SecondUnitError(
                ErrorCode.NO_SUCH_JOB,
                "The daemon no longer has what was captured for it",
                shot=str(origin.get("shot", "")),
                remedy=f"Open {facts.get('blend_file') or 'the .blend'} and press Shoot with the settings above",
            )
        plan = _planned(origin, shot, out) if out is not None else None
        job = _made(client, shot)
        typer.echo(f"job {job.job_id[:8]}: {job.state}")
        if job.result is None:
            if job.error is not None:
                raise SecondUnitError.from_info(job.error)
            raise SecondUnitError(ErrorCode.CANCELLED, f"The job was {job.state}", shot=shot.shot_name)
        if out is not None and plan is not None:
            with tempfile.TemporaryDirectory(prefix="second-unit-") as folder:
                _again(client, job, plan, Path(folder), out)


def _shot_of(client: BlockingClient, origin: dict[str, Any]) -> ShotRequest | None:
    """A request that the daemon keeps with the same inputs, set as the file's was."""
    from attrs import evolve
    from second_unit_protocol.messages import GetShot, ListJobs
    from second_unit_protocol.shot import Quality

    from ..executors.provenance import inputs_of
    from ..post.origin import same_shot

    for job in client.call(ListJobs(str(origin["shot_id"]), limit=1000)).jobs:
        shot = client.call(GetShot(job.job_id)).shot
        if same_shot(origin, inputs_of(shot)):
            return evolve(
                shot,
                engine=origin["engine"],
                seed=int(origin["seed"]),
                prompt=origin["prompt"],
                negative_prompt=origin["negative_prompt"],
                style=origin["style"],
                motion_strength=float(origin["motion_strength"]),
                quality=Quality(origin["quality"]),
                options=dict(origin["options"]),
                retries=0,
            )
    return None


def _made(client: BlockingClient, shot: ShotRequest) -> JobInfo:
    """The job, when it is over. Raises SecondUnitError(NO_SUCH_BLOB) where captured files are gone."""
    from second_unit_protocol.errors import ErrorCode, SecondUnitError
    from second_unit_protocol.messages import GetJob, Submit

    submitted = client.call(Submit(uuid.uuid4().hex, shot))
    if submitted.missing:
        cause = f"The daemon no longer has {len(submitted.missing)} of the shot's captured files"
        raise SecondUnitError(ErrorCode.NO_SUCH_BLOB, cause, shot=shot.shot_name, remedy="Shoot it again from Blender")
    job = submitted.job
    while job.state not in OVER:
        time.sleep(LOOK_EVERY_S)
        job = client.call(GetJob(job.job_id)).job
    return job


@frozen
class _Plan:
    """What is done with the new take, decided before it is shot."""

    since: Since
    master: bool  # the take's lossless master is taken, as it was then
    preset: Preset | None
    heard: Heard


def _planned(origin: dict[str, Any], shot: ShotRequest, out: Path) -> _Plan:
    """Says what is not done again. Raises SecondUnitError where ``out`` cannot be what the file was."""
    from ..post.delivering import named_preset
    from ..post.finish import format_of
    from ..post.heard import Heard, heard_before, how_to_add
    from ..post.origin import since_shot
    from ..post.target import check_target

    since = since_shot(origin, len(shot.post))
    told = since.delivered
    preset = named_preset(str(told.get("preset", told.get("format", "h264")))) if told else None
    form = preset.form if preset else format_of(out)
    check_target(out, form.suffix, form.what)
    if since.left_out:
        typer.echo(f"Not done again: {', '.join(since.left_out)}")
    heard, gone = heard_before(told)
    if gone and preset:
        typer.echo(f"Its sound is left out: {gone}. Add it with {how_to_add(heard, out, preset.name)}")
        heard = Heard()
    master = str((origin.get("source") or {}).get("file", "")).endswith(".mkv") and not shot.post
    return _Plan(since, master, preset, heard)


def _again(client: BlockingClient, job: JobInfo, plan: _Plan, folder: Path, out: Path) -> None:
    """The new take through the stages that the file had gone through, into ``out``."""
    from ..post.delivering import deliver
    from ..post.finish import finish
    from ..post.heard import how_to_add, own_sound
    from ..post.shape import framing_for
    from ..post.subject import find_subject
    from .clips import open_part, tell_lost
    from .progress import bar
    from .shots import open_shot

    assert job.result is not None
    stages, delivered = plan.since.stages, plan.since.delivered
    take = folder / ("take.mkv" if plan.master else "take.mp4")
    client.download(job.result.master if plan.master else job.result.clip, take)
    with open_shot(job.job_id) as data, bar(out.name) as told:
        made, source = take, open_part(take)
        for number, stage in enumerate(stages):
            source = open_part(made, stage.part, stage.fps)
            ends = number == len(stages) - 1
            if stage.steps or not ends or not delivered:
                made = out if ends and not delivered else folder / f"finished_{number}.mkv"
                finish(source, stage.steps, made, data, told)
                source = open_part(made)
        if plan.preset is not None:
            aspect, around = str(delivered.get("aspect", "")), str(delivered.get("around", "0.5"))
            place = float(around) if around.replace(".", "", 1).isdigit() else None
            boxes = find_subject(source, data).boxes if aspect and place is None else None
            framing = framing_for(source.stream, aspect, place or 0.0, boxes, plan.preset.size)
            heard = own_sound(plan.heard, source)
            notes = {k: v for k, v in delivered.items() if k in ("aspect", "around")} | heard.notes()
            done = deliver(source, out, plan.preset, framing, heard.of(source), told, notes)
            tell_lost(done.lost_alpha, done.lost_sound, plan.preset.form)
            if heard != plan.heard:
                typer.echo(
                    f"The take has no sound to level. Add it with {how_to_add(plan.heard, out, plan.preset.name)}"
                )
    typer.echo(f"{out}")
