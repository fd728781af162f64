# SPDX-License-Identifier: GPL-3.0-or-later
"""How the tests share a machine when they run side by side (``pytest -n auto``, as in README).

A worker takes a whole file at a time, for what its tests share; runs inside Blender, which share nothing, go one by
one; the tests in a Blender window are one group, for there is one display and its keyboard.
"""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from blender_addon.packaging.cache import cache_folder

COMPILING_S = 900
REHEARSAL = pytest.StashKey[subprocess.Popen[bytes]]()
MOST_WORKERS = 4  # each may hold a Blender or a model
ONE_DISPLAY, ALONE = "tests/gui/", "tests/blender/"

# Every process of every test compiles kernels there, or finds them: each home of its own would compile them again.
os.environ.setdefault("NUMBA_CACHE_DIR", str(cache_folder("numba")))


def pytest_sessionstart(session: pytest.Session) -> None:
    """Has the kernels compiled while workers collect; they begin when that is done, because all would compile the same
    ones while jobs wait."""
    if getattr(session.config.option, "numprocesses", None) and not hasattr(session.config, "workerinput"):
        rehearsal = "from second_unit_daemon.bench.rehearsal import ahead; ahead()"
        session.config.stash[REHEARSAL] = subprocess.Popen([sys.executable, "-c", rehearsal])


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    return min(os.cpu_count() or 1, MOST_WORKERS)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log):
    from xdist.scheduler import LoadScopeScheduling

    class Sharing(LoadScopeScheduling):
        def schedule(self) -> None:
            config.stash[REHEARSAL].wait(COMPILING_S)
            super().schedule()

        def _split_scope(self, nodeid: str) -> str:
            if nodeid.startswith(ALONE):
                return nodeid
            return ONE_DISPLAY if nodeid.startswith(ONE_DISPLAY) else nodeid.split("::")[0]

    return Sharing(config, log)
