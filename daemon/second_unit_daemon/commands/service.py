# SPDX-License-Identifier: GPL-3.0-or-later
"""Commands about the daemon itself."""

from __future__ import annotations

import os
import time
from typing import Annotated

import typer

Json = Annotated[bool, typer.Option("--json", help="Write JSON for scripts.")]
STOP_WAIT_S = 20.0


def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen on; the default is loopback.")] = None,
    port: Annotated[int | None, typer.Option(help="Port for control; the default is any free one.")] = None,
    log_level: Annotated[str | None, typer.Option(help="DEBUG, INFO, WARNING or ERROR.")] = None,
    quiet: Annotated[bool, typer.Option("--quiet", help="Log to the file only.")] = False,
) -> None:
    """Runs the daemon until it is stopped."""
    from second_unit_protocol.connection import Connection
    from second_unit_protocol.paths import home, log_folder

    from .. import app, config, log

    settings = config.load(home(), os.environ, {"host": host, "port": port, "log_level": log_level})
    log.set_up(log_folder(), settings.log_level, terminal=not quiet)

    def announce(connection: Connection) -> None:
        typer.echo(f"Second Unit {connection.daemon_version} listens on {connection.endpoint} (home: {home()})")

    app.serve(home(), settings, announce)


def stop() -> None:
    """Stops the daemon; a running job starts again with the next one."""
    from second_unit_protocol.connection import load
    from second_unit_protocol.errors import ErrorCode, SecondUnitError
    from second_unit_protocol.messages import Shutdown
    from second_unit_protocol.paths import connection_file

    from .session import daemon, lives

    with daemon() as client:
        pid = load(connection_file()).pid
        try:
            client.call(Shutdown())
        except SecondUnitError as error:
            if error.code is not ErrorCode.DAEMON_GONE:  # it may be faster than its reply
                raise
    deadline = time.monotonic() + STOP_WAIT_S
    while lives(pid):
        if time.monotonic() > deadline:
            raise SecondUnitError(ErrorCode.TIMEOUT, f"The daemon (process {pid}) has not ended yet")
        time.sleep(0.05)
    typer.echo("The daemon has stopped.")


def status(as_json: Json = False) -> None:
    """Says whether the daemon runs, and how it is."""
    from second_unit_protocol.messages import GetStatus

    from .output import write_facts, write_json
    from .session import daemon

    with daemon() as client:
        info = client.call(GetStatus()).info
    if as_json:
        write_json(info)
        return
    write_facts(
        {
            "daemon": f"{info.version}, process {info.pid}, up {info.uptime_s:.0f} s",
            "device": f"{info.device.name}, {info.device.free_bytes / 2**30:.1f} GB free",
            "jobs": f"{info.running} running, {info.queued} queued",
            "disk": f"{info.free_disk_bytes / 2**30:.1f} GB free",
        }
    )


def engines(as_json: Json = False) -> None:
    """Lists the engines and what each one takes."""
    from second_unit_protocol.messages import ListEngines

    from .output import write_json
    from .session import daemon

    with daemon() as client:
        found = client.call(ListEngines()).engines
    if as_json:
        write_json(found)
        return
    for engine in found:
        typer.echo(f"{engine.name}: {engine.label}")
        if not engine.available:
            typer.echo(f"  cannot be used: {engine.unavailable_reason}")
        else:
            rate = f"{float(engine.native_rate.fraction):g} frames a second" if engine.native_rate else "any rate"
            typer.echo(f"  {engine.description}")
            typer.echo(f"  takes {', '.join(engine.takes)}")
            typer.echo(f"  frames {engine.frame_rule}, {rate}, sides ÷{engine.size_multiple}; licence {engine.licence}")


def doctor(as_json: Json = False) -> None:
    """Checks everything that the daemon needs and says what to do about what is wrong."""
    from ..doctor import examine, worst, write

    findings = examine()
    if as_json:
        from .output import write_json

        write_json(findings)
    else:
        write(findings)
    raise typer.Exit(1 if worst(findings) == "problem" else 0)


def log(
    job: Annotated[str, typer.Argument(help="Only lines about this job: the start of its id.")] = "",
    lines: Annotated[int, typer.Option(min=1, help="At most so many of the last lines.")] = 40,
) -> None:
    """Prints the end of the daemon's log, with what engines said when they failed."""
    from second_unit_protocol.paths import log_folder

    from ..log import FILE, tail

    found = tail(log_folder() / FILE, lines, job)
    for line in found:
        typer.echo(line)
    typer.echo(f"({log_folder() / FILE})" if found else f"Nothing in {log_folder() / FILE}", err=True)


def version() -> None:
    """Prints the version."""
    from .. import __version__

    typer.echo(__version__)
