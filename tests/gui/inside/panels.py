# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs inside the Blender under test: panels that a user opens by their headers, opened from the start."""

from __future__ import annotations

import bpy


def open_panels(module: str, *names: str) -> None:
    """Registers panels again as ones that are open at first."""
    for name in names:
        cls = getattr(part(module), name)  # noqa: F821
        bpy.utils.unregister_class(cls)
        cls.bl_options = set(cls.bl_options) - {"DEFAULT_CLOSED"}
        bpy.utils.register_class(cls)
