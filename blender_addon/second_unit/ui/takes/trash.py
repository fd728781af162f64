# SPDX-License-Identifier: GPL-3.0-or-later
"""Takes off the list, their files in the folder "trash" beside them; undoing that brings both back.

Undo touches neither files nor the journal. So the scene counts what was taken off, which undo does count back, and
whatever is beyond that count is put back.
"""

import os
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import bpy
from bpy.app.handlers import persistent

from ... import later
from ...link import current
from ...protocol.errors import SecondUnitError
from ...sequencer import busy, picked, provenance
from . import view

if TYPE_CHECKING:
    from ...link.records import JobRecord

FOLDER = "trash"

log = later.Log(__name__)


class Taken:
    """A take that was taken off the list: the ``number``-th of its scene."""

    def __init__(self, scene: int, number: int, job_id: str, moved: list[tuple[Path, Path]]):
        self.scene = scene  # its session_uid: a name may go to another scene
        self.number, self.job_id = number, job_id
        self.moved = moved  # (where a file was, where it is now)
        self.is_back, self.is_whole = False, True  # not whole: the disk refused a part of the way there or back


_taken: list[Taken] = []
_returned: list[str] = []  # jobs whose strips Blender has still to look at
_told: list[str] = []  # what the last undo, redo or deletion could not do


def told() -> list[str]:
    """A sentence for each take that is not where undo says, until the next undo or deletion."""
    return _told


def take_off(context: bpy.types.Context, record: "JobRecord", *, files: bool) -> None:
    """Takes it off the list, with its ``files`` to the trash: all of that, or nothing.

    Raises SecondUnitError: BAD_REQUEST for what is off the list, NOT_WRITABLE …
    """
    from ...link.journal import Entry

    if record.removed:
        raise picked.refused(f"{record.shot_name} take {record.take} is off the list already", "Choose another take")
    moved = []
    try:
        for name in record.files if files else ():
            file = view.file_of(record, name)
            if file is not None and file.exists():
                moved.append((file, throw(file)))
        current.tracker.journal.write(Entry.REMOVED, record.job_id)
    except SecondUnitError:
        for was, now in moved:
            with suppress(OSError):
                os.replace(now, was)
        raise
    _follow()  # the last chance of what an undo could not bring back
    _listen()
    counter = context.scene.second_unit
    counter.taken_off += 1
    _taken[:] = [each for each in _taken if not each.is_back]  # what was undone before cannot be redone any more
    _taken.append(Taken(context.scene.session_uid, counter.taken_off, record.job_id, moved))


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
    """Has Blender look again at the strips whose files are back, once they may be touched."""
    if not _returned or busy.reason():
        return
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
    if current.tracker.journal is not None:
        _follow()


def _follow() -> None:
    """Has files and journal agree with what the scenes count, as far as the disk allows."""
    _told.clear()
    scenes = {scene.session_uid: scene for scene in bpy.data.scenes}
    for each in list(_taken):
        scene = scenes.get(each.scene)
        is_off = scene is not None and scene.second_unit.taken_off >= each.number
        if scene is None or (each.is_whole and each.is_back is not is_off):
            continue
        each.is_back, each.is_whole = not is_off, False
        try:
            _take_off_again(each) if is_off else _bring_back(each)
            each.is_whole = True
        except SecondUnitError as error:
            _tell(error.info.sentence())
        current.tracker.revision += 1


def _tell(sentence: str) -> None:
    log.warning("%s", sentence)
    _told.append(sentence)


def _bring_back(each: Taken) -> None:
    """Its files and its row in the list. Raises SecondUnitError; the next undo goes on with it."""
    from ...link.journal import Entry
    from ...protocol.disk import disk_errors

    if _is_lost(each):
        _taken.remove(each)
        record = current.tracker.journal.get(each.job_id)
        name = f"{record.shot_name} take {record.take}" if record else "A take"
        _tell(f"{name} stays off the list: its files in {each.moved[0][1].parent} are gone")
        return
    for was, now in each.moved:
        if now.exists() and not was.exists():
            with disk_errors(was):
                os.replace(now, was)
    current.tracker.journal.write(Entry.RESTORED, each.job_id)
    _returned.append(each.job_id)


def _is_lost(each: Taken) -> bool:
    """Nothing is left of it: the trash was emptied, and no strip waits for its file to be fetched again."""
    has_file = not each.moved or any(path.exists() for pair in each.moved for path in pair)
    return not has_file and provenance.find_strip(each.job_id) is None


def _take_off_again(each: Taken) -> None:
    """Raises SecondUnitError; the next undo or redo goes on with it."""
    from ...link.journal import Entry

    for place, (was, _now) in enumerate(each.moved):
        if was.exists():
            each.moved[place] = was, throw(was)
    current.tracker.journal.write(Entry.REMOVED, each.job_id)


@persistent
def _load_post(*_args: object) -> None:
    _forget()


def _forget() -> None:
    _taken.clear()
    _returned.clear()
    _told.clear()


_HANDLERS = (("undo_post", _undo_post), ("redo_post", _undo_post), ("load_post", _load_post))


def _listen() -> None:
    for name, handler in _HANDLERS:
        if handler not in getattr(bpy.app.handlers, name):
            getattr(bpy.app.handlers, name).append(handler)


def clear() -> None:
    """Forgets everything, and listens no more."""
    _forget()
    for name, handler in _HANDLERS:
        if handler in getattr(bpy.app.handlers, name):
            getattr(bpy.app.handlers, name).remove(handler)
