# SPDX-License-Identifier: GPL-3.0-or-later
"""Engines that can paint a single frame, as a menu, kept by name as the shot's engine is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...link import current

if TYPE_CHECKING:
    from ...protocol.results import EngineInfo

ONE_FRAME = "1"  # the frame rule of engines for stills

_NONE = ("", "None Here", "The daemon has no engine that paints stills: fetch Z-Image or SDXL in the panel Models")
# Blender does not hold the strings of a menu that Python fills: they must live as long as it may draw them.
_held: list[tuple[str, str, str, str, int]] = []


def known() -> list[EngineInfo]:
    """Engines for stills, those first that can be used and paint; then those that carry references to any frame."""
    from ...protocol.results import Input

    engines = current.link.engines
    stills = [engine for engine in engines if engine.frame_rule == ONE_FRAME]
    stills.sort(key=lambda engine: (not engine.available, Input.DEPTH not in engine.captures))
    carry = [e for e in engines if Input.REFERENCES in e.needs and Input.DEPTH in e.captures and e not in stills]
    return [*stills, *carry]


def chosen(paint) -> EngineInfo | None:
    """The engine that was chosen, else the first that can be used."""
    engines = known()
    named = next((engine for engine in engines if engine.name == paint.engine), None)
    return named or next((engine for engine in engines if engine.available), engines[0] if engines else None)


def only_carries(engine: EngineInfo) -> bool:
    """Whether it paints nothing of its own: it needs references and reads no words."""
    return engine.frame_rule != ONE_FRAME


def draws_over(engine: EngineInfo) -> bool:
    """Whether it draws over a picture that is there, whatever the words say."""
    from ...protocol.results import Input

    return engine.frame_rule == ONE_FRAME and Input.COLOUR in engine.takes and Input.DEPTH not in engine.takes


def items(_paint, _context) -> list[tuple[str, str, str, str, int]]:
    rows = [
        (e.name, e.label, (e.description if e.available else e.unavailable_reason).rstrip("."), e.available)
        for e in known()
    ]
    fresh = [
        (name, label, text, "NONE" if available else "ERROR", place)
        for place, (name, label, text, available) in enumerate(rows or [(*_NONE, False)])
    ]
    if fresh != _held:
        _held[:] = fresh
    return _held


def get_choice(paint) -> int:
    engine = chosen(paint)
    names = [row[0] for row in items(paint, None)]
    return names.index(engine.name) if engine and engine.name in names else 0


def set_choice(paint, place: int) -> None:
    paint.engine = items(paint, None)[place][0]
