# SPDX-License-Identifier: GPL-3.0-or-later
"""Where Second Unit keeps its own files: one folder per user, found the same way by the add-on and the daemon."""

from __future__ import annotations

import os
import sys
from pathlib import Path

HOME_VARIABLE = "SECOND_UNIT_HOME"


def home() -> Path:
    """The user's Second Unit folder: ``$SECOND_UNIT_HOME``, or the system's place for a user's program data.

    The folder need not exist yet.
    """
    chosen = os.environ.get(HOME_VARIABLE)
    return Path(chosen).expanduser().absolute() if chosen else _user_data() / "second-unit"


def connection_file() -> Path:
    """Where a running daemon writes how to reach it."""
    return home() / "connection.json"


def log_folder() -> Path:
    return home() / "logs"


def _user_data() -> Path:
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local")
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Application Support"
    return Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share")
