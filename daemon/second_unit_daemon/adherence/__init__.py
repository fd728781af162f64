# SPDX-License-Identifier: GPL-3.0-or-later
"""How well a finished clip kept to its camera, measured against the scene's own geometry (docs/adherence.md)."""

from .meter import AdherenceMeter

__all__ = ["AdherenceMeter"]
