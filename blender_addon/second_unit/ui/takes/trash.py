# SPDX-License-Identifier: GPL-3.0-or-later
"""Takes off the list, their files in the folder "trash" beside them; undoing that brings both back.

Undo touches neither files nor the journal. So the scene counts what was taken off, which undo does count back, and
whatever is beyond that count is put back.
"""

import os
from pathlib import Path
from typing import TYPE_CHECKING

import bpy
from bpy.app.handlers import persistent

from ... import later
from ...link import current
from ...protocol.errors import SecondUnitError
from ...sequencer import busy, provenance
from . import view

if TYPE_CHECKING:
    from ...link.records import JobRecord

FOLDER = "trash"

log = later.Log(__name__)


class Taken:
    """A take that was taken off the list: the ``number``-th of its scene."""

    def __init__(self, scene: str, number: int, job_id: str, moved: list[tuple[Path, Path]]):
        self.scene, self.number, self.job_id = scene, number, job_id
        self.moved = moved  # (where a file was, where it is now)
        self.is_back = False


_taken: list[Taken] = []
_returned: list[str] = []  # jobs whose strips Blender has still to look at


def take_off(context: bpy.types.Context, record: "JobRecord", *, files: bool) -> None:
    """Takes it off the list, with its ``files`` to the trash. Raises SecondUnitError (NOT_WRITABLE …)."""
    from ...link.journal import Entry

    moved = []
    for name in record.files if files else ():
        file = view.file_of(record, name)
        if file is not None and file.exists():
            moved.append((file, throw(file)))
    current.tracker.journal.write(Entry.REMOVED, record.job_id)
    _listen()
    counter = context.scene.second_unit
    counter.taken_off += 1
    _taken[:] = [each for each in _taken if not each.is_back]  # what was undone before cannot be redone any more
    _taken.append(Taken(context.scene.name, counter.taken_off, record.job_id, moved))


def throw(file: Path) -> Path:
    """Moves it to the trash; where it is then. Raises SecondUnitError (NOT_WRITABLE …).

    A file of the same name in the trash stays: ours gets a number.
    """
    from ...protocol.disk import disk_errors

    folder = file.parent / FOLDER
    with disk_errors(folder):
        folder.mkdir(exist_ok=True)
        goal, number = folder / file.name, 1
        while goal.exists():
            goal, number = folder / f"{file.stem}.{number:03d}{file.suffix}", number + 1
        os.replace(file, goal)
    return goal


def tick() -> None:
    """Has Blender look again at the strips whose files are back."""
    while _returned:
        job_id = _returned.pop()
        for scene in bpy.data.scenes:
            strips = [s for s in provenance.strips_of(scene) if s.second_unit.job_id == job_id and s.type == "MOVIE"]
            if strips:
                with busy.still_timeline(scene):
                    for strip in strips:
                        strip.filepath = strip.filepath
                        strip.reload_if_needed()


@persistent
def _undo_post(*_args: object) -> None:
    if current.tracker.journal is None:
        return
    for each in _taken:
        scene = bpy.data.scenes.get(each.scene)
        is_off = scene is not None and scene.second_unit.taken_off >= each.number
        if scene is None or is_off != each.is_back:
            continue
        try:
            _take_off_again(each) if is_off else _bring_back(each)
        except SecondUnitError as error:
            log.warning("%s", error.info.sentence())
        current.tracker.revision += 1


def _bring_back(each: Taken) -> None:
    from ...link.journal import Entry
    from ...protocol.disk import disk_errors

    each.is_back = True
    for was, now in each.moved:
        if now.exists() and not was.exists():
            with disk_errors(was):
                os.replace(now, was)
    current.tracker.journal.write(Entry.RESTORED, each.job_id)
    _returned.append(each.job_id)


def _take_off_again(each: Taken) -> None:
    from ...link.journal import Entry

    each.is_back = False
    each.moved = [(was, throw(was)) for was, _ in each.moved if was.exists()]
    current.tracker.journal.write(Entry.REMOVED, each.job_id)


@persistent
def _load_post(*_args: object) -> None:
    _taken.clear()
    _returned.clear()


_HANDLERS = (("undo_post", _undo_post), ("redo_post", _undo_post), ("load_post", _load_post))


def _listen() -> None:
    for name, handler in _HANDLERS:
        if handler not in getattr(bpy.app.handlers, name):
            getattr(bpy.app.handlers, name).append(handler)


def clear() -> None:
    """Forgets everything, and listens no more."""
    _taken.clear()
    _returned.clear()
    for name, handler in _HANDLERS:
        if handler in getattr(bpy.app.handlers, name):
            getattr(bpy.app.handlers, name).remove(handler)
