# SPDX-License-Identifier: GPL-3.0-or-later
"""The engine as a menu of what the daemon offers, kept by name.

A menu that Python fills stores a position, and positions move when the daemon learns an engine. So the name is what is
kept, and the menu reads and writes it.
"""

from __future__ import annotations

from ...link import current

FALLBACK = "projection"
_FALLBACK_ITEM = (FALLBACK, "Projection", "Your reference pictures, projected along the camera's path")

Items = list[tuple[str, str, str, str, int]]

# Blender does not hold the strings of a menu that Python fills: they must live as long as it may draw them.
_held: Items = []
_all_held: Items = []


def items(shot, _context) -> Items:
    """The menu: what the daemon has, or the embedded engine; and the shot's own choice, even where it is unknown.

    Without a shot, those too that only change clips.
    """
    from ...protocol.results import Input

    engines = [e for e in current.link.engines if shot is None or Input.EDITED_CLIP not in e.needs]
    rows = [(e.name, e.label, e.description if e.available else e.unavailable_reason, e.available) for e in engines]
    if not rows:
        rows = [(*_FALLBACK_ITEM, True)]
    if shot is not None and shot.engine not in {row[0] for row in rows}:
        rows.append((shot.engine, f"{shot.engine} (not on this daemon)", "The daemon does not have this engine", False))
    fresh = [
        (name, label, text.rstrip("."), "NONE" if available else "ERROR", place)
        for place, (name, label, text, available) in enumerate(rows)
    ]
    held = _all_held if shot is None else _held
    if fresh != held:
        held[:] = fresh
    return held


def needs_references(name: str) -> bool:
    """Whether the engine refuses a shot without pictures; the embedded one does, also while no daemon says so."""
    from ...protocol.results import Input

    known = next((engine for engine in current.link.engines if engine.name == name), None)
    return Input.REFERENCES in known.needs if known else name == FALLBACK


def get_choice(shot) -> int:
    names = [row[0] for row in items(shot, None)]
    return names.index(shot.engine)


def set_choice(shot, place: int) -> None:
    shot.engine = items(shot, None)[place][0]
