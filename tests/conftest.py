# SPDX-License-Identifier: GPL-3.0-or-later
"""How the tests share a machine when they run side by side (``pytest -n auto``, as in README).

A worker takes a whole file at a time, for what its tests share; runs inside Blender, which share nothing, go one by
one; the tests in a Blender window are one group, for there is one display and its keyboard.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from blender_addon.packaging.cache import cache_folder

TESTS = Path(__file__).resolve().parent
MOST_WORKERS = 4  # each may hold a Blender or a model
ONE_DISPLAY = "gui"
ALONE = "blender"

# Every process of every test compiles kernels there, or finds them: each home of its own would compile them again.
os.environ.setdefault("NUMBA_CACHE_DIR", str(cache_folder("numba")))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    return min(os.cpu_count() or 1, MOST_WORKERS)


@pytest.hookimpl(tryfirst=True)
def pytest_cmdline_main(config: pytest.Config) -> None:
    if getattr(config.option, "numprocesses", None) and config.option.dist == "no":
        config.option.dist = "loadgroup"


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        path = item.path.relative_to(TESTS)
        if path.parts[0] != ALONE:
            item.add_marker(pytest.mark.xdist_group(ONE_DISPLAY if path.parts[0] == ONE_DISPLAY else path.as_posix()))
