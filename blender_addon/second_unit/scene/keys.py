# SPDX-License-Identifier: GPL-3.0-or-later
"""What the keys of a datablock say, as facts: read in pieces, for a motion capture has some hundred thousand."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Set
from itertools import islice

import bpy
import numpy as np

from .animated import curves_of

KEYS_AT_ONCE = 20_000  # a millisecond's worth or two
CURVES_AT_ONCE = 150


def key_facts(find: Callable[[], bpy.types.ID | None]) -> Iterator[list[object]]:
    """Of the block that ``find`` gives, which is asked for each piece; none of a block that is gone or has no keys."""
    done = 0
    while facts := _some(find(), done):
        yield facts
        done += len(facts)


def value_of(struct: bpy.types.bpy_struct, name: str, animated: Set[str]) -> object:
    """A property's value; None where keys or drivers set it, which say themselves what it is."""
    return None if animated and _path(struct, name) in animated else getattr(struct, name, None)


def _path(struct: bpy.types.bpy_struct, name: str) -> str:
    try:
        return struct.path_from_id(name)
    except ValueError:  # a part of a node that no path leads to, and so no key
        return ""


def _some(block: bpy.types.ID | None, first: int) -> list[object]:
    facts: list[object] = []
    keys = 0
    for curve in islice(curves_of(block) if block else (), first, first + CURVES_AT_ONCE):
        points = curve.keyframe_points
        flat = np.empty(2 * len(points), np.float32)
        points.foreach_get("co", flat)
        facts.append((curve.data_path, curve.array_index, hashlib.sha256(flat).hexdigest()[:16], len(curve.modifiers)))
        keys += len(points)
        if keys >= KEYS_AT_ONCE:
            break
    return facts
