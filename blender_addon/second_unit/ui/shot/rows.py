# SPDX-License-Identifier: GPL-3.0-or-later
"""Jobs as the panels show them, made when something changes. Drawing only reads this."""

from __future__ import annotations

from ...link import board, current
from ...link.board import QueueRow
from ...link.state import JobView, job_views
from ...sequencer import busy, queue


class _Made:
    """What was made last, and of what."""

    def __init__(self) -> None:
        self.jobs: list[JobView] = []
        self.rows: list[QueueRow] = []
        self.number = 0
        self.of: tuple[object, ...] = ()


_made = _Made()


def tick() -> int:
    """Makes them anew, if anything has changed; returns a number that changes with them."""
    now = (current.tracker.revision, current.board.revision, current.link.phase, busy.reason())
    if now != _made.of:
        refresh()
        _made.of = now
    return _made.number


def refresh() -> None:
    """Makes them anew now."""
    waits = queue.waiting()
    jobs = job_views(current.tracker, waits)
    rows = board.rows(current.board, current.tracker, waits)
    _made.number += (jobs, rows) != (_made.jobs, _made.rows)
    _made.jobs, _made.rows = jobs, rows


def number() -> int:
    """Changes with what was made."""
    return _made.number


def shown_by_shoot() -> list[JobView]:
    """Jobs of the open file that something happens to now; those that wait for their turn are in the queue alone."""
    return [view for view in _made.jobs if view.fraction is not None and view.job_id not in current.tracker.errors]


def in_queue() -> list[QueueRow]:
    """Every job of this user, in the order in which they are shown."""
    return _made.rows


def clear() -> None:
    """Forgets everything."""
    _made.jobs, _made.rows, _made.of = [], [], ()
