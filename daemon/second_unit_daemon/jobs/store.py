# SPDX-License-Identifier: GPL-3.0-or-later
"""Jobs on disk, and the only place in the daemon that changes a job's state."""

from __future__ import annotations

import math
import sqlite3
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from attrs import evolve, frozen
from second_unit_protocol.codec import pack, unpack
from second_unit_protocol.errors import ErrorCode, ErrorInfo, SecondUnitError
from second_unit_protocol.results import JobInfo, ShotResult
from second_unit_protocol.shot import BlobRef, ShotRequest
from second_unit_protocol.states import JobState, check_transition

from .database import open_database, storage_error

Place = dict[str, int]

# Fair turns: everybody's first job before anybody's second, and whoever was served longest ago goes first.
QUEUE_ORDER = """
    SELECT job_id FROM (
        SELECT job_id, queued, rowid AS arrival,
               ROW_NUMBER() OVER (PARTITION BY owner ORDER BY queued, rowid) AS turn,
               (SELECT COALESCE(MAX(claimed), 0) FROM jobs AS theirs WHERE theirs.owner = jobs.owner) AS served
        FROM jobs WHERE state = 'queued'
    ) ORDER BY turn, served, queued, arrival
"""
INFO_COLUMNS = """job_id, owner, shot_id, shot_name, engine, state, reason, created, updated, stage, fraction,
    seconds_left, attempt, crashes, error, result"""


@frozen
class StoredJob:
    """A job with what only the daemon needs to know of it. ``info.queue_place`` is set by :meth:`JobStore.placed`."""

    owner: str
    info: JobInfo
    crashes: int  # how often a worker or the daemon died while running it


@frozen
class Move:
    """One line of a job's history."""

    at: float
    old: str
    new: str
    reason: str


