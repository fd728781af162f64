# SPDX-License-Identifier: GPL-3.0-or-later
"""The command that moves parts of a picture: of a take, of any clip, of a still."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from .edits import (
    Avoid,
    Backwards,
    Count,
    First,
    Part,
    Prompt,
    QualityOption,
    Rate_,
    SceneRate,
    Seed,
    Set,
    Source,
    Span,
    Style,
    rate_of,
    seen,
    wish,
)
from .submitting import Name, NoWait, Out, Place, Spool

if TYPE_CHECKING:
    from .edits import Seen

HELP = (
    "Grey picture or clip, white is the part, and how it moves: go:RIGHT,DOWN in pixels a second, along:X,Y;X,Y;… "
    "over the clip's length (each may end in :in_out, :in, :out, :linear), sway:RIGHT,DOWN:SECONDS."
)


def motion(
    take: Source,
    part: Annotated[list[str], typer.Option(metavar="'MASK MOVE'", help=HELP)],
    seconds: Annotated[float, typer.Option(min=0.04, help="Of a still: length of the clip.")] = 3.0,
    strength: Annotated[float, typer.Option(min=0, max=1, help="How far a model may go from the clip.")] = 1.0,
    shot: Annotated[str, typer.Option(help="The job that a video file is the master of.")] = "",
    engine: Annotated[str, typer.Option(help="What makes it; default: parts, which is built in.")] = "",
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
    """Moves parts of a clip or a still: along a direction, along a line, or swaying; all else stays."""
    from second_unit_protocol.shot import Lineage

    from ..edits.gathered import Gathered
    from ..edits.moving import move_parts, part_of
    from .submitting import folder_for, hand_over

    parts = tuple(part_of(words) for words in part)
    asked = wish(engine, prompt, avoid, style, seed, quality, options)
    which = Part(first, count, rate, scene_rate, backwards, span)
    with folder_for(spool) as folder, _opened(take, which, shot, name, place, seconds, folder) as found:
        blobs = Gathered(folder)
        request = move_parts(
            found.footage, found.rate, asked, found.frame, parts, found.base, Lineage("motion", found.parents),
            strength, blobs,
        )  # fmt: skip
        hand_over(request, blobs, found.footage.notes, out, not no_wait, spool)


@contextmanager
def _opened(
    take: str, part: Part, shot: str, name: str, place: int | None, seconds: float, folder: Path
) -> Iterator[Seen]:
    """A take or a clip, or a still that is held, as a clip in ``folder``: what is sent of it is read there later."""
    from ..post.clip import PICTURES

    file = Path(take).expanduser()
    if shot or not file.is_file() or file.suffix.lower() not in PICTURES:
        with seen(take, part, shot, name, place) as found:
            yield found
        return
    from second_unit_protocol.grid import Rate, SceneRange

    from ..edits.asking import Frame
    from ..edits.moving import still_footage
    from .edits import Seen

    played = rate_of(part.rate) or rate_of(part.scene_rate) or Rate(24)
    begin, frames = 1 if place is None else place, max(2, round(seconds * float(played)))
    footage = still_footage(file, frames, played, begin, folder)
    title = name or file.stem
    frame = Frame(f"clip-{title}", title, SceneRange(begin, begin + frames - 1, played), footage.width, footage.height)
    yield Seen(footage, played, frame, None, (hashlib.sha256(file.read_bytes()).hexdigest(),))
