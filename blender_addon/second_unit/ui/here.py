# SPDX-License-Identifier: GPL-3.0-or-later
"""Commands of the daemon's program run on this machine, also where the daemon in use is on another: what that means."""

from __future__ import annotations

from pathlib import Path

from .. import preferences
from ..link import launcher
from ..protocol.errors import ErrorCode, SecondUnitError


def program() -> Path:
    """The daemon's program. Raises SecondUnitError where it is not installed here."""
    found = launcher.find_program(preferences.daemon_program())
    if found is not None:
        return found
    remote = preferences.remote()
    if remote is None:
        raise SecondUnitError(
            ErrorCode.NO_DAEMON,
            "The daemon is not installed",
            remedy="Press Install in the panel Daemon of a 3D viewport",
        )
    raise SecondUnitError(
        ErrorCode.NO_DAEMON,
        f"This runs the program on this machine, where it is not installed; the daemon in use is {remote.place}",
        remedy="Choose This Machine in the preferences, press Install in the panel Daemon, and choose the other again",
    )


def shot_elsewhere() -> str:
    """Why programs here cannot ask for a take's shot: the daemon that knows it is another machine's. Else empty."""
    remote = preferences.remote()
    return f"The take's shot is known to the daemon at {remote.place}, and this runs on this machine" if remote else ""


def ask_for_shot(command: str) -> None:
    """Raises SecondUnitError where the take's shot, which the command needs, cannot be asked for from here."""
    if reason := shot_elsewhere():
        raise SecondUnitError(ErrorCode.NO_DAEMON, reason, remedy=f"Run there: second-unit {command}")
