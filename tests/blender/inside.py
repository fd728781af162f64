# SPDX-License-Identifier: GPL-3.0-or-later
"""The part of the rig that runs in Blender's Python: installs the zip like a user, then hands out fixtures."""

from __future__ import annotations

import importlib
import importlib.util
import os
import sys
from pathlib import Path
from types import ModuleType

import pytest

PACKAGE = "bl_ext.user_default.second_unit"
BUNDLED = ("zmq", "msgpack", "attr", "attrs", "cattrs", "OpenEXR")
UNUSED_YET = tuple(f"{PACKAGE}.protocol.{name}" for name in ("codes", "messages", "results", "shot", "grid"))
loaded_by_enabling: list[str] = []  # of both


def pytest_sessionstart(session: pytest.Session) -> None:
    """Installs and enables the extension before any test file is imported."""
    for name in BUNDLED:
        if importlib.util.find_spec(name) is not None:
            pytest.exit(f"{sys.executable} has {name} of its own, so the bundled wheel would not be what runs", 3)
    import bpy

    archive = os.environ["SECOND_UNIT_ARCHIVE"]
    bpy.ops.extensions.package_install_files(filepath=archive, repo="user_default", enable_on_install=True)
    loaded_by_enabling.extend(name for name in (*BUNDLED, *UNUSED_YET) if name in sys.modules)
    # As a thread does once Blender is up: tests take the places of modules.
    importlib.import_module(f"{PACKAGE}.later").load()
    resources = Path(os.environ["BLENDER_USER_RESOURCES"]).resolve()
    for name in BUNDLED:
        found = Path(importlib.import_module(name).__file__).resolve()
        if not found.is_relative_to(resources):
            pytest.exit(f"{name} came from {found} and not from the extension's wheels", 3)


@pytest.fixture(autouse=True)
def empty_scene() -> None:
    """A factory scene with nothing in it, before every test; the extension stays enabled."""
    import bpy

    bpy.ops.wm.read_homefile(use_empty=True, use_factory_startup=True)


@pytest.fixture(autouse=True)
def unhurried_rounds(monkeypatch: pytest.MonkeyPatch) -> None:
    """A round of the add-on's timer does all its chores: on a busy machine some would wait for the next one."""
    monkeypatch.setattr(importlib.import_module(f"{PACKAGE}.link.pump"), "BUDGET_S", 60.0)


@pytest.fixture(scope="module")
def edge(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A clip of 24 frames whose edge tells which is seen, see footage.edge_clip."""
    from tests.blender import footage

    return footage.edge_clip(tmp_path_factory.mktemp("clips") / "edge.mp4")


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A fresh user folder, and no daemon."""
    monkeypatch.setenv("SECOND_UNIT_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("PATH", "")
    importlib.import_module(f"{PACKAGE}.link.current").link.close()
    importlib.import_module(f"{PACKAGE}.sequencer.memory").close()
    return tmp_path / "home"


@pytest.fixture
def addon() -> ModuleType:
    """The installed extension's top module."""
    return importlib.import_module(PACKAGE)


@pytest.fixture
def archive() -> Path:
    """The zip that was installed."""
    return Path(os.environ["SECOND_UNIT_ARCHIVE"])


@pytest.fixture
def daemon_python() -> str:
    """The Python of the development environment, which has the daemon."""
    return os.environ["SECOND_UNIT_DAEMON_PYTHON"]
