# SPDX-License-Identifier: GPL-3.0-or-later
"""The daemon's log: JSON lines in files that rotate, and a short form for the terminal."""

from __future__ import annotations

import json
import logging
import sys
from datetime import UTC, datetime
from logging.handlers import RotatingFileHandler
from pathlib import Path

from second_unit_protocol.disk import disk_errors, private_folder

FILE = "daemon.log"
MAX_BYTES = 4 << 20
KEPT_FILES = 5


class JsonLines(logging.Formatter):
    """One object a line: time (UTC), level, logger, message; job and error where there are any."""

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        if job := getattr(record, "job", ""):
            line["job"] = job
        if record.exc_info:
            line["error"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False)


class Terminal(logging.Formatter):
    """Time, message and the start of the job's id; levels only from WARNING on."""

    def format(self, record: logging.LogRecord) -> str:
        clock = datetime.fromtimestamp(record.created).strftime("%H:%M:%S")
        level = f"{record.levelname.lower()}: " if record.levelno >= logging.WARNING else ""
        job = getattr(record, "job", "")
        text = f"{clock} {f'[{job[:8]}] ' if job else ''}{level}{record.getMessage()}"
        return f"{text}\n{self.formatException(record.exc_info)}" if record.exc_info else text


def set_up(folder: Path, level: str, terminal: bool = True) -> Path:
    """Sends all logging to ``folder``/daemon.log and, if asked, to stderr; returns the file. Raises SecondUnitError."""
    path = folder / FILE
    with disk_errors(path):
        private_folder(folder)
        to_file = RotatingFileHandler(path, maxBytes=MAX_BYTES, backupCount=KEPT_FILES, encoding="utf-8")
    to_file.setFormatter(JsonLines())
    handlers: list[logging.Handler] = [to_file]
    if terminal:
        handlers.append(logging.StreamHandler(sys.stderr))
        handlers[-1].setFormatter(Terminal())
    logging.basicConfig(level=level, handlers=handlers, force=True)
    return path


def tail(path: Path, lines: int, job: str = "") -> list[str]:
    """The log's last lines, as a person reads them, with tracebacks; empty where there is none.

    ``job``: only lines about jobs whose id begins so.
    """
    try:
        told = path.read_text("utf-8", "replace").splitlines()
    except OSError:
        return []
    if job:
        told = [line for line in told if f'"job": "{job}' in line]
    return [_readable(line) for line in told[-lines:]]


def _readable(line: str) -> str:
    try:
        record = json.loads(line)
        job = f"[{record['job'][:8]}] " if "job" in record else ""
        said = f"{record['time'][:19]} {record['level'].lower()} {job}{record['message']}"
        return f"{said}\n{record['error']}" if record.get("error") else said
    except (ValueError, KeyError, TypeError):
        return line
