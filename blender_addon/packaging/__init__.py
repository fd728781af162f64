# SPDX-License-Identifier: GPL-3.0-or-later
"""The steps of ``build_addon.py``: lock, fetch, stage, check, zip. Standard library only: Python 3.11 runs them."""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ADDON = ROOT / "blender_addon" / "second_unit"
PROTOCOL = ROOT / "shared_protocol" / "second_unit_protocol"
CAMERAS = ROOT / "shared_protocol" / "second_unit_cameras"
WHEELS_LOCK = ROOT / "blender_addon" / "wheels.lock.toml"


class BuildError(Exception):
    """The add-on cannot be built; the message says which file or package, and what is wrong with it."""
