# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads the scene."""

from .. import later

__getattr__ = later.modules(
    __name__,
    "active",
    "animated",
    "camera",
    "cameras",
    "facts",
    "look",
    "match",
    "motion",
    "pencil",
    "poses",
    "render_result",
    "settings",
    "stamp",
    "surfaces",
    "watch",
)
