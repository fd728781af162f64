# SPDX-License-Identifier: GPL-3.0-or-later
"""Frames that running jobs have shown, taken into the panel."""

from __future__ import annotations

from .. import previews
from .shoot import now


def tick() -> int:
    """Not while a shot is captured: an image that goes away shows as a change of every object, and ends the capture."""
    return previews.shown() if now.running else previews.tick()
