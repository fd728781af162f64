# SPDX-License-Identifier: GPL-3.0-or-later
"""second-unit sound: sound for a clip, from words and from its shot."""

from __future__ import annotations

from contextlib import nullcontext
from pathlib import Path
from typing import Annotated

import typer

from .clips import Fps, Part, open_part


def sound(
    prompt: Annotated[str, typer.Argument(help="What is heard; empty with --shot for what moves in it.")],
    out: Annotated[Path, typer.Option(help="WAV file to write.", dir_okay=False)],
    clip: Annotated[Path | None, typer.Option(help="Clip to be as long as.")] = None,
    part: Part = "",
    fps: Fps = "",
    seconds: Annotated[float | None, typer.Option(help="Length without a clip.", min=0.05)] = None,
    shot: Annotated[str, typer.Option(help="A job's id, or a shot folder: what moves in it is heard.")] = "",
    seed: Annotated[int, typer.Option(min=0)] = 0,
    model: Annotated[Path | None, typer.Option(help="Folder with a Stable Audio model: it makes the sound.")] = None,
    samples: Annotated[
        Path | None,
        typer.Option(help="Folder of your own recordings with samples.toml; else 'sounds' in your user folder."),
    ] = None,
    loop: Annotated[bool, typer.Option("--loop", help="The end goes over into the beginning.")] = False,
    lufs: Annotated[float, typer.Option(help="Loudness.", min=-40, max=-6)] = -16.0,
) -> None:
    """Makes sound for a clip, placed, levelled, as long: of recordings, by synthesis, or by a model of yours."""
    from second_unit_protocol.errors import ErrorCode, SecondUnitError

    from ..encode.sound import SAMPLE_RATE, sample_count, write_wav
    from ..post.sound.design import design
    from ..post.target import check_target
    from .shots import open_shot

    check_target(out, ".wav", "sound")
    with open_shot(shot) if shot else nullcontext() as data:
        if clip is not None:
            stream = open_part(clip, part, fps).stream
            count = sample_count(stream.frames, stream.rate)
        elif seconds is not None:
            count = round(seconds * SAMPLE_RATE)
        elif data is not None:
            count = sample_count(data.request.delivery.count, data.request.delivery.rate)
        else:
            raise SecondUnitError(
                ErrorCode.BAD_REQUEST, "Nothing says how long the sound is", remedy="Give --clip, --seconds or --shot"
            )
        spoken = prompt or (data.request.prompt if data is not None else "")
        made = design(spoken, count, seed, lufs, data, loop, model, samples)
    write_wav(out, made.sound)
    typer.echo(f"{out}: {count / SAMPLE_RATE:.2f} s")
    for layer in made.layers:
        typer.echo(f"  {layer.source} ({layer.why}), {layer.how}{f' from {layer.credit}' if layer.credit else ''}")
