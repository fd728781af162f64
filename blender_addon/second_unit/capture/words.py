# SPDX-License-Identifier: GPL-3.0-or-later
"""Blender's error reports, made fit for a sentence."""

from __future__ import annotations


def plain(error: Exception) -> str:
    """What an operator reported, on one line and without "Error: " before every part."""
    parts = [line.removeprefix("Error: ").strip() for line in str(error).splitlines()]
    return "; ".join(part for part in parts if part)
