# SPDX-License-Identifier: GPL-3.0-or-later
"""Commands that make a new take out of what is there: a take, or any clip."""

from __future__ import annotations

import hashlib
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from attrs import frozen

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
SceneRate = Annotated[str, typer.Option(help="Rate of the scene that a file is seen in; default: the file's.")]
Span = Annotated[str, typer.Option(metavar="A:B", help="Scene frames of the shot that are seen of a take.")]
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
    shot: Annotated[str, typer.Option(help="The job that a video file is the master of.")] = "",
    engine: Engine = "",
    prompt: Prompt = None,
    avoid: Avoid = None,
    style: Style = None,
    seed: Seed = None,
    quality: QualityOption = None,
    options: Set = None,
    first: First = 0,
    count: Count = None,
    span: Span = "",
    rate: Rate_ = "",
    scene_rate: SceneRate = "",
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
    part = Part(first, count, rate, scene_rate, backwards, span)
    with folder_for(spool) as folder, seen(take, part, shot, name, place) as found:
        base = found.base
        lineage = Lineage("extend", found.parents)
        ground = TakeGround(base) if base is not None else None
        inherited = found.inherit(asked)
        blobs = Gathered(folder)
        wanted = Extension(seconds, back)
        request = build(found.footage, found.rate, inherited, wanted, found.frame, ground, lineage, blobs)
        hand_over(request, blobs, found.footage.notes, out, not no_wait, spool)


def modify(
    take: Source,
    mask: Annotated[str, typer.Option(help="Grey picture or clip, white is changed; MASK.png@24 is of that frame.")],
    picture: Annotated[
        list[str] | None, typer.Option(help="A picture that shows it done, PICTURE.png@24 at a frame counted from 0.")
    ] = None,
    invert: Annotated[bool, typer.Option("--invert", help="Change what is black in the mask: the background.")] = False,
    strength: Annotated[float, typer.Option(min=0, max=1, help="How far it may go from the clip.")] = 1.0,
    shot: Annotated[str, typer.Option(help="The job that a video file is the master of.")] = "",
    engine: Engine = "",
    prompt: Prompt = None,
    avoid: Avoid = None,
    style: Style = None,
    seed: Seed = None,
    quality: QualityOption = None,
    options: Set = None,
    first: First = 0,
    count: Count = None,
    span: Span = "",
    rate: Rate_ = "",
    scene_rate: SceneRate = "",
    backwards: Backwards = False,
    name: Name = "",
    place: Place = None,
    out: Out = Path(),
    no_wait: NoWait = False,
    spool: Spool = None,
) -> None:
    """Changes a clip inside a region; outside of it the master stays as it is, bit for bit."""
    from second_unit_protocol.shot import Lineage

    from ..conditioning.pictures.pinned import read_pinned
    from ..edits.gathered import Gathered
    from ..edits.modifying import mask_of
    from ..edits.modifying import modify as build
    from .submitting import folder_for, hand_over

    asked = wish(engine, prompt, avoid, style, seed, quality, options)
    part = Part(first, count, rate, scene_rate, backwards, span)
    with folder_for(spool) as folder, seen(take, part, shot, name, place) as found:
        painted = tuple(read_pinned(words) for words in picture or ())
        blobs = Gathered(folder)
        lineage = Lineage("modify", found.parents)
        request = build(
            found.footage, found.rate, found.inherit(asked), found.frame, mask_of(mask, invert), painted, found.base,
            lineage, strength, blobs,
        )  # fmt: skip
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
    from .camera import CONVERT, given, read_path
    from .session import daemon, find_job
    from .shots import open_shot
    from .submitting import folder_for, hand_over

    with folder_for(spool) as folder, open_shot(take) as base:
        with daemon() as client:
            job = find_job(client, take)
        track = None
        if camera is not None:
            width, height = base.request.width, base.request.height
            beside = given(f"{width}x{height}", None, float(base.request.grid.clip_rate), 1.0)
            track = read_path(camera, None, beside, from_=f"{CONVERT} --from").resized(width, height)
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


