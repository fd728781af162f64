# SPDX-License-Identifier: GPL-3.0-or-later
"""Installs the daemon from the wheel that the extension carries, into its own environment, in the background.

    installer = Installer()
    installer.start(wheel, online=bpy.app.online_access, diffusion=False)
    progress = installer.poll()      # from the timer; never blocks
    installer.cancel()

Blender's own Python is only asked to make the environment; nothing is ever installed into it.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import threading
from enum import Enum
from pathlib import Path
from typing import NamedTuple

from ..protocol.errors import ErrorCode, ErrorInfo, SecondUnitError
from . import environment

FREE_BYTES = {False: 2 << 30, True: 16 << 30}  # asked for before starting: without and with the diffusion engines
TAIL_LINES = 12


class InstallState(Enum):
    IDLE = "idle"
    RUNNING = "running"
    DONE = "done"
    CANCELLED = "cancelled"
    FAILED = "failed"


class InstallProgress(NamedTuple):
    """Where the installation stands. ``step`` of ``steps`` is under way; ``line`` is the last thing that it said."""

    state: InstallState = InstallState.IDLE
    label: str = ""
    step: int = 0
    steps: int = 1
    line: str = ""
    error: ErrorInfo | None = None

    @property
    def fraction(self) -> float:
        return 1.0 if self.state is InstallState.DONE else self.step / self.steps


class Installer:
    """One installation at a time, in a thread of its own that runs pip and reads what it says."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._progress = InstallProgress()
        self._process: subprocess.Popen[str] | None = None
        self._thread: threading.Thread | None = None
        self._cancelled = threading.Event()

    def start(self, wheel: Path, *, online: bool, diffusion: bool = False) -> None:
        """Begins. Raises SecondUnitError: offline, a lack of disk, or an installation that is running already."""
        if self.poll().state is InstallState.RUNNING:
            raise SecondUnitError(ErrorCode.INSTALL_FAILED, "The daemon is being installed already")
        if not online:
            raise SecondUnitError(ErrorCode.OFFLINE, "Installing the daemon fetches packages from the internet")
        _check_disk(diffusion)
        self._cancelled.clear()
        self._set(InstallProgress(InstallState.RUNNING, "Looking for a Python", 0, 5 if diffusion else 4))
        self._thread = threading.Thread(
            target=self._run, args=(wheel, diffusion), name="second-unit-install", daemon=True
        )
        self._thread.start()

    def poll(self) -> InstallProgress:
        with self._lock:
            return self._progress

    def cancel(self) -> None:
        """Stops the installation; ``poll`` says CANCELLED as soon as it has."""
        self._cancelled.set()
        with self._lock:
            process = self._process
        if process is not None:
            _stop_tree(process)

    def join(self, timeout: float) -> InstallProgress:
        """Waits for the end (scripts and tests; the panel polls)."""
        if self._thread is not None:
            self._thread.join(timeout)
        return self.poll()

    def _set(self, progress: InstallProgress) -> None:
        with self._lock:
            self._progress = progress

    def _run(self, wheel: Path, diffusion: bool) -> None:
        try:
            self._install(wheel, diffusion)
            self._set(self.poll()._replace(state=InstallState.DONE, label="Installed", line=""))
        except _Cancelled:
            self._set(self.poll()._replace(state=InstallState.CANCELLED, label="Cancelled"))
        except SecondUnitError as error:
            self._set(self.poll()._replace(state=InstallState.FAILED, error=error.info))
        except OSError as error:
            info = SecondUnitError(ErrorCode.NOT_WRITABLE, f"The daemon's environment cannot be written: {error}").info
            self._set(self.poll()._replace(state=InstallState.FAILED, error=info))

    def _install(self, wheel: Path, diffusion: bool) -> None:
        base = environment.find_base_python()
        if base is None:
            raise SecondUnitError(
                ErrorCode.INSTALL_FAILED,
                "No Python 3.11 or later that can make environments was found",
                remedy="Install Python 3.11 or later with its venv module, then press Install again",
            )
        version = wheel.name.split("-")[1]
        environment.unmark()
        environment.folder().parent.mkdir(parents=True, exist_ok=True)
        self._step(1, "Making the environment", [base, "-m", "venv", "--clear", str(environment.folder())])
        pip = [
            str(environment.python()),
            "-m",
            "pip",
            "--disable-pip-version-check",
            "install",
            "--progress-bar",
            "off",
        ]
        self._step(2, "Installing the daemon", [*pip, str(wheel)])
        if diffusion:
            # uv can choose the torch build that fits the card; pip cannot.
            self._step(3, "Preparing for torch", [*pip, "uv"])
            uv = [str(environment.python()), "-m", "uv", "pip", "install", "--python", str(environment.python())]
            requirement = f"second-unit[diffusion] @ {wheel.as_uri()}"
            self._step(3, "Installing the diffusion engines", [*uv, "--torch-backend=auto", requirement])
        steps = self.poll().steps
        check = [str(environment.python()), "-m", "second_unit_daemon.cli", "version"]
        self._step(steps - 1, "Trying it", check)
        environment.mark_installed(version, "diffusion" if diffusion else "")

    def _step(self, number: int, label: str, command: list[str]) -> None:
        """Runs one command to its end, passing on each line. Raises _Cancelled, or SecondUnitError with its cause."""
        if self._cancelled.is_set():
            raise _Cancelled
        self._set(self.poll()._replace(step=number, label=label, line=""))
        process = _start(command)
        with self._lock:
            self._process = process
        tail: list[str] = []
        try:
            if self._cancelled.is_set():
                _stop_tree(process)
            assert process.stdout is not None
            for line in process.stdout:
                tail = [*tail, line.strip()][-TAIL_LINES:]
                self._set(self.poll()._replace(line=line.strip()))
            code = process.wait()
        finally:
            with self._lock:
                self._process = None
        if self._cancelled.is_set():
            raise _Cancelled
        if code:
            raise explain(label, tail)


