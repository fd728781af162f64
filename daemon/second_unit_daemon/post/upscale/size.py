# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads what size is asked for. Light: the daemon asks before anything is shot."""

from __future__ import annotations

from second_unit_protocol.errors import ErrorCode, SecondUnitError


def wanted(text: str) -> tuple[int, tuple[int, int] | None]:
    """ "2", "4x" or "1920x1080" as (factor, size)."""
    parts = text.lower().replace("×", "x").strip("x").split("x")
    try:
        numbers = [int(part) for part in parts]
    except ValueError:
        numbers = []
    if len(numbers) == 1 and numbers[0] in (2, 4):
        return numbers[0], None
    if len(numbers) == 2 and min(numbers) > 0:
        return 0, (numbers[0], numbers[1])
    raise SecondUnitError(
        ErrorCode.BAD_REQUEST, f"The size {text!r} cannot be read", remedy="Ask for 2, 4 or a size such as 1920x1080"
    )
