# SPDX-License-Identifier: GPL-3.0-or-later
"""The daemon's own Python environment under the user's folder: where it is, whether it is whole, what made it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

from ..protocol import paths

MARKER = "second_unit_installed.json"  # written last: an environment without it is half made
OLDEST_PYTHON = (3, 11)
PROBE = "import sys, venv, ensurepip; print(sys.version_info[0], sys.version_info[1])"


def folder() -> Path:
    """Where the environment is, or will be."""
    return paths.home() / "env"


def python() -> Path:
    """The environment's Python."""
    return folder() / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")


def command() -> Path | None:
    """The ``second-unit`` program of a whole installation; None when there is none."""
    program = folder() / ("Scripts/second-unit.exe" if sys.platform == "win32" else "bin/second-unit")
    return program if installed() is not None and program.exists() else None


def installed() -> dict[str, str] | None:
    """What is installed (``version``, ``extras``); None when nothing is, or when an installation broke off."""
    try:
        marker = json.loads((folder() / MARKER).read_text())
    except (OSError, ValueError):
        return None
    return marker if isinstance(marker, dict) else None


def mark_installed(version: str, extras: str) -> None:
    (folder() / MARKER).write_text(json.dumps({"version": version, "extras": extras}))


def unmark() -> None:
    (folder() / MARKER).unlink(missing_ok=True)


def carried_wheel(extension: Path) -> Path | None:
    """The daemon's wheel that came with the extension (its ``daemon_dist`` folder)."""
    return next(iter(sorted(extension.glob("daemon_dist/second_unit-*.whl"))), None)


def find_base_python() -> str | None:
    """A Python that can make the environment: Blender's own first, then those on PATH. Runs each for a moment."""
    names = [f"python3.{minor}" for minor in (13, 12, 11, 14)] + ["python3", "python"]
    for candidate in [sys.executable, *(shutil.which(name) for name in names)]:
        if candidate and _can_make_environments(candidate):
            return candidate
    return None


def clean_variables() -> dict[str, str]:
    """This process's environment without what would lead another Python astray (Blender sets PYTHONHOME at times)."""
    return {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "VIRTUAL_ENV"))}


def _can_make_environments(candidate: str) -> bool:
    flags = {"creationflags": subprocess.CREATE_NO_WINDOW} if sys.platform == "win32" else {}
    try:
        done = subprocess.run(
            [candidate, "-c", PROBE],
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
            env=clean_variables(),
            **flags,
        )
        return done.returncode == 0 and tuple(map(int, done.stdout.split())) >= OLDEST_PYTHON
    except (OSError, ValueError, subprocess.TimeoutExpired):
        return False
