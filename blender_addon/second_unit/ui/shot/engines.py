# SPDX-License-Identifier: GPL-3.0-or-later
"""The engine as a menu of what the daemon offers, kept by name.

A menu that Python fills stores a position, and positions move when the daemon learns an engine. So the name is what is
kept, and the menu reads and writes it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from ...link import current

if TYPE_CHECKING:
    from ...protocol.results import EngineInfo

FALLBACK = "projection"
_FALLBACK_ITEM = (FALLBACK, "Projection", "Your reference pictures, projected along the camera's path")

Items = list[tuple[str, str, str, str, int]]
Row = tuple[str, str, str, bool]

# Blender does not hold the strings of a menu that Python fills: they must live as long as it may draw them.
_held: dict[str, Items] = {}


def items(shot, _context) -> Items:
    """The menu: what the daemon has, or the embedded engine; and the shot's own choice, even where it is unknown.

    Without a shot, those too that only change clips.
    """
    from ...protocol.results import Input

    engines = [e for e in current.link.engines if shot is None or Input.EDITED_CLIP not in e.needs]
    more: list[Row] = []
    if not engines:
        more.append((*_FALLBACK_ITEM, True))
    if shot is not None and shot.engine not in {e.name for e in engines} | {row[0] for row in more}:
        more.append((shot.engine, f"{shot.engine} (not on this daemon)", "The daemon does not have this engine", False))
    return held("all" if shot is None else "shot", engines, more)


def held(menu: str, engines: Iterable[EngineInfo], more: Sequence[Row] = ()) -> Items:
    """The rows of a menu of engines, by whose name they are kept, the same list for as long as they are the same.

    ``more``: rows at the end, (name, label, description, whether it can be used).
    """
    rows = [(e.name, e.label, e.description if e.available else e.unavailable_reason, e.available) for e in engines]
    fresh = [
        (name, label, text.rstrip("."), "NONE" if available else "ERROR", place)
        for place, (name, label, text, available) in enumerate([*rows, *more])
    ]
    kept = _held.setdefault(menu, [])
    if fresh != kept:
        kept[:] = fresh
    return kept


def needs_references(name: str) -> bool:
    """Whether the engine refuses a shot without pictures; the embedded one does, also while no daemon says so."""
    from ...protocol.results import Input

    known = next((engine for engine in current.link.engines if engine.name == name), None)
    return Input.REFERENCES in known.needs if known else name == FALLBACK


def reads(name: str, kind: str) -> bool:
    """Whether the engine takes an input of that name (``seed``, ``prompt``); one that is not known here may."""
    known = next((engine for engine in current.link.engines if engine.name == name), None)
    return kind in {each.value for each in known.takes} if known else name != FALLBACK


def label(name: str) -> str:
    """What the menu calls the engine; its own name where no daemon tells of it."""
    return next((engine.label for engine in current.link.engines if engine.name == name), name)


def get_choice(shot) -> int:
    names = [row[0] for row in items(shot, None)]
    return names.index(shot.engine)


def set_choice(shot, place: int) -> None:
    shot.engine = items(shot, None)[place][0]
