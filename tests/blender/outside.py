# SPDX-License-Identifier: GPL-3.0-or-later
"""The part of the rig that runs in the development environment: one child pytest per group of files and Blender."""

from __future__ import annotations

import functools
import os
import shlex
import subprocess
import sys
import tempfile
import threading
import xml.etree.ElementTree as ElementTree
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from build_addon import build
from tests.blender.environments import VERSIONS, bpy_python
from tests.blender.groups import at_ends_only, group_of

ROOT = Path(__file__).resolve().parents[2]
FILE_SECONDS = 1500
SOME_FAILED, NONE_COLLECTED = 1, 5  # exit codes of pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--inside", default="", help="words for the pytest that runs inside Blender, e.g. '-k shift -x'")


def pytest_pycollect_makemodule(module_path: Path, parent: pytest.Collector) -> pytest.Module:
    return BlenderFile.from_parent(parent, path=module_path)


class BlenderFile(pytest.Module):
    """A test file that cannot be imported here; it stands for its part of one child run per Blender version."""

    def collect(self) -> Iterator[pytest.Item]:
        ends = at_ends_only(self.path.stem) and "SECOND_UNIT_EVERY_VERSION" not in os.environ
        for version in (VERSIONS[0], VERSIONS[-1]) if ends else VERSIONS:
            yield BlenderRun.from_parent(self, name=f"bpy-{version}", version=version)


class BlenderRun(pytest.Item):
    """One file of tests, run inside one Blender along with those of its group that are asked for too."""

    def __init__(self, *, version: str, **rest):
        super().__init__(**rest)
        self.version = version

    @property
    def company(self) -> tuple[str, str]:
        return group_of(self.path.stem), self.version

    def runtest(self) -> None:
        python = bpy_python(self.version)
        if python is None:
            pytest.skip(f"no Python that bpy {self.version} runs on was found")
        words = shlex.split(self.config.getoption("--inside", ""))
        if self.company not in _children:
            items = [item for item in self.session.items if isinstance(item, BlenderRun)]
            paths = [item.path for item in items if item.company == self.company]
            _children[self.company] = Child(python, paths, words)
        child = _children[self.company]
        self.add_report_section("call", f"inside bpy {self.version}", child.said)
        if not child.code:
            return
        failed = child.failed.get(self.path.stem)
        if failed is None and words and child.code in (SOME_FAILED, NONE_COLLECTED):
            pytest.skip("nothing here was asked for")
        if failed != 0 or not any(child.failed.values()):  # none at all failed: it ended badly after its report
            raise ChildFailed(f"exit code {child.code}\n{child.said}\n{child.complained}")

    def repr_failure(self, excinfo: pytest.ExceptionInfo, style=None):
        if isinstance(excinfo.value, ChildFailed):
            return str(excinfo.value)
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, int | None, str]:
        return self.path, 0, f"inside bpy {self.version}"


class Child:
    """A pytest inside a Blender, and what came of it; its report says which files' tests failed."""

    def __init__(self, python: Path, paths: Sequence[Path], words: Sequence[str]):
        with tempfile.TemporaryDirectory(prefix="second_unit_") as folder:
            report = Path(folder) / "report.xml"
            options = ["-p", "no:cacheprovider", "-q", f"--junitxml={report}"]
            with subprocess.Popen(
                [str(python), "-m", "pytest", *options, *map(str, paths), *words],
                cwd=ROOT,
                env=child_environment(Path(folder)),
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
            ) as process:
                killing = threading.Timer(FILE_SECONDS * len(paths), process.kill)
                killing.start()
                said, complained = process.communicate()
                killing.cancel()
            self.failed = failures(report) if report.is_file() else {}
        self.code, self.said, self.complained = process.returncode, said[-20_000:], complained[-4_000:]


def failures(report: Path) -> dict[str, int]:
    """How many tests of each file (its stem) that ran failed, by a pytest's XML report."""
    found: Counter[str] = Counter()
    for case in ElementTree.parse(report).iter("testcase"):
        # A file that cannot be imported is a case without a class; a class of tests follows its file's name.
        module = next(
            part for part in f"{case.get('classname')}.{case.get('name')}".split(".") if part.startswith("test_")
        )
        found[module] += sum(1 for part in case if part.tag in ("failure", "error"))
    return dict(found)


_children: dict[tuple[str, str], Child] = {}


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