class _Cancelled(Exception):
    pass


def explain(label: str, tail: list[str]) -> SecondUnitError:
    """The error that a failed step's last lines speak of."""
    said = "\n".join(tail)
    last = next((line for line in reversed(tail) if line), "it said nothing")
    if re.search(r"No space left|Errno 28|disk full|not enough space", said, re.IGNORECASE):
        return SecondUnitError(ErrorCode.DISK_FULL, f"{label} ran out of disk space in {environment.folder()}")
    if re.search(
        r"name resolution|getaddrinfo|NewConnectionError|Network is unreachable|timed out|Connection (refused|reset)|"
        r"No matching distribution|Could not find a version|ProxyError|dns error|SSLError",
        said,
        re.IGNORECASE,
    ):
        return SecondUnitError(ErrorCode.OFFLINE, f"{label} could not fetch its packages ({last})")
    if re.search(r"Permission denied|Access is denied|Errno 13|Read-only file system", said, re.IGNORECASE):
        return SecondUnitError(ErrorCode.NOT_WRITABLE, f"{label} may not write to {environment.folder()}")
    return SecondUnitError(ErrorCode.INSTALL_FAILED, f"{label} failed: {last}")


def _check_disk(diffusion: bool) -> None:
    place = environment.folder()
    while not place.exists():
        place = place.parent
    free = shutil.disk_usage(place).free
    if free < FREE_BYTES[diffusion]:
        raise SecondUnitError(
            ErrorCode.DISK_FULL,
            f"The daemon needs {FREE_BYTES[diffusion] / 2**30:.0f} GB in {place}, {free / 2**30:.1f} GB are free",
        )


def _start(command: list[str]) -> subprocess.Popen[str]:
    """A process whose whole tree can be stopped, with no console window, both outputs in one pipe of text."""
    own_group = (
        {"creationflags": subprocess.CREATE_NO_WINDOW | subprocess.CREATE_NEW_PROCESS_GROUP}
        if sys.platform == "win32"
        else {"start_new_session": True}
    )
    return subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        env=environment.clean_variables() | {"PYTHONUNBUFFERED": "1", "PIP_NO_INPUT": "1"},
        **own_group,
    )


def _stop_tree(process: subprocess.Popen[str]) -> None:
    """Ends a process and its children; pip and uv start some."""
    if process.poll() is not None:
        return
    if sys.platform == "win32":
        command = ["taskkill", "/T", "/F", "/PID", str(process.pid)]
        subprocess.run(command, capture_output=True, check=False, creationflags=subprocess.CREATE_NO_WINDOW)
    else:
        os.killpg(process.pid, signal.SIGKILL)
