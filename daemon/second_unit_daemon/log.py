# SPDX-License-Identifier: GPL-3.0-or-later
"""The daemon's log: JSON lines in files that rotate, and a short form for the terminal."""

from __future__ import annotations

import json
import logging
import sys
from datetime import UTC, datetime
from logging.handlers import RotatingFileHandler
from pathlib import Path

from second_unit_protocol.disk import disk_errors

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
        folder.mkdir(parents=True, exist_ok=True)
        to_file = RotatingFileHandler(path, maxBytes=MAX_BYTES, backupCount=KEPT_FILES, encoding="utf-8")
    to_file.setFormatter(JsonLines())
    handlers: list[logging.Handler] = [to_file]
    if terminal:
        handlers.append(logging.StreamHandler(sys.stderr))
        handlers[-1].setFormatter(Terminal())
    logging.basicConfig(level=level, handlers=handlers, force=True)
    return path


def tail(path: Path, lines: int) -> list[str]:
    """The last lines of the log, as a person reads them; empty where there is no log."""
    try:
        recent = path.read_text("utf-8", "replace").splitlines()[-lines:]
    except OSError:
        return []
    return [_readable(line) for line in recent]


def _readable(line: str) -> str:
    try:
        record = json.loads(line)
        job = f"[{record['job'][:8]}] " if "job" in record else ""
        return f"{record['time'][:19]} {record['level'].lower()} {job}{record['message']}"
    except (ValueError, KeyError, TypeError):
        return line