@frozen
class Part:
    """What of a clip is seen, as options say it: of a file its frames, of a take scene frames of its shot."""

    first: int = 0
    count: int | None = None
    rate: str = ""
    scene_rate: str = ""
    backwards: bool = False
    span: str = ""


@contextmanager
def seen(take: str, part: Part, shot: str = "", name: str = "", place: int | None = None) -> Iterator[Seen]:
    """A take's master with its scene, or a file. ``shot`` names the job that a file is the master of.

    Of a take the frames count that its strip shows: without handles. ``place``: scene frame of a file's first seen one.
    """
    from .shots import open_shot

    file = Path(take).expanduser()
    if file.is_file() and not shot:
        yield _of_file(file, part, name, place)
        return
    with open_shot(shot or take) as base, tempfile.TemporaryDirectory(prefix="second-unit-") as folder:
        job_id, master = (shot, file) if shot else fetched_master(take, Path(folder))
        yield _of_take(base, job_id, master, part, name)


def _of_file(file: Path, part: Part, name: str, place: int | None) -> Seen:
    from second_unit_protocol.grid import SceneRange

    from ..edits.asking import Frame
    from ..edits.footage import open_footage

    begin = 1 if place is None else place
    footage, scene = open_footage(
        file, rate_of(part.scene_rate), first=part.first, count=part.count, start=Fraction(begin),
        rate=rate_of(part.rate), backwards=part.backwards,
    )  # fmt: skip
    title = name or file.stem
    span = SceneRange(begin, int(footage.last_time), scene)
    frame = Frame(f"clip-{title}", title, span, footage.width, footage.height)
    with file.open("rb") as opened:
        digest = hashlib.file_digest(opened, "sha256").hexdigest()
    return Seen(footage, scene, frame, None, (digest,))


def _of_take(base: ShotData, job_id: str, master: Path, part: Part, name: str) -> Seen:
    from ..edits.asking import Frame
    from ..edits.footage import open_footage

    own = base.request
    grid, delivery = own.grid, own.delivery
    low, high = delivery.first + delivery.handle_before, delivery.last - delivery.handle_after
    if part.span:
        found = re.fullmatch(r"(-?\d+):(-?\d+)", part.span)
        if not found or int(found[1]) > int(found[2]):
            raise _refused(f"{part.span} is no span of frames", "Write for example 12:48")
        low, high = max(int(found[1]), delivery.first), min(int(found[2]), delivery.last)
    inside = [k for k in range(grid.count) if low <= grid.scene_frame(k) <= high]
    if not inside:
        raise _refused(f"{own.shot_name} has no frames from {low} to {high}", "Choose others")
    footage, scene = open_footage(
        master, grid.scene_rate, first=inside[0], count=len(inside), start=grid.scene_frame(inside[0]),
        rate=grid.clip_rate,
    )  # fmt: skip
    frame = Frame(own.shot_id, name or own.shot_name, delivery, own.width, own.height)
    return Seen(footage, scene, frame, base, (job_id,))


def fetched_master(take: str, folder: Path) -> tuple[str, Path]:
    from .session import daemon, find_job

    with daemon() as client:
        job = find_job(client, take)
        if job.result is None:
            raise _refused(f"The job is {job.state} and has made no clip", "Wait for it, or choose another")
        client.download(job.result.master, folder / "master.mkv")
    return job.job_id, folder / "master.mkv"


def rate_of(words: str) -> Rate | None:
    """None for no words. Raises SecondUnitError for what is no rate."""
    from second_unit_protocol.grid import Rate

    try:
        return Rate.of(Fraction(words)) if words else None
    except (ValueError, ZeroDivisionError):
        raise _refused(f"{words} is no rate", "Write 24, 25 or 30000/1001") from None


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
