# SPDX-License-Identifier: GPL-3.0-or-later
"""What runs now, in the headers of viewports and sequencers: whatever tab, editor or workspace is open, it is seen."""

from __future__ import annotations

import bpy

from ..link import current, state
from ..protocol.late import frozen
from .finish import running
from .shot import rows, shoot

UNITS = 11.0  # a button's height each: as wide as the words of most


@frozen
class Going:
    """``share`` of it is done, 0 … 1."""

    words: str
    share: float
    left: str = ""


def now() -> list[Going]:
    """All that runs for the open file, the jobs first; nothing that only waits for its turn."""
    shooting = shoot.now.running
    found = [Going(shooting.words, shooting.fraction)] if shooting else []
    found += [Going(f"{job.title}, {job.stage}", job.fraction or 0.0, job.time_left) for job in rows.shown_by_shoot()]
    for run in (*running.programs.runs, *current.exporter.runs):
        if run.over is None and run.process is not None:
            left = run.seconds_left
            found.append(Going(run.words, run.share, "" if left is None else f"{state.duration(left)} left"))
    return found


def draw(layout: bpy.types.UILayout) -> None:
    """The first of them; how many there are besides."""
    going = now()
    if not going:
        return
    row = layout.row(align=True)
    row.separator()
    bar = row.row()
    bar.ui_units_x = UNITS
    first = going[0]
    bar.progress(factor=first.share, text=f"{first.left or format(first.share, '.0%')} · {first.words}")
    if len(going) > 1:
        row.label(text=f"+{len(going) - 1}", translate=False)
