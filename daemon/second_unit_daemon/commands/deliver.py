# SPDX-License-Identifier: GPL-3.0-or-later
"""second-unit deliver: a clip in the format that somebody else needs."""

from __future__ import annotations

from contextlib import nullcontext
from pathlib import Path
from typing import Annotated

import typer

from ..encode.formats import PRESETS
from .clips import Clip, Fps, Part, open_part, tell_lost

_PRESETS = "\n\n".join(f"{preset.name} — {preset.label}" for preset in PRESETS.values())


def deliver(
    clip: Clip,
    preset: Annotated[str, typer.Option(help=f"One of {', '.join(PRESETS)}.")],
    out: Annotated[Path | None, typer.Option(help="File or folder to write; default: beside the clip.")] = None,
    aspect: Annotated[str, typer.Option(help="Crop to 9:16, 1:1, 16:9 …")] = "",
    focus: Annotated[
        str, typer.Option(help="Where the crop lies: 0 left or top … 1, or subject: around what moves or stands out.")
    ] = "subject",
    shot: Annotated[str, typer.Option(help="A job's id, or a shot folder: it knows what moves.")] = "",
    sound: Annotated[Path | None, typer.Option(help="Sound to lay under it in place of its own.")] = None,
    sound_from: Annotated[float, typer.Option(help="Seconds into that sound where the clip begins.", min=0)] = 0.0,
    volume: Annotated[float, typer.Option(help="Of the sound: 0.5 is half, 0 is silence.", min=0, max=100)] = 1.0,
    lufs: Annotated[
        float | None, typer.Option(help="Level its sound to that loudness, such as -14.", min=-40, max=-6)
    ] = None,
    part: Part = "",
    fps: Fps = "",
) -> None:
    """Writes a clip for delivery, reads it back and compares; with poster, contact sheet and provenance beside it."""
    from ..post.delivering import deliver as run
    from ..post.delivering import named_preset
    from ..post.heard import Heard
    from ..post.shape import framing_for
    from ..post.subject import find_subject
    from .files import named
    from .progress import bar
    from .shots import open_shot

    chosen = named_preset(preset)
    source = open_part(clip, part, fps)
    wanted = aspect or chosen.aspect
    place = _place(focus)
    wish = Heard(sound, sound_from if sound else 0.0, volume, lufs)
    with named(sound, "a sound file, or a video with sound") if sound else nullcontext():
        heard = wish.of(source)
    subject = None
    if wanted and place is None:
        with open_shot(shot) if shot else nullcontext() as data:
            subject = find_subject(source, data)
    framing = framing_for(source.stream, wanted, place or 0.0, subject.boxes if subject else None, chosen.size)
    target = out or clip.with_name(f"{clip.stem}_{chosen.name}{chosen.form.suffix}")
    notes: dict[str, object] = {"aspect": wanted, "around": subject.what if subject else focus} if wanted else {}
    notes |= wish.notes()
    with bar(target.name) as told:
        done = run(source, target, chosen, framing, heard, told, notes)
    stream = done.stream
    like = "nothing lost" if done.psnr_db == float("inf") else f"{done.psnr_db:.1f} dB like the clip"
    typer.echo(
        f"{target}: {stream.frames} frames, {stream.width} x {stream.height}, {float(stream.rate):g} fps, "
        f"{done.bytes / 1e6:.1f} MB, read back: {like}"
    )
    tell_lost(done.lost_alpha, done.lost_sound, chosen.form)
    if done.facts["loudness_lufs"] is not None:
        typer.echo(f"  sound at {done.facts['loudness_lufs']:.1f} LUFS")
    if subject:
        follows = "follows it" if framing.follows else "stands still"
        typer.echo(f"  cropped to {wanted} around {subject.what}; the crop {follows}")
    if framing.enlarged:
        crop = framing.crops[0]
        typer.echo(f"  enlarged from {crop.width} x {crop.height}; second-unit finish --step upscale does that better")


def _place(focus: str) -> float | None:
    """0 … 1, or None for the subject."""
    from second_unit_protocol.errors import ErrorCode, SecondUnitError

    if focus == "subject":
        return None
    try:
        place = float(focus)
    except ValueError:
        place = -1.0
    if not 0 <= place <= 1:
        cause = f"The focus {focus!r} cannot be read"
        raise SecondUnitError(ErrorCode.BAD_REQUEST, cause, remedy="Give a number from 0 to 1, or subject")
    return place


deliver.__doc__ = f"{deliver.__doc__}\n\nPresets:\n\n{_PRESETS}"
