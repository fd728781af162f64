# SPDX-License-Identifier: GPL-3.0-or-later
"""The clip that a command works on, as its options name it: a file or folder, a part of it, a rate."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ..encode.formats import alpha_kept

if TYPE_CHECKING:
    from ..encode.formats import Format
    from ..post.clip import SourceClip

Clip = Annotated[Path, typer.Argument(help="A video, or a folder of numbered pictures.")]
Part = Annotated[
    str, typer.Option(metavar="FIRST:COUNT", help="Frames of it, counted from 0, such as 12:48; default: all.")
]
Fps = Annotated[
    str, typer.Option(help="Rate at which it is played, such as 24 or 24000/1001; default: a video's own, 24.")
]


def tell_lost(alpha: bool, sound: bool, form: Format) -> None:
    """A note for transparency and one for sound, where they were lost; Blender's panel shows them."""
    if alpha:
        typer.echo(
            f"note: {form.what} holds no transparency: the clip lies over black; {alpha_kept()} keep it", err=True
        )
    if sound:
        typer.echo(f"note: {form.what} holds no sound: it is left out", err=True)


def open_part(path: Path, part: str = "", fps: str = "") -> SourceClip:
    """Raises SecondUnitError for what is no clip, no part of it, or no rate."""
    from second_unit_protocol.errors import ErrorCode, SecondUnitError
    from second_unit_protocol.grid import Rate

    from ..post.clip import open_clip, part_of
    from .files import named

    try:
        rate = Rate.of(Fraction(fps)) if fps else None
    except (ValueError, ZeroDivisionError):
        raise SecondUnitError(
            ErrorCode.BAD_REQUEST, f"{fps!r} is no rate", remedy="Write it as 24 or 24000/1001"
        ) from None
    with named(path, "a video, or a folder of numbered pictures"):
        return part_of(open_clip(path, rate), part)
