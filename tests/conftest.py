# SPDX-License-Identifier: GPL-3.0-or-later
"""How the tests share a machine when they run side by side (``pytest -n auto``, as in README).

A worker takes a whole file at a time, for what its tests share; inside Blender that is a group of files in one version
(tests/blender/groups.py); the tests in a Blender window are one group, for there is one display and its keyboard.
"""

from __future__ import annotations

import compileall
import os
import subprocess
import sys
from pathlib import Path

import pytest

from blender_addon.packaging.cache import cache_folder
from tests.blender.groups import group_of

COMPILING_S = 900
REHEARSAL = pytest.StashKey[subprocess.Popen[bytes]]()
MOST_WORKERS = 4  # each may hold a Blender or a model
ONE_DISPLAY, INSIDE_BLENDER = "tests/gui/", "tests/blender/"

# Every process of every test compiles kernels there, or finds them: each home of its own would compile them again.
os.environ.setdefault("NUMBA_CACHE_DIR", str(cache_folder("numba")))


def pytest_sessionstart(session: pytest.Session) -> None:
    """Has the kernels compiled while workers collect; they begin when that is done, because all would compile the same
    ones while jobs wait. And the daemon's own code, which many of its processes may not keep compiled (Blender's
    children, or all where PYTHONDONTWRITEBYTECODE is set) and would compile at each start."""
    if not hasattr(session.config, "workerinput"):
        for sources in ("daemon", "shared_protocol"):
            compileall.compile_dir(session.config.rootpath / sources, quiet=2)
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
            if nodeid.startswith(INSIDE_BLENDER):
                file, _, version = nodeid.partition("::")
                return f"{group_of(Path(file).stem)} {version}"
            return ONE_DISPLAY if nodeid.startswith(ONE_DISPLAY) else nodeid.split("::")[0]

    return Sharing(config, log)
