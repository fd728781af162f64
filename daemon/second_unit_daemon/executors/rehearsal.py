# SPDX-License-Identifier: GPL-3.0-or-later
"""Has the kernels compiled while nobody waits for them: once for each installed version, in a process of its own."""

from __future__ import annotations

import logging
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from ..conditioning.projection.cached import REHEARSED, REHEARSING, kernel_folder
from ..lock import lock

log = logging.getLogger(__name__)

COMMAND = (sys.executable, "-m", "second_unit_daemon.bench.rehearsal")
WAIT_S = 5.0
PATIENCE_S, LOOK_EVERY_S = 60.0, 0.1


def let_it_finish(check: Callable[[], None], patience_s: float = PATIENCE_S) -> None:
    """Waits for a rehearsal that runs, instead of compiling beside it what it is about to have compiled.

    It gives way to whatever else runs here, so not for ever. ``check`` may raise, and ends the waiting so.
    """
    folder = kernel_folder()
    deadline = time.monotonic() + patience_s
    while folder is not None and _running(folder) and time.monotonic() < deadline:
        check()
        time.sleep(LOOK_EVERY_S)


def _running(folder: Path) -> bool:
    if (folder / REHEARSED).exists() or not (folder / REHEARSING).exists():
        return False
    with (folder / REHEARSING).open("ab") as file:
        try:
            lock(file.fileno())
        except OSError:
            return True
    return False


class Rehearsal:
    """Started with the daemon, ended with it. Nothing but the first shot's time depends on it."""

    def __init__(self, command: Sequence[str] = COMMAND):
        self._command = command
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Does nothing where it was done before, or where nothing can be kept."""
        folder = kernel_folder()
        if folder is None or (folder / REHEARSED).exists():
            return
        try:
            self._process = subprocess.Popen(
                self._command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
                start_new_session=True,
            )  # fmt: skip
        except OSError as error:
            log.warning("The kernels could not be compiled ahead (%s); the first shot does it", error)
            return
        log.info("The kernels are being compiled, process %d", self._process.pid)
        threading.Thread(target=self._hear, args=(self._process,), name="rehearsal", daemon=True).start()

    def stop(self) -> None:
        if self._process and self._process.poll() is None:
            self._process.kill()
            self._process.wait(WAIT_S)

    @staticmethod
    def _hear(process: subprocess.Popen[bytes]) -> None:
        assert process.stderr is not None
        with process.stderr as stream:
            said = stream.read().decode("utf-8", "replace").strip()
        code = process.wait()
        if code == 0:
            log.info("The kernels are compiled")
        elif code > 0:
            log.warning("The kernels could not be compiled ahead; the first shot does it. %s", said[-2000:])
