# SPDX-License-Identifier: GPL-3.0-or-later
"""The queue's rows, kept in step with the jobs. Drawing only reads this."""

from __future__ import annotations

import bpy

from ..link.board import QueueRow
from .shot import rows

_by_name: dict[str, QueueRow] = {}
_seen: list[int] = []


def tick() -> None:
    """Brings the list up to date, if the jobs have changed."""
    if _seen != [rows.number()]:
        _seen[:] = [rows.number()]
        refresh()


def refresh() -> None:
    """Brings the list up to date now."""
    manager = bpy.context.window_manager
    if manager is None:
        return
    before = active_row(manager)
    _by_name.clear()
    _by_name.update({row.job_id: row for row in rows.in_queue()})
    state, names = manager.second_unit_queue, list(_by_name)
    if [row.name for row in state.rows] != names:
        state.rows.clear()
        for name in names:
            state.rows.add().name = name
    kept = names.index(before.job_id) if before and before.job_id in _by_name else min(state.active, len(names) - 1)
    if state.active != max(kept, 0):
        state.active = max(kept, 0)


def of_job(job_id: str) -> QueueRow | None:
    return _by_name.get(job_id)


def active_row(manager: bpy.types.WindowManager) -> QueueRow | None:
    """The job that is chosen in the list."""
    state = manager.second_unit_queue
    return _by_name.get(state.rows[state.active].name) if 0 <= state.active < len(state.rows) else None


def clear() -> None:
    """Forgets everything."""
    _by_name.clear()
    _seen.clear()