class JobStore:
    """Belongs to one thread. Every method raises SecondUnitError (DISK_FULL, NOT_WRITABLE) when the disk fails it."""

    def __init__(self, path: Path, clock: Callable[[], float] = time.time):
        self._path = path
        self._clock = clock
        self._db = open_database(path)

    def close(self) -> None:
        self._db.close()

    # --- writing ---------------------------------------------------------------------------------------------------

    def add(self, owner: str, job_id: str, shot: ShotRequest, state: JobState, reason: str) -> StoredJob:
        """Enters a new job in ``state`` (waiting or queued)."""
        now = self._clock()
        queued = now if state is JobState.QUEUED else None
        row = (job_id, owner, shot.shot_id, shot.shot_name, shot.engine, pack(shot), state, reason, now, queued, now)
        with self._transaction():
            self._db.execute(
                "INSERT INTO jobs (job_id, owner, shot_id, shot_name, engine, shot, state, reason, created, queued,"
                " updated) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                row,
            )
            self._remember(job_id, "", state, reason, now)
            self._link(job_id, shot.blobs(), "input")
        return self._require(job_id)

    def move(
        self,
        job_id: str,
        new: JobState,
        reason: str,
        *,
        error: ErrorInfo | None = None,
        result: ShotResult | None = None,
        crashed: bool = False,
    ) -> StoredJob:
        """Changes a job's state. Raises IllegalTransition for a move that the table of states does not have."""
        with self._transaction():
            self._move(job_id, new, reason, error=error, result=result, crashed=crashed)
        return self._require(job_id)

    def claim(self, device: str) -> StoredJob | None:
        """Takes the next queued job for a device: found and marked running in one transaction."""
        with self._transaction():
            first = self._db.execute(QUEUE_ORDER + " LIMIT 1").fetchone()
            if first is None:
                return None
            self._move(first["job_id"], JobState.RUNNING, f"claimed by {device}")
            self._db.execute(
                "UPDATE jobs SET device = ?, claimed = ?, attempt = attempt + 1 WHERE job_id = ?",
                (device, self._clock(), first["job_id"]),
            )
        return self._require(first["job_id"])

    def reorder(self, owner: str, job_id: str, before: str) -> None:
        """Puts a queued job of the owner's right before another, or (``before`` empty) after all of them.

        The owner's queued jobs share out the times that they were queued at anew, so that nobody else's turn moves.
        """
        with self._transaction():
            rows = self._db.execute(
                "SELECT job_id, queued FROM jobs WHERE owner = ? AND state = 'queued' ORDER BY queued, rowid", (owner,)
            ).fetchall()
            order = [row["job_id"] for row in rows if row["job_id"] != job_id]
            order.insert(order.index(before) if before else len(order), job_id)
            last = -math.inf
            for each, row in zip(order, rows, strict=True):
                last = max(row["queued"], math.nextafter(last, math.inf))  # two may have come in one tick of the clock
                self._db.execute("UPDATE jobs SET queued = ? WHERE job_id = ?", (last, each))

    def progress(self, job_id: str, stage: str, fraction: float, seconds_left: float | None) -> None:
        """Notes how far a running job is; a job in another state keeps what it has."""
        with self._guard():
            self._db.execute(
                "UPDATE jobs SET stage = ?, fraction = ?, seconds_left = ?, updated = ?"
                " WHERE job_id = ? AND state IN ('running', 'cancelling')",
                (stage, fraction, seconds_left, self._clock(), job_id),
            )

    def forget(self, before: float) -> int:
        """Drops jobs that are over (delivered, failed, cancelled) and unchanged since ``before``; returns how many."""
        with self._transaction():
            return self._db.execute(
                "DELETE FROM jobs WHERE state IN ('delivered', 'failed', 'cancelled') AND updated < ?", (before,)
            ).rowcount

    # --- reading ---------------------------------------------------------------------------------------------------

    def get(self, job_id: str) -> StoredJob | None:
        with self._guard():
            row = self._db.execute(f"SELECT {INFO_COLUMNS} FROM jobs WHERE job_id = ?", (job_id,)).fetchone()
        return _stored(row) if row else None

    def owned(self, owner: str, job_id: str) -> StoredJob:
        """Raises SecondUnitError(NO_SUCH_JOB), also for somebody else's job."""
        job = self.get(job_id)
        if job is None or job.owner != owner:
            raise SecondUnitError(ErrorCode.NO_SUCH_JOB, f"There is no job {job_id[:40]}")
        return job

    def shot(self, job_id: str) -> ShotRequest:
        """Raises SecondUnitError(BAD_MESSAGE) for what another version of the daemon has kept in another form."""
        with self._guard():
            (packed,) = self._db.execute("SELECT shot FROM jobs WHERE job_id = ?", (job_id,)).fetchone()
        return unpack(ShotRequest, packed)

    def of_owner(self, owner: str, shot_id: str, limit: int) -> list[StoredJob]:
        """Newest first; an empty ``shot_id`` means all."""
        with self._guard():
            rows = self._db.execute(
                f"SELECT {INFO_COLUMNS} FROM jobs WHERE owner = ? AND (? = '' OR shot_id = ?)"
                " ORDER BY created DESC, rowid DESC LIMIT ?",
                (owner, shot_id, shot_id, limit),
            ).fetchall()
        return [_stored(row) for row in rows]

    def in_state(self, *states: JobState) -> list[StoredJob]:
        marks = ", ".join("?" * len(states))
        with self._guard():
            rows = self._db.execute(
                f"SELECT {INFO_COLUMNS} FROM jobs WHERE state IN ({marks}) ORDER BY created, rowid", states
            ).fetchall()
        return [_stored(row) for row in rows]

    def count(self, *states: JobState) -> int:
        marks = ", ".join("?" * len(states))
        with self._guard():
            return self._db.execute(f"SELECT COUNT(*) FROM jobs WHERE state IN ({marks})", states).fetchone()[0]

    def places(self) -> Place:
        """Queue place, from 0, of every queued job."""
        with self._guard():
            return {row["job_id"]: place for place, row in enumerate(self._db.execute(QUEUE_ORDER))}

    def placed(self, job: StoredJob, places: Place | None = None) -> JobInfo:
        """The job as it travels, with its queue place while it is queued."""
        if job.info.state is not JobState.QUEUED:
            return job.info
        return evolve(job.info, queue_place=(self.places() if places is None else places).get(job.info.job_id))

    def history(self, job_id: str) -> list[Move]:
        with self._guard():
            rows = self._db.execute(
                "SELECT at, old, new, reason FROM history WHERE job_id = ? ORDER BY rowid", (job_id,)
            ).fetchall()
        return [Move(*row) for row in rows]

    def digests_needed(self, since: float) -> set[str]:
        """Digests that unfinished and undelivered jobs need, and those of any job that changed after ``since``."""
        with self._guard():
            rows = self._db.execute(
                "SELECT DISTINCT digest FROM job_blobs JOIN jobs USING (job_id) WHERE updated >= ?"
                " OR state IN ('waiting', 'queued', 'running', 'cancelling')"
                " OR (state = 'succeeded' AND role = 'result')",
                (since,),
            ).fetchall()
        return {row["digest"] for row in rows}

    # --- inside ----------------------------------------------------------------------------------------------------

    def _move(
        self,
        job_id: str,
        new: JobState,
        reason: str,
        *,
        error: ErrorInfo | None = None,
        result: ShotResult | None = None,
        crashed: bool = False,
    ) -> None:
        row = self._db.execute("SELECT state, queued FROM jobs WHERE job_id = ?", (job_id,)).fetchone()
        if row is None:
            raise SecondUnitError(ErrorCode.NO_SUCH_JOB, f"There is no job {job_id[:40]}")
        old, now = JobState(row["state"]), self._clock()
        check_transition(old, new)
        changes: dict[str, object] = {"state": new, "reason": reason, "updated": now, "seconds_left": None}
        if new is JobState.QUEUED:
            # A job that was interrupted keeps its place; a retry goes to the end.
            changes["queued"] = row["queued"] if old is JobState.RUNNING else now
            changes |= {"stage": "", "fraction": 0.0, "error": None, "result": None}
        if new is JobState.SUCCEEDED:
            changes |= {"stage": "", "fraction": 1.0}
        if error is not None:
            changes["error"] = pack(error)
        if result is not None:
            changes["result"] = pack(result)
            made = (result.clip, result.master, result.poster, result.holes, result.sound, result.still)
            self._link(job_id, (ref for ref in made if ref), "result")
        assignments = ", ".join(f"{column} = ?" for column in changes)
        self._db.execute(
            f"UPDATE jobs SET {assignments}, crashes = crashes + ? WHERE job_id = ?",
            (*changes.values(), int(crashed), job_id),
        )
        self._remember(job_id, old, new, reason, now)

    def _remember(self, job_id: str, old: str, new: str, reason: str, now: float) -> None:
        self._db.execute("INSERT INTO history VALUES (?, ?, ?, ?, ?)", (job_id, now, old, new, reason))

    def _link(self, job_id: str, refs: Iterable[BlobRef], role: str) -> None:
        rows = [(job_id, ref.digest, role) for ref in refs]
        self._db.executemany("INSERT OR IGNORE INTO job_blobs VALUES (?, ?, ?)", rows)

    def _require(self, job_id: str) -> StoredJob:
        job = self.get(job_id)
        assert job is not None, job_id
        return job

    @contextmanager
    def _guard(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            raise storage_error(error, self._path) from error

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        with self._guard():
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield
                self._db.execute("COMMIT")
            except BaseException:
                if self._db.in_transaction:
                    self._db.execute("ROLLBACK")
                raise


def _stored(row: sqlite3.Row) -> StoredJob:
    values = dict(row)
    owner, crashes = values.pop("owner"), values.pop("crashes")
    values["state"] = JobState(values["state"])
    values["error"] = unpack(ErrorInfo, values["error"]) if values["error"] else None
    try:
        values["result"] = unpack(ShotResult, values["result"]) if values["result"] else None
    except SecondUnitError as error:  # it was written by another version; the rest of the queue must stay readable
        cause = f"The job's result cannot be read any more ({error.info.cause})"
        values |= {"result": None, "error": SecondUnitError(error.code, cause, shot=values["shot_name"]).info}
    return StoredJob(owner, JobInfo(**values), crashes)
