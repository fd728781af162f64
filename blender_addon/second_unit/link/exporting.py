# SPDX-License-Identifier: GPL-3.0-or-later
"""Exports of takes by the daemon's program, one after another, beside Blender."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from attrs import define

from ..protocol.errors import ErrorCode, SecondUnitError
from . import environment
from .background import Background

PATIENCE_S = 3600.0
KEPT = 3  # that are over, in the panel


@define
class Run:
    """An export: ``words`` say how it stands; ``over`` is None while it runs, then whether it succeeded."""

    title: str
    out: Path
    words: str = ""
    over: bool | None = None


class Exporter:
    """The main thread's; the program runs in a thread of its own."""

    def __init__(self) -> None:
        self.runs: list[Run] = []
        self._work = Background()

    def start(self, program: Path, job_id: str, form: str, title: str, out: Path) -> Run:
        """Has ``program export`` write a job's shot; :meth:`poll` notices the end."""
        run = Run(title, out, f"Exporting {title}")
        self.runs = [*(r for r in self.runs if r.over is None), *[r for r in self.runs if r.over is not None][-KEPT:]]
        self.runs.append(run)
        command = [str(program), "export", job_id, "--form", form, "--out", str(out)]

        def ended(said: object) -> None:
            run.over = not isinstance(said, SecondUnitError)
            run.words = f"{title} is at {out}" if run.over else str(said)

        self._work.run(lambda: _run(command), ended)
        return run

    def poll(self) -> tuple[str, ...]:
        """How all of them stand."""
        self._work.poll()
        return tuple(run.words for run in self.runs)

    def forget(self) -> None:
        """Drops those that are over."""
        self.runs = [run for run in self.runs if run.over is None]


def _run(command: list[str]) -> str:
    """The program's output. Raises SecondUnitError with what it said when it failed."""
    flags = {"creationflags": subprocess.CREATE_NO_WINDOW} if sys.platform == "win32" else {}
    try:
        done = subprocess.run(
            command,
            capture_output=True,
            text=True,
            encoding="utf-8",
            errors="replace",
            timeout=PATIENCE_S,
            check=False,
            stdin=subprocess.DEVNULL,
            env=environment.clean_variables(),
            **flags,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise SecondUnitError(ErrorCode.INTERNAL, f"{command[0]} did not run ({error})") from error
    if done.returncode != 0:
        last = next((line for line in reversed(done.stderr.splitlines()) if line.strip()), f"code {done.returncode}")
        cause, _, remedy = last.removeprefix("second-unit: ").rpartition(". ")
        raise SecondUnitError(ErrorCode.INTERNAL, cause or last, remedy=remedy if cause else None)
    return done.stdout
