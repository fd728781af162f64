# SPDX-License-Identifier: GPL-3.0-or-later
"""The ``second-unit`` command. Each command imports what it needs, so that --help and serve start fast."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer
from second_unit_protocol.errors import SecondUnitError
from second_unit_protocol.paths import HOME_VARIABLE

from .commands import (
    access,
    animate,
    camera,
    deliver,
    edits,
    finish,
    joins,
    models,
    motion,
    queue,
    reshoot,
    service,
    sound,
    variations,
    verify,
)
from .commands.bench_models import bench_models
from .commands.consistency import consistency
from .commands.export import export
from .commands.fit import fit
from .commands.project import project
from .commands.restyle import restyle
from .threads import one_for_small_matrices

app = typer.Typer(
    name="second-unit",
    help="Second Unit's render daemon: start it, look at its queue, find out what is wrong.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)


@app.callback()
def root(
    home: Annotated[
        Path | None, typer.Option(help="Folder with the daemon's jobs, blobs, keys and logs.", file_okay=False)
    ] = None,
) -> None:
    if home is not None:
        os.environ[HOME_VARIABLE] = str(home.expanduser().absolute())


for command in (
    service.serve,
    service.stop,
    service.status,
    service.engines,
    service.doctor,
    service.log,
    service.version,
):
    app.command()(command)
for command in (queue.jobs, queue.show, queue.cancel, queue.retry, queue.move, queue.fetch, queue.free_memory):
    app.command()(command)
app.command()(access.key)
app.command(context_settings={"ignore_unknown_options": True})(access.allow)  # a key may begin with a dash
app.command()(export)
app.command()(project)
app.command()(restyle)
app.command()(fit)
app.command()(consistency)
app.command()(bench_models)
app.add_typer(camera.app, name="camera")
app.add_typer(models.app, name="models")
for command in (edits.extend, edits.modify, motion.motion, edits.remix, edits.final):
    app.command()(command)
for command in (animate.animate, animate.text, joins.bridge, joins.stitch):
    app.command()(command)
for command in (
    verify.verify,
    variations.vary,
    variations.rank,
    finish.finish,
    sound.sound,
    deliver.deliver,
    reshoot.reshoot,
):
    app.command()(command)


@app.command()
def demo(
    out: Annotated[Path, typer.Option(help="Folder for what it makes.", file_okay=False)] = Path("demo_out"),
    blender: Annotated[
        Path | None, typer.Option(help="Blender program or Python that has bpy; default: this Python.")
    ] = None,
    frames: Annotated[int | None, typer.Option(min=2, help="Length of the shot in frames.")] = None,
    size: Annotated[str | None, typer.Option(help="Width and height, such as 832x480.")] = None,
) -> None:
    """Shoots the demo scene from end to end, without Blender's window, and leaves files to look at."""
    from .demo.run import run

    run(out=out, blender=blender, frames=frames, size=size)


def main() -> None:
    """Entry point: an error is one line, and the exit code says that there was one."""
    one_for_small_matrices()
    try:
        app()
    except SecondUnitError as error:
        typer.echo(f"second-unit: {error}", err=True)
        raise SystemExit(1) from None


if __name__ == "__main__":
    main()
