# SPDX-License-Identifier: GPL-3.0-or-later
"""The daemon of the GUI tests. Blender may live in a folder of its own, so its Start button reaches out of there.

``program`` is what the add-on starts: a script that leaves a note. A thread out here sees the note and starts the real
daemon with the same home folder.
"""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from pathlib import Path

LOOK_SECONDS = 0.1
ENGINES = Path(__file__).with_name("engines.toml")


class OutsideDaemon:
    """Starts ``second-unit serve`` whenever ``program`` is run."""

    def __init__(self, work: Path):
        self.home = work / "home"
        self.program = work / "second-unit"
        self.environment: dict[str, str] = {}  # of the next daemon, beyond what all have
        self._note = work / "daemon_wanted"
        self.program.write_text(f'#!/bin/sh\necho "$@" > {self._note}\n')
        self.program.chmod(0o755)
        self._processes: list[subprocess.Popen[bytes]] = []
        self._log = (work / "daemon.log").open("wb")
        self._closing = threading.Event()
        self._watch = threading.Thread(target=self._watch_notes, daemon=True)
        self._watch.start()

    def stop(self) -> None:
        """Ends every daemon that was started."""
        for process in self._processes:
            process.terminate()
            process.wait(timeout=30)
        self._processes.clear()

    def close(self) -> None:
        self._closing.set()
        self._watch.join(timeout=30)
        self.stop()
        self._log.close()

    def _watch_notes(self) -> None:
        while not self._closing.wait(LOOK_SECONDS):
            if not self._note.exists():
                continue
            words = self._note.read_text().split()
            self._note.unlink()
            command = [sys.executable, "-m", "second_unit_daemon.cli", *(words or ["serve"])]
            environment = {
                **os.environ,
                "SECOND_UNIT_HOME": str(self.home),
                "SECOND_UNIT_ENGINES": str(ENGINES),
                **self.environment,
            }
            self._processes.append(
                subprocess.Popen(command, env=environment, stdout=self._log, stderr=subprocess.STDOUT)
            )
