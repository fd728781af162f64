# SPDX-License-Identifier: GPL-3.0-or-later
"""A tiny shot, shot once so that the kernels are compiled before somebody waits for them.

``python -m second_unit_daemon.bench.rehearsal`` is started by a daemon (executors/rehearsal.py), gives way to
everything else on the machine, and ends when its standard input does, because then its daemon is dead.
"""

from __future__ import annotations

import os
import sys
import tempfile
import threading
from pathlib import Path

import psutil

from ..adherence.meter import AdherenceMeter
from ..conditioning.projection.cached import REHEARSED, REHEARSING, kernel_folder
from ..devices import best
from ..engines import registry
from ..engines.base import JobControl
from ..lock import lock
from ..threads import one_for_small_matrices
from .moves import MOVES, plan_request, shot_of

ENGINE, FRAMES, SIZE, FINENESS = "projection", 5, (96, 64), 3


def ahead() -> None:
    """Compiles what is not compiled yet and says so in the kernels' folder; leaves it to another who is at it.

    Raises SecondUnitError where the tiny shot fails.
    """
    folder = kernel_folder()
    if folder is None or (folder / REHEARSED).exists():
        return
    with (folder / REHEARSING).open("ab") as file:
        try:
            lock(file.fileno())
        except OSError:
            return
        rehearse()
        (folder / REHEARSED).touch()


def rehearse() -> None:
    """The tiny shot. Raises SecondUnitError."""
    engine = registry.create(ENGINE)
    plan = engine.plan(plan_request(ENGINE, FRAMES, *SIZE), best())
    with tempfile.TemporaryDirectory(prefix="second-unit-rehearsal-") as folder:
        shot = shot_of(MOVES[0], plan, FRAMES, *SIZE, Path(folder), FINENESS)
        meter = AdherenceMeter(shot)
        for number, frame in enumerate(engine.frames(shot, JobControl.silent())):
            meter.add(number, frame.measured)
        meter.finish()


def main() -> None:
    one_for_small_matrices()
    psutil.Process().nice(psutil.BELOW_NORMAL_PRIORITY_CLASS if os.name == "nt" else 10)
    threading.Thread(target=_end_with_the_daemon, daemon=True).start()
    ahead()


def _end_with_the_daemon() -> None:
    os.read(sys.stdin.fileno(), 1)
    os._exit(0)


if __name__ == "__main__":
    main()
