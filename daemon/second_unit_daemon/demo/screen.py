# SPDX-License-Identifier: GPL-3.0-or-later
"""What the demo shows in the terminal: one line per stage, a bar for the stage that runs, figures at the end."""

from __future__ import annotations

import time
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

from .report import Report

STAGES = {
    "start": "Daemon started",
    "build": "Extension built",
    "scene": "Scene built",
    "references": "References rendered",
    "truth": "True frames rendered",
    "capture": "Shot captured",
    "job": "Clip made and landed",
    "fetch": "Clip fetched",
    "figures": "Clip compared with true frames",
    "sheet": "Contact sheet drawn",
}


class Screen:
    """Use it as a context manager; ``tell`` what happens. ``seconds`` holds the length of each stage so far."""

    def __init__(self, console: Console | None = None):
        self.seconds: dict[str, float] = {}
        self._console = console or Console()
        columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
        self._progress = Progress(*columns, console=self._console, transient=True)
        self._task = self._progress.add_task("", total=None)
        self._stage = ""
        self._since = time.monotonic()

    def __enter__(self) -> Screen:
        self._progress.start()
        return self

    def __exit__(self, error: object, *_: object) -> None:
        if error is None:
            self._end_stage()
        self._progress.stop()

    def tell(self, stage: str, words: str, fraction: float | None) -> None:
        """``stage`` is one of STAGES; a new one ends the last. ``fraction`` 0 … 1, or None."""
        if stage != self._stage:
            self._end_stage()
            self._stage, self._since = stage, time.monotonic()
        total = None if fraction is None else 1.0
        self._progress.update(self._task, description=words, total=total, completed=fraction or 0.0)

    def show(self, report: Report, out: Path) -> None:
        table = Table(show_header=False, box=None, padding=(0, 2))
        for label, value in report.lines():
            table.add_row(label, value)
        self._console.print(table)
        for name in ("contact_sheet.png", "shot.mp4", "demo.blend", "report.json"):
            self._console.print(f"  {out / name}", highlight=False, soft_wrap=True)

    def _end_stage(self) -> None:
        if not self._stage:
            return
        spent = time.monotonic() - self._since
        self.seconds[self._stage] = round(self.seconds.get(self._stage, 0.0) + spent, 3)
        self._console.print(f"[green]✓[/] {STAGES[self._stage]} [dim]{spent:.1f} s[/]", highlight=False)
        self._stage = ""
