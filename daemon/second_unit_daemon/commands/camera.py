# SPDX-License-Identifier: GPL-3.0-or-later
"""Commands about camera paths in files: from one form to another, and what is in one."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from ..conditioning.forms import CameraTrack, Given

Size = Annotated[str | None, typer.Option(help="Picture's size where the file does not say it: 1280x720.")]
Fov = Annotated[float | None, typer.Option(help="Horizontal field of view in degrees, where the file has no lens.")]
Fps = Annotated[float, typer.Option(help="Frames a second, where the file has no times.")]
Scale = Annotated[float, typer.Option(help="Metres for each unit of the file.")]
Which = Annotated[str, typer.Option("--camera", help="Which camera, where the file has several: cam03.")]
Source = Annotated[Path, typer.Argument(metavar="IN", help="File, or folder for the forms that are folders.")]
From = Annotated[str | None, typer.Option("--from", help="Form of IN; told from the file where it is clear.")]

CONVERT = "second-unit camera convert"  # for commands that take a path in forms that files show alone
ANY_SIZE, ANY_FOV = "1280x720", 60.0

app = typer.Typer(help="Camera paths in files.", no_args_is_help=True)


@app.command()
def convert(
    source: Source,
    out: Annotated[Path, typer.Argument(metavar="OUT", help="File or folder to write.")],
    to: Annotated[str, typer.Option("--to", help="Form of OUT; second-unit camera forms lists them.")],
    form: From = None,
    size: Size = None,
    fov: Fov = None,
    fps: Fps = 24.0,
    scale: Scale = 1.0,
    camera: Which = "",
) -> None:
    """Writes a camera path in another form."""
    from ..conditioning.forms import NO_LENS, find_form, read_camera, write_camera

    with notes():
        chosen = find_form(to)
        if NO_LENS in chosen.loses:  # nobody needs to say what is lost again
            size, fov = size or ANY_SIZE, fov or ANY_FOV
        track = read_camera(source, form, given(size, fov, fps, scale, camera))
        write_camera(track, out, chosen.name)
    typer.echo(f"{out}: {len(track)} frames as {chosen.title}")


@app.command()
def show(
    source: Source,
    form: From = None,
    size: Size = None,
    fov: Fov = None,
    fps: Fps = 24.0,
    scale: Scale = 1.0,
    camera: Which = "",
) -> None:
    """Says what is in a camera file: frames, lens, how far it goes."""
    from ..conditioning.forms import read_camera
    from .output import write_facts

    with notes():
        track = read_camera(source, form, given(size, fov, fps, scale, camera))
    write_facts(facts(track))


@app.command()
def forms() -> None:
    """Lists the forms of camera path, and who reads each."""
    from rich.console import Console
    from rich.table import Table

    from ..conditioning.forms import FORMS

    table = Table(box=None, header_style="bold")
    for heading in ("form", "what it is", "read by"):
        table.add_column(heading, no_wrap=heading == "form")
    for found in FORMS.values():
        table.add_row(found.name, found.title, found.read_by)
    Console().print(table)


def given(size: str | None, fov: float | None, fps: float, scale: float, camera: str = "") -> Given:
    """The options of a command as the facts beside a camera file. Raises SecondUnitError for a size that is none."""
    from ..conditioning.forms import Given

    return Given(parse_size(size) if size else None, fov, fps, scale, camera)


def read_path(path: Path, form: str | None, beside: Given, **options: str) -> CameraTrack:
    """A camera path for a command whose ``options`` are called otherwise than those of ``camera convert``:
    ``size="--camera-size"``. Raises SecondUnitError with a remedy that the command's user can follow."""
    from second_unit_protocol.errors import SecondUnitError

    from ..conditioning.forms import read_camera

    try:
        with notes():
            return read_camera(path, form, beside)
    except SecondUnitError as error:
        remedy = error.info.remedy
        for name, option in options.items():
            remedy = remedy.replace(f"(--{name.rstrip('_')}", f"({option}")
        raise SecondUnitError(error.code, error.info.cause, remedy=remedy) from error


def parse_size(text: str) -> tuple[int, int]:
    """Width and height from ``1280x720``. Raises SecondUnitError(BAD_SIZE)."""
    from second_unit_protocol.errors import ErrorCode, SecondUnitError

    found = re.fullmatch(r"\s*(\d{1,5})\s*[x×]\s*(\d{1,5})\s*", text, re.IGNORECASE)
    if not found or not int(found[1]) or not int(found[2]):
        raise SecondUnitError(ErrorCode.BAD_SIZE, f"{text} is no size", remedy="Write width and height: 1280x720")
    return int(found[1]), int(found[2])


@contextmanager
def notes() -> Iterator[None]:
    """Writes what a form cannot hold to the error stream, a line each, and lets other warnings be."""
    import warnings

    from ..conditioning.forms import CameraWarning

    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", CameraWarning)
        yield
    for warning in caught:
        if issubclass(warning.category, CameraWarning):
            typer.echo(f"note: {warning.message}", err=True)


def facts(track: CameraTrack) -> dict[str, object]:
    """What a person asks of a path: frames and rate, lens, length of the way, how far it turns."""
    import numpy as np

    places = track.c2w[:, :3, 3]
    way = float(np.linalg.norm(np.diff(places, axis=0), axis=1).sum())
    cosines = (np.trace(track.relative[:, :3, :3], axis1=1, axis2=2) - 1) / 2
    turn = float(np.degrees(np.arccos(np.clip(cosines, -1, 1))).max())
    angles = np.degrees(2 * np.arctan(0.5 * track.width / track.intrinsics[:, 0, 0]))
    lens = f"{angles[0]:.2f}° across" if np.ptp(angles) < 5e-3 else f"{angles[0]:.2f}° to {angles[-1]:.2f}° across"
    centre = track.intrinsics[0, :2, 2] - np.array([track.width, track.height]) / 2
    return {
        "frames": len(track),
        "rate": f"{track.fps:.5g} fps" if track.fps else "uneven times",
        "picture": f"{track.width} x {track.height}",
        "lens": lens
        + (f", centre off by {centre[0]:+.1f}, {centre[1]:+.1f} px" if np.abs(centre).max() > 0.05 else ""),
        "way": f"{way:.3f} m",
        "turns": f"{turn:.2f}° from the first frame at most",
        "from": _place(places[0]),
        "to": _place(places[-1]),
    }


def _place(metres: NDArray[np.float64]) -> str:
    return "({})".format(", ".join(f"{round(float(value), 3) + 0.0:.3f}" for value in metres))
