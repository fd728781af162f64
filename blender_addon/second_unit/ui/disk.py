# SPDX-License-Identifier: GPL-3.0-or-later
"""What panels know of files. It is looked up in the disk thread: drawing never waits for a disk or a network."""

from __future__ import annotations

import struct
import time
from pathlib import Path

from ..core.pictures import size_of
from ..link import current
from ..protocol.late import frozen

LOOK_EVERY_S = 2.0
LOOKS_AT_ONCE = 32


@frozen
class FileFacts:
    """``stamp`` changes with the file's contents, ``length`` is in bytes; ``size`` is (width, height) of a picture that
    says."""

    found: bool
    stamp: int = 0
    length: int = 0
    size: tuple[int, int] | None = None


_known: dict[Path, FileFacts] = {}
_changes = [0]  # how often what is known has changed
_next_look: dict[Path, float] = {}
_due: dict[Path, None] = {}  # in the order in which they were asked for


def known(path: Path) -> FileFacts | None:
    """What the last look found; None before the first. Has the file looked at again every other second."""
    now = time.monotonic()
    if now >= _next_look.get(path, 0.0):
        _next_look[path] = now + LOOK_EVERY_S
        _due[path] = None
    return _known.get(path)


def tick() -> int:
    """Has some of what was asked for looked at; returns a number that changes with what is known."""
    some = list(_due)[:LOOKS_AT_ONCE]
    for path in some:
        del _due[path]
    if some:
        current.disk.run(lambda: {path: _look(path) for path in some}, _learn)
    return revision()


def revision() -> int:
    """Grows with every change of what is known."""
    return _changes[0]


def clear() -> None:
    """Forgets everything."""
    _known.clear()
    _changes[0] += 1
    _next_look.clear()
    _due.clear()


def _learn(found: object) -> None:
    if isinstance(found, dict) and any(_known.get(path) != facts for path, facts in found.items()):
        _known.update(found)
        _changes[0] += 1


def _look(path: Path) -> FileFacts:
    try:
        if not path.is_file():
            return FileFacts(found=False)
        found = path.stat()
        return FileFacts(True, found.st_mtime_ns, found.st_size, _size(path))
    except OSError:
        return FileFacts(found=False)


def _size(path: Path) -> tuple[int, int] | None:
    try:
        return size_of(path)
    except (ValueError, LookupError, struct.error):  # a damaged picture; capture will say so
        return None
