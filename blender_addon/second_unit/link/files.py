# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the journal of the open .blend is, and following the file as it is opened, saved and closed."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterable
from pathlib import Path

from ..protocol import paths
from ..protocol.disk import disk_errors
from . import processes
from .journal import Entry, Journal


def journal_path(blend: str) -> Path:
    """Beside the .blend, in the folder that holds its takes; in the user's folder where that may not be written to."""
    path = Path(blend)
    beside = path.parent / "second_unit"
    if os.access(beside if beside.is_dir() else path.parent, os.W_OK):
        return beside / f"{path.stem}.journal.jsonl"
    place = hashlib.sha256(str(path).encode()).hexdigest()[:16]
    return paths.home() / "journals" / f"{path.stem}-{place}" / "journal.jsonl"


def unsaved_folder() -> Path:
    return paths.home() / "unsaved"


def open_journal(blend: str, shots: Iterable[str], jobs: Iterable[str], sync: Callable[[Path], None]) -> Journal:
    """The journal of a .blend.

    One that was never saved has it in the user's folder. After a crash it is found again, by the ``shots`` of the file
    or by the ``jobs`` that its strips show; a file that the artist closed without saving is not taken up by its shots,
    which another new file may have too (from the startup file).

    Raises SecondUnitError(NOT_WRITABLE) where the journal may not be read.
    """
    session = processes.new_session()
    if blend:
        return Journal(journal_path(blend), session, sync)
    wanted_shots, wanted_jobs = set(shots), set(jobs)
    for path in sorted(unsaved_folder().glob("*/journal.jsonl")) if wanted_shots or wanted_jobs else ():
        journal = Journal(path, session, sync)
        if processes.session_alive(journal.last_session):
            continue
        records = journal.records()
        crashed = journal.last_session not in journal.closed_sessions
        if any(r.job_id in wanted_jobs or (crashed and r.shot_id in wanted_shots) for r in records):
            return journal
    return Journal(unsaved_folder() / session / "journal.jsonl", session, sync)


def follow_save(journal: Journal, blend: str, kept_jobs: Iterable[str]) -> Journal:
    """The journal after the .blend was saved at ``blend`` with strips of ``kept_jobs`` in it: what this session landed
    is as the artist wants it, there or not."""
    path = journal_path(blend)
    if path != journal.path:
        before, journal = journal, journal.moved_to(path)
        if before.path.is_relative_to(unsaved_folder()):
            before.path.unlink(missing_ok=True)
    there = set(kept_jobs)
    for record in journal.records():
        settled = record.job_id in there or record.landing_session == journal.session
        if record.landed and not record.kept and settled:
            journal.write(Entry.KEPT, record.job_id)
    return journal


def close(journal: Journal) -> None:
    """The session ends in good order: what it landed and did not save, the artist gave up."""
    if journal.records():
        journal.write(Entry.CLOSED)


def note_undo(journal: Journal, jobs_on_timeline: set[str]) -> None:
    """After an undo or redo: which of this session's landings are on the timeline now."""
    for record in journal.records():
        if not record.landed or record.landing_session != journal.session:
            continue
        there = record.job_id in jobs_on_timeline
        if record.undone == there:
            journal.write(Entry.LANDED if there else Entry.UNLANDED, record.job_id)


def force_to_disk(path: Path) -> None:
    """Has the system write a journal's bytes out, so that they outlive a power cut."""
    with disk_errors(path), path.open("rb+") as file:
        os.fsync(file.fileno())
