# SPDX-License-Identifier: GPL-3.0-or-later
"""second-unit deliver: a clip in the format that somebody else needs."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ..encode.formats import FORMATS
from .clips import Clip, Fps, Part, open_part

_PRESETS = "\n\n".join(f"{form.name} — {form.label}" for form in FORMATS.values())


def deliver(
    clip: Clip,
    preset: Annotated[str, typer.Option(help=f"One of {', '.join(FORMATS)}.")],
    out: Annotated[Path | None, typer.Option(help="File or folder to write; default: beside the clip.")] = None,
    aspect: Annotated[str, typer.Option(help="Crop to 9:16, 1:1, 16:9 …")] = "",
    focus: Annotated[float, typer.Option(help="Where the crop lies: 0 left or top … 1.", min=0, max=1)] = 0.5,
    sound: Annotated[Path | None, typer.Option(help="Sound to lay under it in place of its own.")] = None,
    part: Part = "",
    fps: Fps = "",
) -> None:
    """Writes a clip for delivery, reads it back and compares; with poster, contact sheet and provenance beside it."""
    from ..encode.sound import fitted, read_sound, sample_count
    from ..post.delivering import deliver as run
    from ..post.delivering import named_format
    from .progress import bar

    form = named_format(preset)
    source = open_part(clip, part, fps)
    heard = fitted(read_sound(sound), sample_count(source.stream.frames, source.stream.rate)) if sound else None
    target = out or clip.with_name(f"{clip.stem}_{form.name}{form.suffix}")
    with bar(target.name) as told:
        done = run(source, target, form, aspect, focus, heard, told)
    stream = done.stream
    like = "nothing lost" if done.psnr_db == float("inf") else f"{done.psnr_db:.1f} dB like the clip"
    typer.echo(
        f"{target}: {stream.frames} frames, {stream.width} x {stream.height}, {float(stream.rate):g} fps, "
        f"{done.bytes / 1e6:.1f} MB, read back: {like}"
    )


deliver.__doc__ = f"{deliver.__doc__}\n\nPresets:\n\n{_PRESETS}"
