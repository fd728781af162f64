# SPDX-License-Identifier: GPL-3.0-or-later
"""Python environments with one Blender each and nothing else: found, or made on demand."""

from __future__ import annotations

import functools
import os
import shutil
import subprocess
import sys
from pathlib import Path

from filelock import FileLock

from blender_addon.packaging.cache import cache_folder

# Blender's version -> the Python that its wheel is made for.
PYTHON_OF = {"4.5.15": "3.11", "5.0.1": "3.11", "5.2.3": "3.13"}
VERSIONS = tuple(PYTHON_OF)
INSTALL_SECONDS = 1200


@functools.cache
def bpy_python(version: str) -> Path | None:
    """The Python of the environment with that Blender; None when its Python version is not on this machine."""
    root = Path(os.environ.get("SECOND_UNIT_BPY_ENVS") or cache_folder("bpy"))
    environment = root / f"bpy{version}"
    python = environment / "bin" / "python"
    root.mkdir(parents=True, exist_ok=True)
    with FileLock(root / f"bpy{version}.lock"):  # tests that run side by side want the same one
        if not _has_blender(python):
            base = find_python(PYTHON_OF[version])
            if base is None:
                return None
            _make(environment, base, version)
    return python


def _make(environment: Path, base: str, version: str) -> None:
    python = str(environment / "bin" / "python")
    shutil.rmtree(environment, ignore_errors=True)
    install = [python, "-m", "pip", "install", "--quiet", f"bpy=={version}", "pytest"]
    # bpy 5.2 brings these for its online asset libraries; without them the extension's wheels are what runs.
    remove = [python, "-m", "pip", "uninstall", "--quiet", "--yes", "attrs", "cattrs", "typing-extensions"]
    for command in ([base, "-m", "venv", str(environment)], install, remove):
        subprocess.run(command, check=True, timeout=INSTALL_SECONDS)


def find_python(version: str) -> str | None:
    """A base interpreter of that version (``3.13``): this one, one on PATH, or one of pyenv's or uv's."""
    candidates: list[str | None] = [getattr(sys, "_base_executable", None), shutil.which(f"python{version}")]
    pyenv = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv")
    candidates += sorted(str(p) for p in pyenv.glob(f"versions/{version}.*/bin/python{version}"))
    if uv := shutil.which("uv"):
        found = subprocess.run([uv, "python", "find", version], capture_output=True, text=True, timeout=60, check=False)
        candidates.append(found.stdout.strip())
    for candidate in candidates:
        if candidate and _says(candidate, "import sys, venv; print('%d.%d' % sys.version_info[:2])") == version:
            return candidate
    return None


def _has_blender(python: Path) -> bool:
    return python.exists() and _says(str(python), "import bpy, pytest; print('both')").endswith("both")


def _says(python: str, code: str) -> str:
    try:
        done = subprocess.run([python, "-c", code], capture_output=True, text=True, timeout=120, check=False)
    except OSError:
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""
