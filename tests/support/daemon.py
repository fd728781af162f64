# SPDX-License-Identifier: GPL-3.0-or-later
"""A real daemon process for tests: started as a user starts it, killed as no user should."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TypeVar

import psutil
from second_unit_protocol.client import BlockingClient
from second_unit_protocol.connection import load
from second_unit_protocol.messages import GetJob, Submit, Subscribe
from second_unit_protocol.results import JobInfo
from second_unit_protocol.states import FINISHED, JobState

from tests.support.shots import SyntheticShot, wall_shot

T = TypeVar("T")

ENGINES = Path(__file__).with_name("engines.toml")
PATIENCE_S = 60.0


def eventually(ask: Callable[[], T | None], what: str, seconds: float = PATIENCE_S) -> T:
    """The first answer that is true; fails the test when there is none in time."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if answer := ask():
            return answer
        time.sleep(0.02)
    raise AssertionError(f"{what} did not happen within {seconds:.0f} s")


class DaemonProcess:
    """``second-unit serve`` on a home of its own. Use it as a context manager."""

    def __init__(self, home: Path, **settings: object):
        self.home = home
        changed = {f"SECOND_UNIT_{name.upper()}": str(value) for name, value in settings.items()}
        shared = {"SECOND_UNIT_HOME": str(home), "SECOND_UNIT_ENGINES": str(ENGINES)}
        self.environment = os.environ | shared | changed
        self.process: subprocess.Popen[str] | None = None

    def __enter__(self) -> DaemonProcess:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self.process:
            self.stop()

    @property
    def connection_file(self) -> Path:
        return self.home / "connection.json"

    def command(
        self, *arguments: str, check: bool = True, seconds: float = PATIENCE_S
    ) -> subprocess.CompletedProcess[str]:
        """Runs ``second-unit`` with this daemon's home."""
        return subprocess.run(
            [sys.executable, "-m", "second_unit_daemon.cli", *arguments],
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=seconds,
            check=check,
        )

    def start(self) -> str:
        """Starts it and returns the line that says where it listens."""
        self.process = subprocess.Popen(
            [sys.executable, "-m", "second_unit_daemon.cli", "serve", "--quiet"],
            env=self.environment,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        assert "listens on" in line, f"the daemon did not start: {line!r}"
        return line

    def stop(self) -> int:
        """Asks it to end as a service manager does, and returns its exit code."""
        return self._end(signal.SIGTERM)

    def kill(self) -> None:
        """kill -9: no goodbye to anybody."""
        self._end(signal.SIGKILL)

    def client(self, name: str = "test") -> BlockingClient:
        return BlockingClient(load(self.connection_file), name)

    def workers(self) -> list[psutil.Process]:
        assert self.process is not None
        return [child for child in psutil.Process(self.process.pid).children() if child.is_running()]

    def log(self) -> list[dict[str, str]]:
        return [json.loads(line) for line in (self.home / "logs" / "daemon.log").read_text("utf-8").splitlines()]

    def _end(self, how: int) -> int:
        assert self.process is not None
        self.process.send_signal(how)
        code = self.process.wait(PATIENCE_S)
        assert self.process.stdout is not None
        self.process.stdout.close()
        self.process = None
        return code


def submit(client: BlockingClient, shot: SyntheticShot, folder: Path, *, upload: bool = True) -> str:
    """Submits a shot, uploads its blobs, and returns the job's id."""
    job_id = uuid.uuid4().hex
    client.call(Subscribe())
    client.call(Submit(job_id, shot.request))
    if upload:
        client.upload(list(shot.write(folder).items()))
    return job_id


def painted(frames: int = 4, *, name: str = "Wall", **options: str | int | float | bool) -> SyntheticShot:
    """A shot for the test engine."""
    return wall_shot(frames, 64, 64, engine="paint", references=0, colour=False, name=name, options=options)


def wait_for(
    client: BlockingClient, job_id: str, states: Iterable[JobState] = FINISHED, seconds: float = PATIENCE_S
) -> JobInfo:
    """The job once it is in one of ``states`` (default: over)."""
    wanted = frozenset(states)

    def look() -> JobInfo | None:
        job = client.call(GetJob(job_id)).job
        return job if job.state in wanted else None

    return eventually(look, f"job {job_id[:8]} becoming {' or '.join(sorted(wanted))}", seconds)


def wait_for_marker(path: Path, lines: int = 1) -> None:
    """Waits until the test engine has begun ``lines`` runs."""
    eventually(lambda: path.exists() and len(path.read_text().splitlines()) >= lines, "the engine beginning to paint")
