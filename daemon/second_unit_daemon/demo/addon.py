# SPDX-License-Identifier: GPL-3.0-or-later
"""The extension's zip for this machine, built from the checkout that this package runs from."""

from __future__ import annotations

import platform
import subprocess
import sys
from pathlib import Path

from second_unit_protocol.errors import ErrorCode, SecondUnitError

BUILD_SECONDS = 600
CHECKOUT = Path(__file__).resolve().parents[3]
PLATFORMS = {("linux", "x86_64"): "linux-x64", ("win32", "amd64"): "windows-x64", ("darwin", "arm64"): "macos-arm64"}


def build(out: Path) -> Path:
    """Runs ``build_addon.py``; returns the zip. Raises SecondUnitError where there is no checkout or it fails."""
    script = CHECKOUT / "build_addon.py"
    target = PLATFORMS.get((sys.platform, platform.machine().lower()))
    if not script.is_file():
        raise SecondUnitError(
            ErrorCode.BAD_REQUEST,
            "The demo builds the extension from its sources, and this installation has none",
            remedy="Run it from a checkout that was installed with: pip install -e '.[demo]'",
        )
    if target is None:
        raise SecondUnitError(ErrorCode.BAD_REQUEST, f"No extension is made for {sys.platform} {platform.machine()}")
    command = [sys.executable, str(script), "--platform", target, "--out", str(out)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=BUILD_SECONDS, check=False)
    archives = list(out.glob("*.zip"))
    if done.returncode or not archives:
        raise SecondUnitError(
            ErrorCode.INTERNAL, f"The extension could not be built:\n{done.stderr.strip()}", remedy=""
        )
    return archives[0]
