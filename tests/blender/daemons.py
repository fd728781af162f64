# SPDX-License-Identifier: GPL-3.0-or-later
"""A real daemon process for tests inside Blender, and the add-on's pump turned by hand until something is so."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import bpy
from attrs import evolve
from bl_ext.user_default.second_unit.link import current, pump, spool
from bl_ext.user_default.second_unit.link.records import Clip, JobRecord

from tests.blender import footage

ENGINES = footage.ROOT / "tests" / "support" / "engines.toml"
PATIENCE_S = 60.0


def until(done: Callable[[], object], what: str, seconds: float = PATIENCE_S) -> object:
    """Turns the pump until ``done`` gives something true, and returns that."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        pump.tick()
        if answer := done():
            return answer
        time.sleep(0.01)
    link, tracker = current.link, current.tracker
    raise AssertionError(f"{what} did not happen; link {link.phase} {link.error}, jobs {tracker.jobs} {tracker.errors}")


def meet() -> None:
    """Has the link find the daemon that runs, and hear of its engines. (``link.start`` would start another program.)"""
    current.link._next_look = 0.0
    until(lambda: current.link.ready and current.link.engines, "the link and its engines")


def turn(seconds: float) -> None:
    """Turns the pump for a while."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        pump.tick()
        time.sleep(0.01)


class Daemon:
    """``second-unit serve`` in the home that SECOND_UNIT_HOME names, with the test engine."""

    def __init__(self, **settings: object):
        changed = {f"SECOND_UNIT_{name.upper()}": str(value) for name, value in settings.items()}
        self.environment = os.environ | {"SECOND_UNIT_ENGINES": str(ENGINES)} | changed
        self.process: subprocess.Popen | None = None

    def start(self) -> Daemon:
        command = [os.environ["SECOND_UNIT_DAEMON_PYTHON"], "-m", "second_unit_daemon.cli", "serve", "--quiet"]
        self.process = subprocess.Popen(
            command, cwd=footage.ROOT, env=self.environment, stdout=subprocess.PIPE, text=True
        )
        assert "listens on" in self.process.stdout.readline()
        return self

    def stop(self) -> None:
        """Asks it to end in good order."""
        self._end(self.process.terminate)

    def kill(self) -> None:
        """kill -9."""
        self._end(self.process.kill)

    def close(self) -> None:
        if self.process:
            self.kill()

    def _end(self, how: Callable[[], None]) -> None:
        how()
        self.process.wait(30)
        self.process.stdout.close()
        self.process = None


def program(path: Path, *, body: str = "") -> Path:
    """A ``second-unit`` program as an installation has it; ``body`` replaces what it runs."""
    real = f'exec {os.environ["SECOND_UNIT_DAEMON_PYTHON"]} -m second_unit_daemon.cli "$@"'
    path.write_text(f"#!/bin/sh\n{body or real}\n")
    path.chmod(0o755)
    return path


def shot(
    folder: Path,
    *,
    frames: int = 4,
    engine: str = "paint",
    first: int = 1,
    options: dict | None = None,
    size: tuple[int, int] = (64, 64),
) -> Path:
    """A captured shot for the test engine, spooled as capture leaves it."""
    return footage.make(
        "shot",
        folder,
        frames=frames,
        width=size[0],
        height=size[1],
        engine=engine,
        first=first,
        references=0 if engine == "paint" else 2,
        colour=engine != "paint",
        options=options or {},
    )


def copied(captured: Path, to: Path) -> Path:
    """A copy of a spooled shot, which the tracker may delete."""
    shutil.copytree(captured, to)
    files = json.loads((to / "files.json").read_text())
    (to / "files.json").write_text(json.dumps({digest: str(to / Path(f).name) for digest, f in files.items()}))
    return to


def with_options(folder: Path, **options: object) -> Path:
    """A spooled shot whose engine is given these options."""
    request, files = spool.load(folder)
    spool.save(folder, evolve(request, options=options), files)
    return folder


def submit(folder: Path, *, job_id: str, take: int = 1, scene: bpy.types.Scene | None = None) -> JobRecord:
    """Hands a spooled shot to the tracker as Shoot does."""
    request, files = spool.load(folder)
    media = request.delivery
    record = JobRecord(
        job_id=job_id,
        shot_id=request.shot_id,
        shot_name=request.shot_name,
        engine=request.engine,
        take=take,
        clip=Clip((scene or bpy.context.scene).name, media.first, media.count, media.rate),
        spool=str(folder),
    )
    current.tracker.submit(record, request, files)
    return record
