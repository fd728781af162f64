# SPDX-License-Identifier: GPL-3.0-or-later
"""Which commit of each repository was fetched: kept in the user's folder, so that a model stays what it was.

A branch moves, and another program that shares the hub's cache may move with it. What is kept here is what is loaded
and what is fetched again, until the user asks for the newest.
"""

from __future__ import annotations

import json
import os
from functools import lru_cache
from pathlib import Path

from second_unit_protocol.disk import write_private
from second_unit_protocol.paths import home

FILE = "commits.json"


def kept(repository: str, revision: str) -> str:
    """The commit that was fetched for a branch (``main`` where none is named); empty where none was."""
    return _known().get(_key(repository, revision), "")


def keep(repository: str, revision: str, commit: str) -> None:
    """Raises SecondUnitError (NOT_WRITABLE …)."""
    _write(_known() | {_key(repository, revision): commit})


def forget(repository: str) -> None:
    """Of all branches. Raises SecondUnitError (NOT_WRITABLE …)."""
    known = _known()
    rest = {key: commit for key, commit in known.items() if key.partition("@")[0] != repository}
    if rest != known:
        _write(rest)


def _key(repository: str, revision: str) -> str:
    return f"{repository}@{revision or 'main'}"


def _write(known: dict[str, str]) -> None:
    write_private(_path(), json.dumps(known, indent=2, sort_keys=True).encode())


def _path() -> Path:
    return home() / FILE


def _known() -> dict[str, str]:
    path = _path()
    try:
        stat = os.stat(path)
        return _read(path, stat.st_mtime_ns, stat.st_size)
    except OSError:
        return {}


@lru_cache(maxsize=4)
def _read(path: Path, mtime_ns: int, size: int) -> dict[str, str]:
    """The file as it stands: it is asked for with every plan of every model."""
    try:
        told = json.loads(path.read_text("utf-8"))
    except ValueError:
        return {}
    return {str(key): str(commit) for key, commit in told.items()} if isinstance(told, dict) else {}
