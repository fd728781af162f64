# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes strips."""

from .. import later

__getattr__ = later.modules(
    __name__,
    "above",
    "bare",
    "busy",
    "channels",
    "colour",
    "comparing",
    "compat",
    "frames",
    "landing",
    "masks",
    "picked",
    "playing",
    "target",
)
