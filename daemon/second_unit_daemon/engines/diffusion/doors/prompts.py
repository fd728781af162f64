# SPDX-License-Identifier: GPL-3.0-or-later
"""What a model reads, from the shot's words."""

from __future__ import annotations

from second_unit_protocol.shot import ShotRequest


def prompt_of(shot: ShotRequest) -> str:
    """Prompt and style, as one text."""
    return ". ".join(part.strip().rstrip(".") for part in (shot.prompt, shot.style) if part.strip())
