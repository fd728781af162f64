# SPDX-License-Identifier: GPL-3.0-or-later
"""The built-in engine: reference pictures carried along the camera by the scene's own geometry."""

from .engine import ProjectionEngine

__all__ = ["ProjectionEngine"]
