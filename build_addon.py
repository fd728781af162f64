#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Builds the Blender extension: one zip a platform, the same bytes from the same tree.

    python build_addon.py                      all platforms, into dist/
    python build_addon.py --platform linux-x64 --out somewhere
    python build_addon.py --check              builds to a temporary folder and only says whether all is well
    python build_addon.py --relock             renews blender_addon/wheels.lock.toml

Needs Python 3.11 or later with pip. Fetched wheels are kept in the user's cache folder (or ``$SECOND_UNIT_CACHE``).
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import tomllib
from collections.abc import Iterable
from pathlib import Path

from blender_addon.packaging import ADDON, ROOT, BuildError, daemon_wheel
from blender_addon.packaging.archive import write_zip
from blender_addon.packaging.blender import find_blender, validate
from blender_addon.packaging.manifest import NAME
from blender_addon.packaging.stage import check, stage
from blender_addon.packaging.wheels import PLATFORMS, fetch, for_platform, read_lock, relock

BUNDLED = ("pyzmq>=27", "msgpack>=1.1", "attrs>=25.4", "cattrs>=25.3", "typing-extensions>=4.14", "OpenEXR>=3.4")
SETUPTOOLS = "84.2.1"


def zip_name(platform: str) -> str:
    """The file name of one platform's zip, with the extension's version in it."""
    version = tomllib.loads((ADDON / NAME).read_text())["version"]
    return f"second_unit-{version}-{platform.replace('-', '_')}.zip"


def build(out: Path, platforms: Iterable[str] = tuple(PLATFORMS), *, checked: bool = True) -> list[Path]:
    """Writes the zips into ``out`` and returns their paths.

    Raises BuildError: no network for a wheel, or (if ``checked``) whatever the checks of the staged tree find.
    """
    setuptools, locked = read_lock()
    daemon = daemon_wheel.build(setuptools)
    archives = []
    for platform in platforms:
        with tempfile.TemporaryDirectory() as folder:
            staged = stage(
                Path(folder, "second_unit"), platform, fetch(for_platform(locked, platform), platform), daemon
            )
            if checked and (found := check(staged)):
                raise BuildError("the staged extension has problems:\n" + "\n".join(f"  {line}" for line in found))
            archives.append(out / zip_name(platform))
            write_zip(staged, archives[-1])
    return archives


def main() -> int:
    parser = argparse.ArgumentParser(description="Builds Second Unit's Blender extension.")
    parser.add_argument("--platform", action="append", choices=tuple(PLATFORMS), help="this platform only (repeatable)")
    parser.add_argument("--out", type=Path, default=ROOT / "dist", help="folder for the zips (default: dist)")
    parser.add_argument("--check", action="store_true", help="build and validate, keep nothing")
    parser.add_argument("--relock", action="store_true", help="renew the lock of bundled wheels")
    chosen = parser.parse_args()
    try:
        if chosen.relock:
            relock(BUNDLED, SETUPTOOLS)
        else:
            with tempfile.TemporaryDirectory() as temporary:
                _build_and_report(Path(temporary) if chosen.check else chosen.out, chosen.platform or PLATFORMS)
    except BuildError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


def _build_and_report(out: Path, platforms: Iterable[str]) -> None:
    blender = find_blender()
    for archive in build(out, platforms):
        judged = validate(archive, blender) if blender else "passes its own checks (no Blender program to ask)"
        sys.stdout.write(f"{archive}  {archive.stat().st_size / 1e6:.1f} MB  {judged}\n")


if __name__ == "__main__":
    sys.exit(main())
