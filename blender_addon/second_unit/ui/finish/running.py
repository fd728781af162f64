# SPDX-License-Identifier: GPL-3.0-or-later
"""Finishing at work: commands of the daemon's program, and their results on their way to the timeline."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import bpy

from ...core import finishing
from ...link import current
from ...link.programs import Programs, Run
from ...protocol.errors import ErrorCode, SecondUnitError
from ...sequencer import busy
from .. import here

programs = Programs()
_to_land: list[tuple[Run, Callable[[], str]]] = []

FOLDER = "finished"  # beside the takes


def start(words: list[str], title: str, out: Path, doing: str, land: Callable[[], str] | None = None) -> Run:
    """Runs a command. ``land`` puts its file on the timeline once Blender may be disturbed, and says where it is.

    Raises SecondUnitError where the daemon's program is not installed.
    """
    return begin([str(here.program()), *words], title, out, doing, land)


def begin(
    command: list[str],
    title: str,
    out: Path,
    doing: str,
    land: Callable[[], str] | None = None,
    then: Callable[[], None] | None = None,
) -> Run:
    """As :func:`start` for any program; ``then`` is called when it is over, however it ended."""

    def ended(run: Run) -> None:
        if then is not None:
            then()
        if run.over and land is not None:
            _to_land.append((run, land))

    return programs.start(command, title, out, doing, ended)


def finish(run: Run) -> bool:
    """For scripts: waits for a command and lands its result; whether that went well."""
    programs.wait(run)
    _land_all()
    return bool(run.over)


def folder() -> Path:
    """Where finished files lie, made if need be. Raises SecondUnitError(NOT_WRITABLE)."""
    place = current.tracker.take_folder / FOLDER
    try:
        place.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise SecondUnitError(ErrorCode.NOT_WRITABLE, f"{place} cannot be made ({error.strerror})") from error
    return place


def free_out(strip: str, what: str, suffix: str) -> Path:
    """The file for what is made of a strip: none that is there, or that another command is to write. Raises as
    :func:`folder`."""
    to_come = [run.out for run in programs.runs if run.over is None]
    return finishing.free_path(folder(), name_for(strip, what), suffix, to_come)


def known_job(job_id: str) -> str:
    """The job, if the daemon that runs here has it: then its shot can be asked for."""
    return job_id if current.link.ready and not here.shot_elsewhere() and job_id in current.tracker.jobs else ""


def tick() -> object:
    """A chore of the pump's."""
    stand = programs.poll()
    if _to_land and not busy.reason():
        _land_all()
    return stand, len(_to_land), [run.words for run in programs.runs]


def _land_all() -> None:
    waiting, _to_land[:] = list(_to_land), []
    for run, land in waiting:
        try:
            run.words = land()
        except SecondUnitError as error:
            run.over = False
            run.words = f"{error.info.sentence()}. The file is {run.out}"


def waiting() -> str:
    """Why results that are ready do not land; empty where none waits."""
    return busy.reason() if _to_land else ""


def clear() -> None:
    """Ends what runs: the extension goes."""
    for run in programs.runs:
        if run.over is None:
            run.cancel()
    programs.forget()
    _to_land.clear()


def name_for(strip: str, what: str) -> str:
    """A file's name, without its ending, for what was made of a strip."""
    return bpy.path.clean_name(f"{Path(strip).stem}_{what}")
