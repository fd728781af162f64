# SPDX-License-Identifier: GPL-3.0-or-later
"""Puts the extension together in a folder: add-on, protocol, bundled wheels, the daemon's wheel, manifest."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterable
from pathlib import Path

from . import ADDON, CAMERAS, PROTOCOL, ROOT
from . import imports as import_checks
from . import manifest as manifest_checks

JUNK = shutil.ignore_patterns("__pycache__", "*.py[cod]", ".*", "*~", "*.orig")
DAEMON_FOLDER = "daemon_dist"


def stage(out: Path, platform: str, wheels: Iterable[Path], daemon_wheel: Path) -> Path:
    """Fills ``out`` (emptied first) with the extension for one platform, and returns it. ``check`` judges it."""
    wheels = list(wheels)
    shutil.rmtree(out, ignore_errors=True)
    copy_sources(out)
    for file, folder in [*((w, "wheels") for w in wheels), (daemon_wheel, DAEMON_FOLDER)]:
        (out / folder).mkdir(exist_ok=True)
        shutil.copyfile(file, out / folder / file.name)
    manifest_checks.write(ADDON / manifest_checks.NAME, out / manifest_checks.NAME, platform, [w.name for w in wheels])
    shutil.copyfile(ROOT / "LICENSE", out / "LICENSE")
    return out


def copy_sources(out: Path) -> Path:
    """The extension's Python alone: ``second_unit``, with what it shares with the daemon inside it."""
    shutil.copytree(ADDON, out, ignore=JUNK)
    shutil.copytree(PROTOCOL, out / "protocol", ignore=JUNK)
    shutil.copytree(CAMERAS, out / "cameras", ignore=JUNK)
    return out


def check(folder: Path) -> list[str]:
    """Every problem of a staged extension that can be seen without Blender, as sentences."""
    found = manifest_checks.problems(folder) + import_checks.problems(folder)
    found += [f"{p.relative_to(folder)} does not belong" for p in folder.rglob("*") if p.name == "__pycache__"]
    daemon_wheels = [p.name for p in (folder / DAEMON_FOLDER).glob("*.whl")]
    if len(daemon_wheels) != 1:
        found.append(f"{DAEMON_FOLDER} holds {len(daemon_wheels)} wheels instead of one")
    versions = {"the add-on's manifest": _find(folder / manifest_checks.NAME, r'^version = "(.+)"')}
    versions["the daemon"] = _find(ROOT / "daemon" / "second_unit_daemon" / "__init__.py", r'^__version__ = "(.+)"')
    if len(set(versions.values())) != 1:
        found.append("versions differ: " + ", ".join(f"{who} says {version}" for who, version in versions.items()))
    return found


def _find(path: Path, pattern: str) -> str:
    match = re.search(pattern, path.read_text(), re.MULTILINE)
    return match.group(1) if match else "nothing"
