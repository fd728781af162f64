# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs inside the Blender under test: panels that a user opens by their headers, opened from the start."""

from __future__ import annotations

import bpy


def show_panel(module: str, name: str, shown: bool) -> None:
    """Registers a panel again as one that is open, or closed, at first: in windows of files opened from then on."""
    cls = getattr(part(module), name)  # noqa: F821
    bpy.utils.unregister_class(cls)
    cls.bl_options = (set(cls.bl_options) - {"DEFAULT_CLOSED"}) | (set() if shown else {"DEFAULT_CLOSED"})
    bpy.utils.register_class(cls)
