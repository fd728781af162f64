# SPDX-License-Identifier: GPL-3.0-or-later
"""Commands that make a new take out of what is there: a take, or any clip."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from .submitting import Name, NoWait, Out, Place, Spool

if TYPE_CHECKING:
    from second_unit_protocol.grid import Rate

    from ..conditioning.shot_data import ShotData
    from ..edits.asking import Frame, Wish
    from ..edits.footage import Footage

Engine = Annotated[str, typer.Option(help="What makes it; default: the take's engine, or the built-in one.")]
Prompt = Annotated[str | None, typer.Option(help="What it shows, for engines that read it.")]
Avoid = Annotated[str | None, typer.Option(help="What it is to keep clear of.")]
Style = Annotated[str | None, typer.Option(help="How it looks.")]
Seed = Annotated[int | None, typer.Option(min=0, help="Default: the take's own.")]
QualityOption = Annotated[str | None, typer.Option(help="draft, standard or final.")]
Set = Annotated[list[str] | None, typer.Option("--set", metavar="NAME=VALUE", help="An option of the engine's.")]
Source = Annotated[str, typer.Argument(metavar="TAKE", help="The start of a job's id, or a video file.")]
First = Annotated[int, typer.Option(min=0, help="The file's first frame that is seen.")]
Count = Annotated[int | None, typer.Option(min=1, help="How many of the file's frames are seen.")]
Rate_ = Annotated[str, typer.Option("--rate", help="Frames of the file that are played a second: 24, 30000/1001.")]
Backwards = Annotated[bool, typer.Option("--backwards", help="The file is played backwards.")]


def wish(
    engine: str, prompt: str | None, avoid: str | None, style: str | None, seed: int | None, quality: str | None,
    options: list[str] | None, motion: float | None = None,
) -> Wish:  # fmt: skip
    from second_unit_protocol.shot import Quality

    from ..edits.asking import Wish

    if quality and quality not in Quality.__members__.values():
        raise _refused(f"{quality} is no quality", f"Choose one of {', '.join(Quality)}")
    return Wish(
        engine, prompt, avoid, style, seed, Quality(quality) if quality else None, motion, dict(_options(options))
    )


def extend(
    take: Source,
    seconds: Annotated[float, typer.Option(help="How much is to be added.")] = 2.0,
    back: Annotated[bool, typer.Option("--back", help="Before the first frame, not after the last.")] = False,
    shot: Annotated[str, typer.Option(help="The job whose scene and camera a video file shows.")] = "",
    engine: Engine = "",
    prompt: Prompt = None,
    avoid: Avoid = None,
    style: Style = None,
    seed: Seed = None,
    quality: QualityOption = None,
    options: Set = None,
    first: First = 0,
    count: Count = None,
    rate: Rate_ = "",
    backwards: Backwards = False,
    name: Name = "",
    place: Place = None,
    out: Out = Path(),
    no_wait: NoWait = False,
    spool: Spool = None,
) -> None:
    """Goes on from a take or a clip: the end's frames are known, the camera moves on as it moved."""
    from second_unit_protocol.shot import Lineage

    from ..edits.extending import Extension
    from ..edits.extending import extend as build
    from ..edits.gathered import Gathered
    from ..edits.ground import TakeGround
    from .submitting import folder_for, hand_over

    asked = wish(engine, prompt, avoid, style, seed, quality, options)
    with folder_for(spool) as folder, seen(take, shot, first, count, rate, backwards, name, place) as found:
        base = found.base
        lineage = Lineage("extend", found.parents)
        ground = TakeGround(base) if base is not None else None
        inherited = found.inherit(asked)
        blobs = Gathered(folder)
        wanted = Extension(seconds, back)
        request = build(found.footage, found.rate, inherited, wanted, found.frame, ground, lineage, blobs)
        hand_over(request, blobs, found.footage.notes, out, not no_wait, spool)


def remix(
    take: Annotated[str, typer.Argument(metavar="JOB", help="The start of the job's id.")],
    camera: Annotated[Path | None, typer.Option(help="Another camera path; see second-unit camera forms.")] = None,
    engine: Engine = "",
    prompt: Prompt = None,
    avoid: Avoid = None,
    style: Style = None,
    seed: Seed = None,
    quality: QualityOption = None,
    options: Set = None,
    motion: Annotated[float | None, typer.Option(min=0, max=1, help="How much things move by themselves.")] = None,
    out: Out = Path(),
    no_wait: NoWait = False,
    spool: Spool = None,
) -> None:
    """Makes a take again with something changed; only what that touches is sent and made anew."""
    changed = wish(engine, prompt, avoid, style, seed, quality, options, motion)
    _again(take, changed, camera, "remix", False, out, not no_wait, spool)


def final(
    take: Annotated[str, typer.Argument(metavar="JOB", help="The start of the draft's job id.")],
    options: Set = None,
    out: Out = Path(),
    no_wait: NoWait = False,
    spool: Spool = None,
) -> None:
    """Makes a draft at full quality from the same seed and plan, and measures how alike the two are."""
    _again(take, wish("", None, None, None, None, "final", options), None, "final", True, out, not no_wait, spool)


