# SPDX-License-Identifier: GPL-3.0-or-later
"""The daemon's own wheel, built from this tree, for the extension to carry."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

from . import ROOT, BuildError
from .archive import write_zip
from .cache import cache_folder
from .digest import tree_digest

SOURCES = ("pyproject.toml", "README.md", "LICENSE", "daemon", "shared_protocol")
JUNK = shutil.ignore_patterns("__pycache__", "*.pyc", "*.egg-info", ".*_cache", "build", "dist")


def build(setuptools: str) -> Path:
    """The wheel's file, in the cache. The same sources give the same bytes; unchanged ones are not built again."""
    with tempfile.TemporaryDirectory() as temporary:
        # A copy: setuptools leaves build folders behind, and a checkout may hold old ones.
        source = Path(temporary, "source")
        source.mkdir()
        copy_sources(source)
        keep = cache_folder("daemon_wheel", tree_digest(source, setuptools))
        if not list(keep.glob("*.whl")):
            built = _pip_wheel(source, Path(temporary, "out"), setuptools)
            contents = Path(temporary, "contents")
            with zipfile.ZipFile(built) as archive:
                archive.extractall(contents)
            whole = Path(keep, f"{built.name}.{os.getpid()}")
            write_zip(contents, whole)
            whole.replace(keep / built.name)  # another process may be looking for it
    return next(keep.glob("*.whl"))


def copy_sources(into: Path) -> None:
    """What the daemon's distribution is built from, without anything that a build has left behind."""
    for name in SOURCES:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, into / name, ignore=JUNK)
        else:
            shutil.copy2(ROOT / name, into / name)


def _pip_wheel(source: Path, out: Path, setuptools: str) -> Path:
    constraint = source.parent / "constraint.txt"
    constraint.write_text(f"setuptools=={setuptools}\n")
    environment = {**os.environ, "SOURCE_DATE_EPOCH": "315532800", "PIP_CONSTRAINT": str(constraint)}
    environment["PIP_BUILD_CONSTRAINT"] = str(constraint)  # pip 25.3 and later read this one for builds
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", str(out), str(source)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    if done.returncode:
        raise BuildError(f"pip could not build the daemon's wheel:\n{done.stderr.strip()}")
    return next(out.glob("*.whl"))
