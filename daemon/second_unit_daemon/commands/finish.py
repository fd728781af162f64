# SPDX-License-Identifier: GPL-3.0-or-later
"""Commands that work on finished clips: steps of post, sound, delivery."""

from __future__ import annotations

from contextlib import nullcontext
from pathlib import Path
from typing import Annotated

import typer

from ..post.catalogue import STEPS
from .clips import Clip, Fps, Part, open_part, tell_lost

_LIST = "\n\n".join(
    f"{info.name}{f':{info.main.upper()}' if info.main else ''} — {info.help}"
    + "".join(f" [{name}={option.default!r}: {option.help}]" for name, option in info.options.items())
    for info in STEPS.values()
)


def finish(
    clip: Clip,
    out: Annotated[Path, typer.Option(help="File to write: .mp4 .mov .mkv .webm .gif .webp, or a folder for PNG.")],
    step: Annotated[
        list[str], typer.Option(help="NAME[:VALUE][,option=value …]; several run in the order given.", metavar="STEP")
    ],
    shot: Annotated[
        str, typer.Option(help="The shot it is of: a job's id, or a shot folder. Some steps need it.")
    ] = "",
    part: Part = "",
    fps: Fps = "",
) -> None:
    """Runs steps of finishing over a clip: larger, smoother, steadier, cleaner."""
    from ..post.catalogue import parse
    from ..post.finish import finish as run
    from ..post.finish import format_of
    from .progress import bar
    from .shots import open_shot

    steps = [parse(text) for text in step]
    source = open_part(clip, part, fps)
    with bar(out.name) as told, open_shot(shot) if shot else nullcontext() as data:
        done = run(source, steps, out, data, told)
    stream = done.stream
    typer.echo(f"{out}: {stream.frames} frames, {stream.width} x {stream.height}, {float(stream.rate):g} fps")
    tell_lost(done.lost_alpha, done.lost_sound, format_of(out))
    for facts in done.provenance["finishing"]:
        typer.echo("  " + ", ".join(f"{name} {value}" for name, value in facts.items() if value != ""))


finish.__doc__ = f"{finish.__doc__}\n\nSteps:\n\n{_LIST}"
