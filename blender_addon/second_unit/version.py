# SPDX-License-Identifier: GPL-3.0-or-later
"""The extension's version, as its manifest has it."""

from __future__ import annotations

import functools
import tomllib
from pathlib import Path


@functools.cache
def addon_version() -> str:
    """Three numbers, such as ``0.1.0``."""
    return tomllib.loads(Path(__file__).with_name("blender_manifest.toml").read_text("utf-8"))["version"]
