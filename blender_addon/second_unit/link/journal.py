# SPDX-License-Identifier: GPL-3.0-or-later
"""The add-on's memory of its jobs, in a file of its own: undo, revert, copies and crashes of Blender do not touch it.

A journal is a text file of JSON lines. It is only ever appended to, a line is written in one call, and a line that a
crash cut short is passed over. What is known of a job is the fold of its lines, see :class:`JobRecord`.

File paths are kept relative to the journal's folder where they lie below it, so that a project folder can be moved.
"""

from __future__ import annotations

import errno
import json
import logging
import os
import time
from collections.abc import Callable, Iterable
from enum import StrEnum
from pathlib import Path

from ..protocol.disk import disk_errors
from .records import JobRecord, fold

log = logging.getLogger(__name__)


class Entry(StrEnum):
    """What a line says; all but CLOSED are about one job."""

    SUBMITTED = "submitted"  # on its way to the daemon; the line holds everything that landing needs
    FETCHING = "fetching"  # the daemon has finished it; the line names the files to be written
    FETCHED = "fetched"  # the files are on disk, whole
    LANDED = "landed"  # a strip shows it
    PASSED = "passed"  # a better variation landed instead of it
    UNLANDED = "unlanded"  # the artist undid that
    KEPT = "kept"  # the .blend was saved since, with the strip in it or taken away
    ACKNOWLEDGED = "acknowledged"  # the daemon knows that it arrived
    ENDED = "ended"  # failed, cancelled or refused: nothing will come
    MOVED = "moved"  # another file's journal follows it now
    NOTED = "noted"  # the artist named or starred it
    REMOVED = "removed"  # the artist took it off the list
    RESTORED = "restored"  # and undid that
    CLOSED = "closed"  # a session ended in good order (no job)


class Journal:
    """One open journal. Reads are from memory; :meth:`write` appends at once and then updates the memory."""

    def __init__(self, path: Path, session: str, sync: Callable[[Path], None] | None = None):
        """``session`` names this run of Blender with this file. ``sync`` is called with the path after each write,
        to have the bytes forced to disk elsewhere than on the caller's thread."""
        self.path = path
        self.session = session
        self.closed_sessions: set[str] = set()
        self.last_session = ""  # the one that wrote last
        self._records: dict[str, JobRecord] = {}
        self._sync = sync
        self._read_to = 0
        self.refresh()

    @property
    def folder(self) -> Path:
        return self.path.parent

    @property
    def length(self) -> int:
        """Bytes that have been read; grows with every line."""
        return self._read_to

    def records(self) -> list[JobRecord]:
        """Everything known, oldest first."""
        return list(self._records.values())

    def get(self, job_id: str) -> JobRecord | None:
        return self._records.get(job_id)

    def write(self, entry: Entry, job_id: str = "", **facts: object) -> None:
        """Adds a line. Raises SecondUnitError(NOT_WRITABLE or DISK_FULL)."""
        line = {"entry": entry.value, "at": round(time.time(), 3), "session": self.session}
        if job_id:
            line["job"] = job_id
        line.update(facts)
        self._append([line])
        self.refresh()

    def refresh(self) -> bool:
        """Takes in what was added, by this Blender or another one with the same file; True if that was anything.

        Raises SecondUnitError(NOT_WRITABLE) where the file may not be read.
        """
        try:
            size = self.path.stat().st_size
        except OSError:
            return False
        if size == self._read_to:
            return False
        if size < self._read_to:  # another file was saved over this one's .blend: see moved_to
            self._read_to = 0
            self._records.clear()
            self.closed_sessions.clear()
        with disk_errors(self.path), self.path.open("rb") as file:
            file.seek(self._read_to)
            fresh = file.read()
        whole = fresh[: fresh.rfind(b"\n") + 1]
        self._read_to += len(whole)
        for raw in whole.splitlines():
            line = _parsed(raw)
            if line is not None:
                self._take_in(line)
        return bool(whole)

    def relative(self, path: str | Path) -> str:
        """A path as the journal keeps it."""
        try:
            return Path(path).relative_to(self.folder).as_posix()
        except ValueError:
            return str(path)

    def absolute(self, kept: str) -> Path:
        return self.folder / kept

    def moved_to(self, path: Path) -> Journal:
        """This journal under another path, for a .blend saved there; jobs still open are followed from there only.

        A journal that lies there already belonged to a file that was overwritten, and is put aside.
        """
        _make_folder(path.parent)
        if path.exists():
            with disk_errors(path):
                os.replace(path, path.with_name(path.name + ".old"))
        lines = [line for raw in _lines_of(self.path) if (line := _parsed(raw)) is not None]
        moved = Journal(path, self.session, self._sync)
        for line in lines:
            for name, kept in (line.get("files") or {}).items():
                line["files"][name] = moved.relative(self.absolute(kept))
        moved._append(lines)
        moved.refresh()
        for record in self.records():
            if record.open:
                self.write(Entry.MOVED, record.job_id, to=str(path))
        return moved

    def _append(self, lines: Iterable[dict]) -> None:
        data = b"".join(json.dumps(line, ensure_ascii=False).encode() + b"\n" for line in lines)
        if not data:
            return
        _make_folder(self.folder)
        with disk_errors(self.path), self.path.open("ab+", buffering=0) as file:
            if file.tell():
                file.seek(-1, os.SEEK_END)
                if file.read(1) != b"\n":  # a crash cut the last line short: let it be a line of its own
                    data = b"\n" + data
            if file.write(data) < len(data):  # one call, so that lines of two Blenders do not mix
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        if self._sync:
            self._sync(self.path)

    def _take_in(self, line: dict) -> None:
        self.last_session = str(line["session"])
        if line["entry"] == Entry.CLOSED:
            self.closed_sessions.add(line["session"])
            return
        job_id = line.get("job")
        known = self._records.get(job_id)
        if known is None and line["entry"] != Entry.SUBMITTED:  # without that line there is nothing to land
            return
        try:
            self._records[job_id] = fold(known or JobRecord(job_id), line)
        except (KeyError, TypeError, ValueError):
            log.warning("A line of %s is damaged and was passed over: %.200s", self.path, line)


def _parsed(raw: bytes) -> dict | None:
    try:
        line = json.loads(raw)
    except ValueError:
        return None
    return line if isinstance(line, dict) and isinstance(line.get("entry"), str) and "session" in line else None


def _lines_of(path: Path) -> list[bytes]:
    try:
        return path.read_bytes().splitlines()
    except FileNotFoundError:
        return []


def _make_folder(folder: Path) -> None:
    with disk_errors(folder / "journal"):
        folder.mkdir(parents=True, exist_ok=True)
