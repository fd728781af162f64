# SPDX-License-Identifier: GPL-3.0-or-later
"""Finding the daemon's program and starting it so that it outlives Blender."""

from __future__ import annotations

import shutil
import subprocess
import sys
import threading
from pathlib import Path

from ..protocol import paths
from . import environment

_LOG_TAIL_BYTES = 4000


def find_program(preferred: str = "") -> Path | None:
    """The second-unit program: the preference, else the one that the panel installed, else the PATH."""
    if preferred:
        return Path(preferred) if Path(preferred).is_file() else None
    found = environment.command() or shutil.which("second-unit")
    return Path(found) if found else None


def start_log() -> Path:
    """What the daemon said before its own log was open."""
    return paths.log_folder() / "start.log"


class Launcher:
    """One attempt at a time to start the daemon. Nothing here waits: the process is made in a thread."""

    def __init__(self) -> None:
        self._thread: threading.Thread | None = None
        self._process: subprocess.Popen | None = None
        self._fault = ""

    def start(self, program: Path) -> None:
        """Starts ``program serve``, unless an attempt is under way."""
        if self.running:
            return
        self._process, self._fault = None, ""
        self._thread = threading.Thread(target=self._spawn, args=(program,), name="second-unit launch", daemon=True)
        self._thread.start()

    @property
    def running(self) -> bool:
        """An attempt is under way, or the daemon that it started lives."""
        if self._thread and self._thread.is_alive():
            return True
        return self._process is not None and self._process.poll() is None

    def fault(self) -> str:
        """Why the attempt failed, once ``running`` is false; empty if none was made."""
        if self._fault:
            return self._fault
        if self._process is None or not self._process.poll():  # it lives, or stopped in good order
            return ""
        said = _last_line(start_log())
        return f"The daemon ended with code {self._process.returncode}" + (f": {said}" if said else "")

    def forget(self) -> None:
        """Drops the last attempt, so that its end is not told twice."""
        self._process, self._fault = None, ""

    def _spawn(self, program: Path) -> None:
        log = start_log()
        try:
            log.parent.mkdir(parents=True, exist_ok=True)
            with log.open("wb") as output:
                self._process = subprocess.Popen(
                    [str(program), "serve"],
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=subprocess.STDOUT,
                    env=environment.clean_variables(),
                    cwd=paths.home(),
                    **_detached(),
                )
        except OSError as error:
            self._fault = f"{program} cannot be started ({error.strerror or error})"


def _detached() -> dict[str, object]:
    if sys.platform == "win32":
        flags = subprocess.DETACHED_PROCESS | subprocess.CREATE_NEW_PROCESS_GROUP | subprocess.CREATE_NO_WINDOW
        return {"creationflags": flags}
    return {"start_new_session": True}


def _last_line(path: Path) -> str:
    try:
        with path.open("rb") as file:
            file.seek(max(0, path.stat().st_size - _LOG_TAIL_BYTES))
            lines = file.read().decode(errors="replace").split("\n")
    except OSError:
        return ""
    return next((line.strip() for line in reversed(lines) if line.strip()), "")
