# SPDX-License-Identifier: GPL-3.0-or-later
"""The one timer: drains what the daemon and the disk thread have for us, and redraws the panels when that changed them.

A round keeps to a budget: what does not fit into it comes first in the next.

Without a window (scripts) no timer runs; there :func:`tick` is called by whoever waits.
"""

from __future__ import annotations

import importlib
import threading
import time
from collections import deque

import bpy

from .. import later, preferences
from . import current

log = later.Log(__name__)

BUSY_S, QUIET_S = 0.03, 0.2
LINK_S = 0.008  # of a round, for what has come in
BUDGET_S = 0.008  # what a round may have taken for one more chore to be begun
_REDRAWN = {"VIEW_3D": ("UI", "HEADER"), "SEQUENCE_EDITOR": ("UI", "HEADER"), "PREFERENCES": ("WINDOW",)}

# Modules, by name, whose tick() is called once a round; they need not be imported before. What it returns is compared
# with its last answer: a change redraws the panels.
_chores: deque[str] = deque()
_answers: dict[str, object] = {}
_shown: list[object] = []
_warmth: list[threading.Thread] = []


def add(chore: str) -> None:
    _chores.append(chore)


def remove(chore: str) -> None:
    _chores.remove(chore)
    _answers.pop(chore, None)


def tick() -> None:
    """One round, within the time budget but for what a single chore needs (the landing of a strip)."""
    until = time.monotonic() + BUDGET_S
    current.link.preferred_program = preferences.daemon_program()
    current.link.use(preferences.remote())
    current.link.restart_when_lost = preferences.start_when_needed() and bool(current.tracker.active())
    current.disk.poll()
    current.link.tick(LINK_S)
    current.tracker.tick()
    for _chore in range(len(_chores)):
        _answers[_chores[0]] = importlib.import_module(_chores[0]).tick()
        _chores.rotate(-1)
        if time.monotonic() > until:
            break
    _redraw_on_change(list(_answers.values()))


def busy() -> bool:
    """Something is on its way, so that the timer should come back soon."""
    return bool(
        not current.link.idle
        or current.tracker.active()
        or current.tracker.landable()
        or current.paintings.busy
        or current.fits.busy
        or current.editor.preparing
    )


def _warm() -> None:
    """What panels draw with and what talking to the daemon takes: imports and generated code."""
    from ..protocol import client, codec  # noqa: F401 - for whoever imports the client then

    later.load()
    codec.prepare()


def _warmed() -> bool:
    """Has a thread do it, once Blender is up: neither its start nor its window waits."""
    if not _warmth:
        _warmth.append(threading.Thread(target=_warm, name="second-unit warm-up", daemon=True))
        _warmth[0].start()
    return not _warmth[0].is_alive()


def _timer() -> float:
    if not _warmed():
        return BUSY_S
    try:
        tick()
    except Exception:  # a timer that raises is never called again, and with it the link would be dead
        log.exception("Second Unit's timer")
    return BUSY_S if busy() else QUIET_S


def _redraw_on_change(answers: list[object]) -> None:
    told = (
        current.link,
        current.tracker,
        current.planner,
        current.models,
        current.paintings,
        current.fits,
        current.board,
    )
    shows = [*(part.revision for part in told), current.installer.poll(), current.exporter.poll(), answers]
    if shows == _shown:
        return
    _shown[:] = shows
    redraw_panels()


def redraw_panels() -> None:
    """Has sidebars, headers and the preferences drawn again, and only those: drawing a viewport's scene may take
    long."""
    manager = bpy.context.window_manager
    for window in manager.windows if manager else ():
        for area in window.screen.areas:
            for region in area.regions:
                if region.type in _REDRAWN.get(area.type, ()):
                    region.tag_redraw()


def register() -> None:
    bpy.app.timers.register(_timer, first_interval=0.1, persistent=True)


def unregister() -> None:
    if bpy.app.timers.is_registered(_timer):
        bpy.app.timers.unregister(_timer)
    later.clear(current)
