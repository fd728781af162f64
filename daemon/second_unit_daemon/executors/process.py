# SPDX-License-Identifier: GPL-3.0-or-later
"""A worker process seen from the daemon: started, spoken to, listened to, killed, and its end explained."""

from __future__ import annotations

import contextlib
import logging
import os
import queue
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Sequence

from attrs import frozen

from . import oom
from .dialogue import DialogueError, read_message, write_message

log = logging.getLogger(__name__)

COMMAND = (sys.executable, "-m", "second_unit_daemon.executors.worker")
LOG_LINE = re.compile(r"(DEBUG|INFO|WARNING|ERROR|CRITICAL) (.*)")


@frozen
class Ending:
    """How a worker ended. ``text`` names the signal or the exit code."""

    text: str
    out_of_memory: bool


class WorkerProcess:
    """``hear(process, message)`` is called on a thread of its own for every message, and last with an Ending."""

    def __init__(self, hear: Callable[[WorkerProcess, object], None], command: Sequence[str] = COMMAND):
        self.job_id = ""  # whose log lines these are
        self._hear = hear
        self._kills_before = oom.kills()
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,  # Ctrl-C in the daemon's terminal is the daemon's
        )
        self._outgoing: queue.Queue[object | None] = queue.Queue()
        threading.Thread(target=self._speak, name="worker-mouth", daemon=True).start()
        self._stderr = threading.Thread(target=self._log_stderr, name="worker-log", daemon=True)
        self._stderr.start()
        self._ears = threading.Thread(target=self._listen, name="worker-ears", daemon=True)
        self._ears.start()

    @property
    def pid(self) -> int:
        return self._process.pid

    def send(self, message: object) -> None:
        """Never waits, for a worker that hangs does not empty its pipe. One that is dead hears nothing."""
        self._outgoing.put(message)

    def dismiss(self) -> None:
        """Closes its stdin, at which it ends by itself."""
        self._outgoing.put(None)

    def kill(self) -> None:
        """Kills it and whatever it started."""
        with contextlib.suppress(OSError):
            if hasattr(os, "killpg"):
                os.killpg(self._process.pid, signal.SIGKILL)
            else:
                self._process.kill()

    def wait(self, timeout_s: float) -> bool:
        """Whether it is gone, and everything that it said has been heard, within ``timeout_s``."""
        self._ears.join(timeout_s)
        return not self._ears.is_alive()

    def _speak(self) -> None:
        assert self._process.stdin is not None
        with contextlib.suppress(OSError), self._process.stdin as stdin:
            while (message := self._outgoing.get()) is not None:
                with contextlib.suppress(OSError):
                    write_message(stdin, message)

    def _listen(self) -> None:
        assert self._process.stdout is not None
        try:
            while (message := read_message(self._process.stdout)) is not None:
                self._hear(self, message)
        except DialogueError as error:
            log.error("the worker cannot be understood and is killed: %s", error, extra={"job": self.job_id})
            self.kill()
        code = self._process.wait()
        self._stderr.join(1.0)
        self._hear(self, self._ending(code))
        self.dismiss()
        self._process.stdout.close()

    def _ending(self, code: int) -> Ending:
        if code >= 0:
            return Ending(f"it exited with code {code}", False)
        name = signal.Signals(-code).name
        killed_for_memory = -code == signal.SIGKILL and oom.kills() > self._kills_before
        return Ending(f"it was ended by {name}", killed_for_memory)

    def _log_stderr(self) -> None:
        assert self._process.stderr is not None
        with self._process.stderr as lines:
            for line in lines:
                text = line.decode("utf-8", "replace").rstrip()
                match = LOG_LINE.match(text)
                level, text = (logging.getLevelName(match[1]), match[2]) if match else (logging.INFO, text)
                log.log(level, "worker %d: %s", self.pid, text, extra={"job": self.job_id})
