# SPDX-License-Identifier: GPL-3.0-or-later
"""Blender's own word on a zip, where a Blender program is at hand."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

from . import BuildError

BLENDER_VARIABLE = "SECOND_UNIT_BLENDER"


def find_blender() -> str | None:
    """The Blender program: ``$SECOND_UNIT_BLENDER``, else ``blender`` on PATH, else None."""
    return os.environ.get(BLENDER_VARIABLE) or shutil.which("blender")


def validate(archive: Path, blender: str) -> str:
    """Runs ``extension validate``; returns what Blender said. Raises BuildError when it refuses the zip."""
    command = [blender, "--background", "--factory-startup", "--command", "extension", "validate", str(archive)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    said = (done.stdout + done.stderr).strip()
    if done.returncode:
        raise BuildError(f"Blender refuses {archive.name}:\n{said}")
    return said.splitlines()[-1] if said else ""
