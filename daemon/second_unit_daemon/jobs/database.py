# SPDX-License-Identifier: GPL-3.0-or-later
"""Opens the job database: WAL, foreign keys, numbered migrations."""

from __future__ import annotations

import re
import sqlite3
from importlib import resources
from pathlib import Path

from second_unit_protocol.errors import ErrorCode, SecondUnitError

BUSY_TIMEOUT_S = 5.0


def migrations() -> list[tuple[int, str]]:
    """(number, SQL) of every migration, in order; ``0001_name.sql`` has number 1."""
    folder = resources.files("second_unit_daemon.jobs") / "migrations"
    found = [(int(m[1]), entry) for entry in folder.iterdir() if (m := re.fullmatch(r"(\d{4})_\w+\.sql", entry.name))]
    return [(number, entry.read_text("utf-8")) for number, entry in sorted(found, key=lambda pair: pair[0])]


def open_database(path: Path) -> sqlite3.Connection:
    """Opens (and brings up to date) the database at ``path``, in autocommit mode.

    Raises SecondUnitError(VERSION_MISMATCH) for a database that a newer daemon wrote, NOT_WRITABLE or DISK_FULL where
    it cannot be written, INTERNAL where the file is not a database or damaged.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        db = sqlite3.connect(path, timeout=BUSY_TIMEOUT_S, isolation_level=None)
        db.row_factory = sqlite3.Row
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("PRAGMA synchronous = NORMAL")
        db.execute("PRAGMA foreign_keys = ON")
        _migrate(db, path)
    except (sqlite3.Error, OSError) as error:
        raise storage_error(error, path) from error
    return db


def storage_error(error: sqlite3.Error | OSError, path: Path) -> SecondUnitError:
    """A failure of the database as an error for people."""
    name = getattr(error, "sqlite_errorname", "") or ""
    if name.startswith("SQLITE_FULL"):
        return SecondUnitError(ErrorCode.DISK_FULL, f"The disk of {path} is full")
    if isinstance(error, OSError) or name.startswith(("SQLITE_READONLY", "SQLITE_CANTOPEN", "SQLITE_PERM")):
        return SecondUnitError(ErrorCode.NOT_WRITABLE, f"The job database {path} cannot be written ({error})")
    if name.startswith(("SQLITE_CORRUPT", "SQLITE_NOTADB")):
        remedy = "Stop the daemon, move the file away and start again: the queue is then empty, fetched takes stay"
        return SecondUnitError(ErrorCode.INTERNAL, f"The job database {path} is damaged ({error})", remedy=remedy)
    return SecondUnitError(ErrorCode.INTERNAL, f"The job database {path} cannot be used ({error})")


def _migrate(db: sqlite3.Connection, path: Path) -> None:
    known = migrations()
    (current,) = db.execute("PRAGMA user_version").fetchone()
    if current > known[-1][0]:
        raise SecondUnitError(
            ErrorCode.VERSION_MISMATCH,
            f"The job database {path} has version {current}, this daemon knows {known[-1][0]}",
            remedy="Use the newer daemon that wrote it, or start with another home folder",
        )
    for number, script in known:
        if number > current:
            db.executescript(f"BEGIN IMMEDIATE;\n{script}\nPRAGMA user_version = {number};\nCOMMIT;")
