# SPDX-License-Identifier: GPL-3.0-or-later
"""Keeps the journal in step with the open .blend: opened, saved, undone, closed."""

from __future__ import annotations

import atexit
from pathlib import Path

import bpy
from bpy.app.handlers import persistent

from .. import later, preferences
from ..link import current, files, pump
from ..protocol.errors import SecondUnitError
from . import provenance

log = later.Log(__name__)


def ensure_open() -> None:
    """Takes up the journal of the .blend that is open now, unless that is done, and the folder of takes as the
    preferences have it now."""
    if (known := current.tracker.journal) is not None:
        current.tracker.take_folder = preferences.take_folder() or known.folder
        return
    shots = [shot.uid for scene in bpy.data.scenes for shot in scene.second_unit.shots]
    try:
        journal = files.open_journal(bpy.data.filepath, shots, provenance.job_ids(), _sync)
    except SecondUnitError as error:
        current.tracker.without_journal(error.info)  # tried again at the next tick
        return
    current.tracker.adopt(journal, preferences.take_folder() or journal.folder)


def tick() -> None:
    """A chore of the pump's."""
    ensure_open()


def close() -> None:
    """Leaves the open file in good order."""
    if not later.used(current):
        return
    journal, current.tracker.journal = current.tracker.journal, None
    if journal is None:
        return
    try:
        files.close(journal)
    except SecondUnitError as error:
        log.error("%s", error)


@persistent
def _load_pre(*_args: object) -> None:
    close()


@persistent
def _load_post(*_args: object) -> None:
    """At the start of a Blender with a window nothing asks for the journal before the timer's first round."""
    if bpy.app.background or later.used(current):
        ensure_open()


@persistent
def _save_post(saved: str = "", *_args: object) -> None:
    if not saved or saved != bpy.data.filepath:  # a copy, or the startup file: what is open was not saved
        return
    ensure_open()
    tracker = current.tracker
    if tracker.journal is None:
        return
    try:
        tracker.journal = files.follow_save(tracker.journal, bpy.data.filepath, provenance.job_ids())
    except SecondUnitError as error:
        log.error("%s", error)
    tracker.take_folder = preferences.take_folder() or tracker.journal.folder
    tracker.revision += 1


@persistent
def _undo_post(*_args: object) -> None:
    journal = current.tracker.journal
    if journal is None:
        return
    try:
        files.note_undo(journal, provenance.job_ids())
    except SecondUnitError as error:
        log.error("%s", error)
    current.tracker.revision += 1


def _sync(path: Path) -> None:
    current.disk.run(lambda: files.force_to_disk(path))


_HANDLERS = (
    ("load_pre", _load_pre),
    ("load_post", _load_post),
    ("save_post", _save_post),
    ("undo_post", _undo_post),
    ("redo_post", _undo_post),
)


def register() -> None:
    for name, handler in _HANDLERS:
        getattr(bpy.app.handlers, name).append(handler)
    atexit.register(close)
    pump.add(__name__)


def unregister() -> None:
    pump.remove(__name__)
    atexit.unregister(close)
    for name, handler in reversed(_HANDLERS):
        getattr(bpy.app.handlers, name).remove(handler)
    close()
