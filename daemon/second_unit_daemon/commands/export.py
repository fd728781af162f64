# SPDX-License-Identifier: GPL-3.0-or-later
"""The command that writes a shot in the forms that other programs and models read."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from .camera import notes
from .shots import open_shot


def export(
    shot: Annotated[
        str, typer.Argument(metavar="SHOT", help="Start of a job's id, or a folder with an exported shot.")
    ] = "",
    form: Annotated[str, typer.Option(help="What to write; --list has the forms.")] = "shot",
    out: Annotated[Path | None, typer.Option(help="File or folder to write.")] = None,
    list_forms: Annotated[bool, typer.Option("--list", help="List the forms and who reads each.")] = False,
    bits: Annotated[int, typer.Option(help="Bits of a sample of depth: 8, 10 or 16.")] = 0,
    backward: Annotated[bool, typer.Option("--backward", help="Flow from each frame to the one before.")] = False,
    seed: Annotated[int, typer.Option(help="Seed of warped noise.")] = 0,
    spacing: Annotated[int, typer.Option(min=2, help="Pixels between tracks.")] = 32,
    by: Annotated[str, typer.Option(help="What regions are masks of: object, material or collection.")] = "object",
    of: Annotated[str, typer.Option(metavar="NAME", help="Of regions, this one alone.")] = "",
) -> None:
    """Writes a shot in a form that other programs and models read."""
    from second_unit_protocol.errors import ErrorCode, SecondUnitError

    from ..conditioning.exports import Options, export_shot, find_export

    if list_forms:
        _list()
        return
    if not shot or out is None:
        cause = "Nothing says which shot to export" if not shot else "Nothing says where to write"
        remedy = "Write: second-unit export SHOT --form FORM --out PATH (second-unit jobs lists them)"
        raise SecondUnitError(ErrorCode.BAD_REQUEST, cause, remedy=remedy)
    chosen = find_export(form)
    with notes(), open_shot(shot) as opened:
        export_shot(opened, chosen.name, out, Options(bits, backward, seed, spacing, by, of))
        frames = len(opened)
    typer.echo(f"{out}: {frames} frames as {chosen.title}")


def _list() -> None:
    from rich.console import Console
    from rich.table import Table

    from ..conditioning.exports import EXPORTS

    table = Table(box=None, header_style="bold")
    for heading in ("form", "what it is", "written as", "read by"):
        table.add_column(heading, no_wrap=heading == "form")
    for found in EXPORTS.values():
        table.add_row(found.name, found.title, found.files, found.read_by)
    Console().print(table)
