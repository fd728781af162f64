# SPDX-License-Identifier: GPL-3.0-or-later
"""A bar for commands that take a while, lines for a program that asks for them; nothing where nobody looks."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

LINES_VARIABLE = "SECOND_UNIT_PROGRESS"  # set by Blender's panels, which draw a bar of their own


@contextmanager
def bar(what: str) -> Iterator[Callable[[int, int], None]]:
    """A function that is told (done, total)."""
    if os.environ.get(LINES_VARIABLE):
        yield _line
        return
    if not sys.stderr.isatty():
        yield lambda done, total: None
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as shown:
        task = shown.add_task(what, total=None)
        yield lambda done, total: shown.update(task, completed=done, total=total)


def _line(done: int, total: int) -> None:
    """``progress DONE TOTAL`` on stderr."""
    sys.stderr.write(f"progress {done} {total}\n")
    sys.stderr.flush()
