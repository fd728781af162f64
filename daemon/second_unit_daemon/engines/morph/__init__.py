# SPDX-License-Identifier: GPL-3.0-or-later
"""A built-in engine for transitions: frames between two known ones, along the motion from one to the other."""

from .engine import MorphEngine

__all__ = ["MorphEngine"]
