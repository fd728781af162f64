# SPDX-License-Identifier: GPL-3.0-or-later
"""The extension's core, as it is staged, without Blender."""

from __future__ import annotations

import importlib
import sys
import types
from collections.abc import Callable, Iterator

import pytest

from blender_addon.packaging.stage import copy_sources

PACKAGE = "staged_second_unit"


@pytest.fixture(scope="session")
def core(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], types.ModuleType]]:
    """Imports a module of the staged core; the extension's own ``__init__``, which needs Blender, is not run."""
    folder = tmp_path_factory.mktemp("staged") / "second_unit"
    copy_sources(folder)
    package = types.ModuleType(PACKAGE)
    package.__path__ = [str(folder)]
    sys.modules[PACKAGE] = package
    yield lambda name: importlib.import_module(f"{PACKAGE}.core.{name}")
    for name in [name for name in sys.modules if name.split(".")[0] == PACKAGE]:
        del sys.modules[name]
