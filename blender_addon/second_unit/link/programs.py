# SPDX-License-Identifier: GPL-3.0-or-later
"""Commands of the daemon's program (export, finish, sound, deliver), run one after another beside Blender."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from pathlib import Path

from ..protocol.errors import ErrorCode, SecondUnitError
from ..protocol.late import define, field
from . import background, environment

PROGRESS = "progress"  # commands/progress.py writes: progress DONE TOTAL
NOTE = "note: "  # commands/submitting.py begins with it what the artist should know, also where all goes well
SURE_S = 3.0  # of work before it is said how long the rest takes
KEPT = 3  # that are over, in the panel
SAID_LINES = 40  # the last of what a command said, for its error


@define(eq=False)
class Run:
    """A command: ``words`` say how it stands; ``over`` is None while it runs, then whether it succeeded."""

    title: str
    out: Path
    words: str = ""
    over: bool | None = None
    done: int = 0
    total: int = 0
    began_s: float = 0.0  # time.monotonic() when its work began
    cancelled: bool = False
    notes: tuple[str, ...] = ()  # what the command said that its result does not show
    process: subprocess.Popen | None = field(default=None, repr=False)

    @property
    def share(self) -> float:
        """How far it is, 0 … 1."""
        return self.done / self.total if self.total else 0.0

    @property
    def seconds_left(self) -> float | None:
        """None where nothing is known of it yet."""
        took_s = time.monotonic() - self.began_s
        return took_s * (1 - self.share) / self.share if self.share and took_s > SURE_S else None

    def cancel(self) -> None:
        """Ends it; what is half written is removed by the command itself, or stays where it was killed."""
        self.cancelled = True
        if self.process is not None:
            self.process.terminate()


class Programs:
    """The main thread's; commands run in a thread of their own, in order."""

    def __init__(self) -> None:
        self.runs: list[Run] = []

    @cached_property
    def _work(self) -> background.Background:
        return background.Background()

    def start(
        self,
        command: Sequence[str],
        title: str,
        out: Path,
        doing: str,
        then: Callable[[Run], None] = lambda run: None,
        variables: Mapping[str, str] | None = None,
    ) -> Run:
        """Runs ``command``, which writes ``out``; :meth:`poll` notices the end and calls ``then``.

        Args:
            doing: the words while it runs, such as "Exporting Depth Video".
            variables: of its environment, beside this process's.
        """
        run = Run(title, out, doing)
        self.runs = [*(r for r in self.runs if r.over is None), *[r for r in self.runs if r.over is not None][-KEPT:]]
        self.runs.append(run)

        def ended(said: object) -> None:
            run.process = None
            run.over = not isinstance(said, SecondUnitError)
            run.words = f"{title} is at {out}" if run.over else f"{title} was stopped" if run.cancelled else str(said)
            then(run)

        self._work.run(lambda: _run(list(command), run, dict(variables or {})), ended)
        return run

    def wait(self, run: Run) -> Run:
        """For scripts: turns :meth:`poll` until it is over."""
        while run.over is None:
            self.poll()
            time.sleep(0.02)
        return run

    def poll(self) -> tuple[tuple[str, int], ...]:
        """How all of them stand."""
        self._work.poll()
        return tuple((run.words, round(100 * run.share)) for run in self.runs)

    def forget(self) -> None:
        """Drops those that are over."""
        self.runs = [run for run in self.runs if run.over is None]


def _run(command: list[str], run: Run, variables: dict[str, str]) -> str:
    """The program's output. Raises SecondUnitError with what it said when it failed."""
    if run.cancelled:
        raise SecondUnitError(ErrorCode.CANCELLED, f"{run.title} was stopped")
    flags = {"creationflags": subprocess.CREATE_NO_WINDOW} if sys.platform == "win32" else {}
    try:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            encoding="utf-8",
            errors="replace",
            env=environment.clean_variables() | {"SECOND_UNIT_PROGRESS": "1"} | variables,
            **flags,
        )
    except OSError as error:
        raise SecondUnitError(ErrorCode.INTERNAL, f"{command[0]} did not run ({error})") from error
    run.process, run.began_s = process, time.monotonic()
    if run.cancelled:
        process.terminate()
    assert process.stdout is not None and process.stderr is not None
    output: list[str] = []
    reader = threading.Thread(target=lambda: output.extend(process.stdout), name="second-unit output", daemon=True)
    reader.start()
    said = _listened(process.stderr, run)
    run.notes = tuple(line.removeprefix(NOTE).strip() for line in said if line.startswith(NOTE))
    reader.join()
    code = process.wait()
    process.stdout.close()
    process.stderr.close()
    if code != 0:
        told = (line.strip(" │\n") for line in reversed(said))  # what is wrong with the words stands in a frame
        last = next((line for line in told if any(map(str.isalnum, line))), f"code {code}")
        cause, _, remedy = last.removeprefix("second-unit: ").rpartition(". ")
        raise SecondUnitError(ErrorCode.INTERNAL, cause or last, remedy=remedy if cause else None)
    return "".join(output)


def _listened(stderr, run: Run) -> list[str]:
    """Notes progress; returns the last lines of the rest."""
    said: list[str] = []
    for line in stderr:
        words = line.split()
        if len(words) == 3 and words[0] == PROGRESS and words[1].isdigit() and words[2].isdigit():
            run.done, run.total = int(words[1]), int(words[2])
        else:
            said = [*said[-SAID_LINES:], line]
    return said
