# SPDX-License-Identifier: GPL-3.0-or-later
"""The two processes of the demo: a daemon of its own and Blender, both with private folders."""

from __future__ import annotations

import importlib.util
import json
import os
import shutil
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from second_unit_protocol.connection import Connection, load
from second_unit_protocol.errors import ErrorCode, SecondUnitError
from second_unit_protocol.paths import HOME_VARIABLE
from second_unit_protocol.paths import home as own_home

from ..conditioning.projection.cached import KERNELS_VARIABLE

START_SECONDS = 30.0
STOP_SECONDS = 20.0
PREFIX = "SECOND_UNIT "  # of progress lines, see the extension's demo/run.py
TAIL_LINES = 15

Progress = Callable[[str, str, float | None], None]  # stage, words, 0 … 1 or None


def check_blender(blender: Path | None) -> None:
    """Raises SecondUnitError where there is no such program; None stands for this Python's bpy."""
    if blender is None and importlib.util.find_spec("bpy") is None:
        raise SecondUnitError(
            ErrorCode.BAD_REQUEST,
            f"The demo needs Blender, and {sys.executable} has no bpy",
            remedy="Install it: pip install -e '.[demo]' (Python 3.11 or 3.13), or give --blender PATH",
        )
    if blender is not None and shutil.which(blender) is None:
        raise SecondUnitError(ErrorCode.BAD_REQUEST, f"{blender} is no program that can be started", remedy="")


@contextmanager
def private_daemon(home: Path) -> Iterator[Connection]:
    """A daemon with its own home folder, for as long as the block lasts."""
    environment = {**os.environ, HOME_VARIABLE: str(home)}
    environment.setdefault(KERNELS_VARIABLE, str(own_home() / "cache" / "numba"))  # what it compiles serves others too
    log = home / "serve.log"
    home.mkdir(parents=True)
    with log.open("w") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "second_unit_daemon.cli", "serve"],
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        yield _connection_of(process, home / "connection.json", log)
    finally:
        process.terminate()
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(STOP_SECONDS)


def run_blender(blender: Path | None, archive: Path, home: Path, settings: dict[str, object], tell: Progress) -> None:
    """Runs the extension's demo to its end. Raises SecondUnitError with Blender's last lines when it fails."""
    work = Path(str(settings["work"]))
    with zipfile.ZipFile(archive) as names:
        bootstrap = Path(names.extract("demo/bootstrap.py", work))
    settings_file = work / "settings.json"
    settings_file.write_text(json.dumps({**settings, "archive": str(archive)}))
    process = subprocess.Popen(
        [*_blender_command(blender, bootstrap), str(settings_file)],
        env={**os.environ, HOME_VARIABLE: str(home), "BLENDER_USER_RESOURCES": str(work / "blender")},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
    )
    tail: list[str] = []
    try:
        assert process.stdout is not None
        for line in process.stdout:
            if line.startswith(PREFIX):
                said = json.loads(line.removeprefix(PREFIX))
                tell(said["stage"], said["words"], said["fraction"])
            elif line.strip():
                tail = [*tail, line.rstrip()][-TAIL_LINES:]
        code = process.wait()
    finally:
        if process.poll() is None:
            process.kill()
            process.wait(STOP_SECONDS)
    if code:
        raise SecondUnitError(
            ErrorCode.CAPTURE_FAILED, "Blender's part of the demo failed:\n" + "\n".join(tail), remedy=""
        )


def _connection_of(process: subprocess.Popen[bytes], path: Path, log: Path) -> Connection:
    deadline = time.monotonic() + START_SECONDS
    while not path.exists():
        if process.poll() is not None or time.monotonic() > deadline:
            raise SecondUnitError(ErrorCode.NO_DAEMON, f"The demo's daemon did not start:\n{log.read_text().strip()}")
        time.sleep(0.02)
    return load(path)


def _blender_command(blender: Path | None, bootstrap: Path) -> list[str]:
    """A Blender program runs the script in background; a Python runs it straight."""
    if blender is None:
        return [sys.executable, str(bootstrap)]
    if blender.name.lower().startswith("python"):
        return [str(blender), str(bootstrap)]
    options = ["--background", "--factory-startup", "--python-exit-code", "1"]
    return [str(blender), *options, "--python", str(bootstrap), "--"]
