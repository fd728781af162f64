# SPDX-License-Identifier: GPL-3.0-or-later
"""Looks at the shot that the panel shows, a few times a second: what is wrong with it, and what to ask the daemon.

Panels only draw what this found; they never compute.
"""

from __future__ import annotations

import time

import bpy

from ...core.spec import ShotSpec
from ...link import current
from ...protocol.errors import ErrorInfo
from . import checks
from .props import active_shot, renew_copied_uids
from .spec import plan_request, seed_matters, shot_spec
from .stamp import Watched

LOOK_EVERY_S = 0.3


class _Look:
    """What the last look found. ``number`` changes with it."""

    spec: ShotSpec | None = None
    problems: tuple[ErrorInfo, ...] = ()
    notes: tuple[str, ...] = ()
    number: int = 0
    next_s: float = 0.0


_look = _Look()
_stamps = Watched()


def problems() -> tuple[ErrorInfo, ...]:
    """Why the shot cannot be shot as it stands."""
    return _look.problems


def notes() -> tuple[str, ...]:
    """What the artist should know, though nothing stands in the way."""
    return _look.notes


def shot_uid() -> str:
    """The shot that was looked at; empty where there is none."""
    return _look.spec.uid if _look.spec else ""


def stamps() -> dict[str, str]:
    """Stamps of the shot as it stands, to tell what has changed since a take."""
    return _stamps.now


def tick() -> int:
    """Looks, if it is time; returns a number that changes with what was found."""
    now = time.monotonic()
    if now >= _look.next_s:
        _look.next_s = now + LOOK_EVERY_S
        renew_copied_uids()
        before = (_look.spec, _look.problems, _look.notes, _stamps.now)
        _look_at_active_shot()
        _look.number += before != (_look.spec, _look.problems, _look.notes, _stamps.now)
    return _look.number


def _look_at_active_shot() -> None:
    manager = bpy.context.window_manager
    window = next(iter(manager.windows), None) if manager else None
    shot = active_shot(window.scene) if window else None
    if window is None or shot is None:
        _look.spec, _look.problems, _look.notes = None, (), ()
        current.planner.want(None)
        _stamps.look(None)
        return
    spec = shot_spec(window.scene, window.view_layer, shot)
    _look.spec = spec
    _stamps.look(spec)
    problems, notes = checks.glance(spec)
    _look.problems, _look.notes = tuple(problems), tuple(notes)
    wanted = None if _look.problems else plan_request(spec, seed_matters=seed_matters(shot))
    current.planner.want(wanted)
