# SPDX-License-Identifier: GPL-3.0-or-later
"""Commands that take one clip into the next: a transition that is made, and clips joined as one."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from .edits import Avoid, Part, Prompt, QualityOption, Rate_, Seed, Set, Style, seen, wish
from .submitting import Name, NoWait, Out, Spool

if TYPE_CHECKING:
    from second_unit_protocol.grid import Rate

    from .edits import Seen

Trims = Annotated[
    list[str] | None, typer.Option("--trim", metavar="FIRST:COUNT", help="What is seen of each, in order.")
]


def bridge(
    before: Annotated[str, typer.Argument(help="The start of a job's id, or a video file.")],
    after: Annotated[str, typer.Argument(help="The clip that follows.")],
    frames: Annotated[int, typer.Option(min=1, help="Length of the transition.")] = 12,
    engine: Annotated[str, typer.Option(help="What makes it.")] = "morph",
    prompt: Prompt = None,
    avoid: Avoid = None,
    style: Style = None,
    seed: Seed = None,
    quality: QualityOption = None,
    options: Set = None,
    trims: Trims = None,
    rate: Rate_ = "",
    name: Name = "",
    place: Annotated[int, typer.Option(help="Scene frame of its first frame.")] = 1,
    out: Out = Path(),
    no_wait: NoWait = False,
    spool: Spool = None,
) -> None:
    """Makes what lies between two clips: the end of one and the beginning of the other are known."""
    from attrs import evolve
    from second_unit_protocol.shot import Lineage

    from ..edits.bridging import Bridge
    from ..edits.bridging import bridge as build
    from ..edits.gathered import Gathered
    from .submitting import folder_for, hand_over

    parts = _trims(trims, 2)
    with ExitStack() as stack:
        folder = stack.enter_context(folder_for(spool))
        one, two = (
            stack.enter_context(seen(take, Part(*part, rate)))
            for take, part in zip((before, after), parts, strict=True)
        )
        title = name or f"{one.frame.shot_name} to {two.frame.shot_name}"
        played = _one_rate([one, two])
        frame = evolve(one.frame, shot_id=f"bridge-{title}", shot_name=title)
        asked = wish(engine, prompt, avoid, style, seed, quality, options)
        blobs = Gathered(folder)
        lineage = Lineage("bridge", (*one.parents, *two.parents))
        request = build(Bridge(one.footage, two.footage, frames, place), played, asked, frame, lineage, blobs)
        hand_over(request, blobs, (*one.footage.notes, *two.footage.notes), out, not no_wait, spool)


def stitch(
    takes: Annotated[list[str], typer.Argument(metavar="CLIP…", help="Jobs or video files, in their order.")],
    out: Annotated[Path, typer.Option(help="The clip to write, .mp4; .mkv is lossless.", dir_okay=False)],
    overlap: Annotated[int, typer.Option(min=0, help="Frames that neighbours share and dissolve over.")] = 0,
    trims: Trims = None,
    rate: Rate_ = "",
) -> None:
    """Joins clips as one, with cross-dissolves or without."""
    from second_unit_protocol.disk import disk_errors

    from ..edits.stitching import stitched
    from .progress import bar
    from .project import clip_writer

    parts = _trims(trims, len(takes))
    with ExitStack() as stack:
        clips = [stack.enter_context(seen(t, Part(*p, rate))) for t, p in zip(takes, parts, strict=True)]
        footage = [clip.footage for clip in clips]
        frames = stitched(footage, overlap)
        facts = {"stitched": [parent for clip in clips for parent in clip.parents], "overlap": overlap}
        played, width, height = _one_rate(clips), footage[0].width, footage[0].height
        total, count = sum(clip.count for clip in footage) - overlap * (len(clips) - 1), 0
        with disk_errors(out), clip_writer(out, width, height, played, facts) as file, bar("Stitching") as told:
            for picture in frames:
                file.write(picture)
                count += 1
                told(count, total)
    typer.echo(f"{out}: {count} frames, {width} x {height}, {float(played):g} fps, no sound")


def _one_rate(clips: list[Seen]) -> Rate:
    """That at which all of them are played. Raises SecondUnitError where they differ."""
    from second_unit_protocol.errors import ErrorCode, SecondUnitError
    from second_unit_protocol.grid import Rate

    first, *others = (Rate.of(clip.rate.fraction / clip.footage.step) for clip in clips)
    for other, clip in zip(others, clips[1:], strict=True):
        if other != first:
            name, before = clip.footage.path.name, clips[0].footage.path.name
            cause = f"{name} is played at {float(other):g} frames a second, {before} at {float(first):g}"
            remedy = "Bring them to one rate: second-unit finish CLIP --step interpolate:RATE"
            raise SecondUnitError(ErrorCode.BAD_REQUEST, cause, remedy=remedy)
    return first


def _trims(words: list[str] | None, count: int) -> list[tuple[int, int | None]]:
    from second_unit_protocol.errors import ErrorCode, SecondUnitError

    found: list[tuple[int, int | None]] = []
    for word in words or ():
        first, _, length = word.partition(":")
        if not first.isdigit() or (length and not length.isdigit()) or length == "0":
            raise SecondUnitError(ErrorCode.BAD_REQUEST, f"{word} is not FIRST:COUNT", remedy="Write for example 12:48")
        found.append((int(first), int(length) if length else None))
    return [*found, *[(0, None)] * (count - len(found))][:count]
