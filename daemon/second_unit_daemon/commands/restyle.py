# SPDX-License-Identifier: GPL-3.0-or-later
"""``second-unit restyle``: a clip in another look, steady from frame to frame, on the CPU."""

from __future__ import annotations

import re
import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import Annotated

import typer

from ..style.words import BUILT_IN, names
from .clips import Fps, Part


def restyle(
    clip: Annotated[str, typer.Argument(metavar="CLIP", help="A video, a folder of numbered pictures, or a job.")],
    out: Annotated[Path, typer.Option(help="File to write: .mp4 .mov .mkv .webm .gif .webp, or a folder for PNG.")],
    style: Annotated[str, typer.Option(help="The look in words; see below.")] = "",
    picture: Annotated[
        Path | None, typer.Option(help="A picture whose look the clip is to have, in place of words.", dir_okay=False)
    ] = None,
    strength: Annotated[float, typer.Option(min=0.0, max=1.0, help="0 leaves the clip as it is.")] = 1.0,
    shot: Annotated[
        str, typer.Option(help="The shot it is of: a job's id, or a shot folder. Its exact motion is then used.")
    ] = "",
    part: Part = "",
    fps: Fps = "",
) -> None:
    """Draws key frames of a clip in another look and carries them along its motion, so that nothing shimmers."""
    from second_unit_protocol.errors import ErrorCode, SecondUnitError

    from ..encode.read import is_steady
    from ..post.finish import format_of
    from ..style.clips import restyle as run
    from .clips import open_part, tell_lost
    from .edits import fetched_master
    from .progress import bar
    from .shots import open_shot

    if bool(style.strip()) == (picture is not None):
        cause = "Both words and a picture are given" if picture else "No style is given"
        raise SecondUnitError(ErrorCode.BAD_REQUEST, cause, remedy="Give one of --style WORDS and --picture FILE")
    look = _look(style, picture)
    with ExitStack() as stack:
        file, job = Path(clip).expanduser(), ""
        if not file.exists() and re.fullmatch("[0-9a-f]+", clip):
            folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="second-unit-"))
            job, file = fetched_master(clip, Path(folder))
        source = open_part(file, part, fps)
        if file.is_file() and not is_steady(file):
            played = f"{float(source.stream.rate):.5g} frames a second"
            typer.echo(f"note: The frames of {file.name} are unevenly spaced; they are played at {played}", err=True)
        told = stack.enter_context(bar(out.name))
        data = stack.enter_context(open_shot(shot or job)) if shot or job else None
        done = run(source, look, strength, out, data, told)
    stream, facts = done.stream, done.provenance["finishing"][-1]
    typer.echo(f"{out}: {stream.frames} frames, {stream.width} x {stream.height}, {float(stream.rate):g} fps")
    tell_lost(done.lost_alpha, done.lost_sound, format_of(out))
    typer.echo(f"  {facts['style']}, {facts['key_frames']} key frames, motion {facts['motion']}")


def _look(style: str, picture: Path | None):
    from ..conditioning.pictures.pinned import read_picture
    from ..style.network import Network
    from ..style.words import needed

    if picture is not None:
        return Network().like(read_picture(picture), picture.name)
    return Network().by_name(needed(style))


restyle.__doc__ = f"{restyle.__doc__}\n\nLooks: {', '.join(names())}; style 0 to style {BUILT_IN - 1}."
