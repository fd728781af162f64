# SPDX-License-Identifier: GPL-3.0-or-later
"""``second-unit bench-models``: the same five camera moves shot by every engine that is named, and measured."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from .camera import parse_size


def bench_models(
    engine: Annotated[list[str], typer.Option(help="Name of an engine; give it again for more.")],
    out: Annotated[Path, typer.Option(help="Folder for table, figures and plot.", file_okay=False)] = Path("bench"),
    frames: Annotated[int, typer.Option(min=3, max=1000, help="Length of each shot at 24 fps.")] = 49,
    size: Annotated[str, typer.Option(help="Width and height.")] = "832x480",
) -> None:
    """Shoots dolly, orbit, pan, zoom and handheld in one room with each engine and measures how it kept to them."""
    from .. import devices
    from ..bench.run import Row, bench

    def told(row: Row) -> None:
        typer.echo(f"{row.engine:<16}{row.move:<10}{row.problem or row.verdict}")

    rows = bench(engine, frames, parse_size(size), devices.best(), out, told)
    typer.echo(f"{out / 'bench.md'}: {len(rows)} clips measured")
