# SPDX-License-Identifier: GPL-3.0-or-later
"""The part of the rig that runs in the development environment: one child pytest per test file and Blender version."""

from __future__ import annotations

import functools
import os
import shlex
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from build_addon import build
from tests.blender.environments import VERSIONS, bpy_python

ROOT = Path(__file__).resolve().parents[2]
CHILD_SECONDS = 1500
NO_TESTS_COLLECTED = 5


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--inside", default="", help="words for the pytest that runs inside Blender, e.g. '-k shift -x'")


def pytest_pycollect_makemodule(module_path: Path, parent: pytest.Collector) -> pytest.Module:
    return BlenderFile.from_parent(parent, path=module_path)


class BlenderFile(pytest.Module):
    """A test file that cannot be imported here; it stands for one child run per Blender version."""

    def collect(self) -> Iterator[pytest.Item]:
        for version in VERSIONS:
            yield BlenderRun.from_parent(self, name=f"bpy-{version}", version=version)


class BlenderRun(pytest.Item):
    """One file of tests, run inside one Blender."""

    def __init__(self, *, version: str, **rest):
        super().__init__(**rest)
        self.version = version

    def runtest(self) -> None:
        python = bpy_python(self.version)
        if python is None:
            pytest.skip(f"no Python that bpy {self.version} runs on was found")
        words = shlex.split(self.config.getoption("--inside", ""))
        with tempfile.TemporaryDirectory(prefix="second_unit_") as folder:
            command = [str(python), "-m", "pytest", "-p", "no:cacheprovider", "-q", str(self.path), *words]
            done = subprocess.run(
                command,
                cwd=ROOT,
                env=child_environment(Path(folder)),
                timeout=CHILD_SECONDS,
                capture_output=True,
                text=True,
                check=False,
            )
        self.add_report_section("call", f"inside bpy {self.version}", done.stdout[-20_000:])
        if done.returncode == NO_TESTS_COLLECTED and words:
            pytest.skip("nothing here was asked for")
        if done.returncode:
            raise ChildFailed(f"exit code {done.returncode}\n{done.stdout[-20_000:]}\n{done.stderr[-4_000:]}")

    def repr_failure(self, excinfo: pytest.ExceptionInfo, style=None):
        if isinstance(excinfo.value, ChildFailed):
            return str(excinfo.value)
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, int | None, str]:
        return self.path, 0, f"inside bpy {self.version}"


class ChildFailed(Exception):
    """The tests inside Blender failed; the message is what their pytest said."""


def child_environment(folder: Path) -> dict[str, str]:
    """Environment variables of a child that sees nothing of this environment's packages or of the user's folders."""
    keep = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "BLENDER", "PYTEST_"))}
    return keep | {
        "SECOND_UNIT_INSIDE_BLENDER": "1",
        "SECOND_UNIT_ARCHIVE": str(linux_zip()),
        "SECOND_UNIT_DAEMON_PYTHON": sys.executable,
        "SECOND_UNIT_HOME": str(folder / "home"),
        "BLENDER_USER_RESOURCES": str(folder / "blender"),
        "PYTHONDONTWRITEBYTECODE": "1",
    }


@functools.cache
def linux_zip() -> Path:
    """The zip under test, built once a run. A unit test judges it; here it is only installed."""
    folder = tempfile.TemporaryDirectory(prefix="second_unit_zip_")
    _kept.append(folder)
    return build(Path(folder.name), ["linux-x64"], checked=False)[0]


_kept: list[tempfile.TemporaryDirectory] = []  # removed when this process ends
