# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes strips, and keeps the journal in step with the open .blend."""

from .. import later

__getattr__ = later.modules(
    __name__,
    "above",
    "bare",
    "busy",
    "channels",
    "colour",
    "comparing",
    "compat",
    "frames",
    "landing",
    "masks",
    "picked",
    "playing",
    "queue",
    "sound",
    "target",
)

from ..link import pump
from . import memory, provenance, queue

_PARTS = (provenance, memory)
_CHORES = (f"{__name__}.queue", f"{__name__}.sound")


def register() -> None:
    for part in _PARTS:
        part.register()
    for chore in _CHORES:
        pump.add(chore)


def unregister() -> None:
    for chore in reversed(_CHORES):
        pump.remove(chore)
    later.clear(queue)
    for part in reversed(_PARTS):
        part.unregister()
