# SPDX-License-Identifier: GPL-3.0-or-later
"""A shot's LoRAs as plain data."""

from __future__ import annotations

from ...core.spec import LoraSpec


def loras_of(shot) -> tuple[LoraSpec, ...]:
    """Those that are in use; one without a name yet is none."""
    return tuple(LoraSpec(lora.name, lora.strength) for lora in shot.loras if lora.use and lora.name)
