# SPDX-License-Identifier: GPL-3.0-or-later
"""The parts engine: parts of a clip or a still carried along drawn paths, swaying or not."""

from .engine import PartsEngine

__all__ = ["PartsEngine"]