def _again(
    take: str, changed: Wish, camera: Path | None, edit: str, alike: bool, out: Path, wait: bool, spool: Path | None
) -> None:
    from second_unit_protocol.shot import Lineage

    from ..edits.gathered import Gathered
    from ..edits.remixing import remix as build
    from .camera import given, notes
    from .session import daemon, find_job
    from .shots import open_shot
    from .submitting import folder_for, hand_over

    with folder_for(spool) as folder, open_shot(take) as base:
        with daemon() as client:
            job = find_job(client, take)
        track = None
        if camera is not None:
            from ..conditioning.forms import read_camera

            planes = base.request.depth
            size = f"{planes.width}x{planes.height}" if planes else f"{base.request.width}x{base.request.height}"
            with notes():
                track = read_camera(camera, None, given(size, None, float(base.request.grid.clip_rate), 1.0))
            track = track.resized(*(int(side) for side in size.split("x")))
        blobs = Gathered(folder)
        master = job.result.master if alike and job.result else None
        if master is not None:
            with daemon() as client:
                client.download(master, folder / master.digest)
            blobs.known(master, folder / master.digest)
        lineage = Lineage(edit, (job.job_id,), master)
        request = build(base, changed, track, lineage, blobs)
        hand_over(request, blobs, (), out, wait, spool)


class Seen:
    """What an edit starts from. ``base``: the captured shot that it shows, where there is one."""

    def __init__(self, footage: Footage, rate: Rate, frame: Frame, base: ShotData | None, parents: tuple[str, ...]):
        self.footage, self.rate, self.frame, self.base, self.parents = footage, rate, frame, base, parents

    def inherit(self, asked: Wish) -> Wish:
        """The wish with the take's own words where it has none."""
        from attrs import evolve

        from ..edits.asking import Wish

        if self.base is None:
            return asked
        own = self.base.request
        engine = asked.engine or own.engine
        kept = Wish(
            engine, own.prompt, own.negative_prompt, own.style, own.seed, own.quality, own.motion_strength,
            (own.options if engine == own.engine else {}) | asked.options,
        )  # fmt: skip
        names = ("prompt", "negative_prompt", "style", "seed", "quality", "motion_strength")
        return evolve(kept, **{n: value for n in names if (value := getattr(asked, n)) is not None})


@contextmanager
def seen(
    take: str, shot: str, first: int, count: int | None, rate: str, backwards: bool, name: str, place: int | None
) -> Iterator[Seen]:
    """A take's master with its scene, or a file. ``shot`` names the job that a file is a take of.

    Of a take the frames count that its strip shows: without handles. ``place``: scene frame of the first seen one.
    """
    import tempfile
    from contextlib import ExitStack

    from second_unit_protocol.grid import Rate, SceneRange

    from ..edits.asking import Frame
    from ..edits.footage import open_footage
    from .session import daemon, find_job
    from .shots import open_shot

    with ExitStack() as stack:
        file = Path(take).expanduser()
        if file.is_file():
            base = stack.enter_context(open_shot(shot)) if shot else None
            played = Rate.of(Fraction(rate)) if rate else None
            if base is not None:
                own = base.request.grid
                start = own.scene_frame(first)
                footage, scene = open_footage(
                    file, own.scene_rate, first=first, count=count, start=start, rate=own.clip_rate
                )
                frame = _frame_of(base, name)
            else:
                begin = Fraction(1 if place is None else place)
                footage, scene = open_footage(
                    file, None, first=first, count=count, start=begin, rate=played, backwards=backwards
                )
                span = SceneRange(int(begin), int(begin) + footage.count - 1, scene)
                title = name or file.stem
                frame = Frame(f"clip-{title}", title, span, footage.width, footage.height)
            yield Seen(footage, scene, frame, base, _parents(shot, file))
            return
        base = stack.enter_context(open_shot(take))
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="second-unit-")))
        with daemon() as client:
            job = find_job(client, take)
            if job.result is None:
                raise _refused(f"The job is {job.state} and has made no clip", "Wait for it, or choose another")
            client.download(job.result.master, folder / "master.mkv")
        grid, delivery = base.request.grid, base.request.delivery
        shown = range(grid.count)
        low, high = delivery.first + delivery.handle_before, delivery.last - delivery.handle_after
        inside = [k for k in shown if low <= grid.scene_frame(k) <= high]
        begin, length = inside[0] + first, count or len(inside) - first
        footage, scene = open_footage(
            folder / "master.mkv", grid.scene_rate, first=begin, count=length, start=grid.scene_frame(begin),
            rate=grid.clip_rate,
        )  # fmt: skip
        yield Seen(footage, scene, _frame_of(base, name), base, (job.job_id,))


def _frame_of(base: ShotData, name: str) -> Frame:
    from ..edits.asking import Frame

    own = base.request
    return Frame(own.shot_id, name or own.shot_name, own.delivery, own.width, own.height)


def _parents(shot: str, file: Path) -> tuple[str, ...]:
    import hashlib

    if shot:
        return (shot,)
    with file.open("rb") as opened:
        return (hashlib.file_digest(opened, "sha256").hexdigest(),)


def _options(words: list[str] | None) -> Iterator[tuple[str, str | int | float | bool]]:
    for word in words or ():
        found = re.fullmatch(r"(\w+)=(.*)", word)
        if not found:
            raise _refused(f"{word} is not NAME=VALUE", "Write for example --set steps=20")
        yield found[1], _scalar(found[2])


def _scalar(text: str) -> str | int | float | bool:
    if text in ("true", "false"):
        return text == "true"
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return text


def _refused(cause: str, remedy: str):
    from second_unit_protocol.errors import ErrorCode, SecondUnitError

    return SecondUnitError(ErrorCode.BAD_REQUEST, cause, remedy=remedy)
