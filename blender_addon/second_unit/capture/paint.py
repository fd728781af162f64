# SPDX-License-Identifier: GPL-3.0-or-later
"""Numbers carried by the colours of objects or of materials, for one drawing at a time.

Only the evaluated copies are painted, and get their own colour back: the file, the artist's window and the plate know
nothing of it, and keys cannot paint over it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import bpy
import numpy as np
from numpy.typing import NDArray

from ..scene.animated import animated_paths
from ..scene.surfaces import fills_space
from .tracks import Codes

DIGITS = 32  # steps of a colour channel, which a byte and a half float hold without loss; white is none of them
Rgba = tuple[float, float, float, float]
Key = tuple[str, str | None]  # a datablock's name and its library's file


def colour_of(code: int) -> Rgba:
    """The opaque object colour that carries a number below DIGITS³."""
    return (code % DIGITS / DIGITS, code // DIGITS % DIGITS / DIGITS, code // DIGITS**2 / DIGITS, 1.0)


def codes_of(colours: NDArray[np.uint8]) -> NDArray[np.int_]:
    """The numbers (…) in drawn colours (…, 3 or 4); 0 for black and for a colour that is no number's."""
    digits = np.rint(np.arange(256) * DIGITS / 255).astype(int)
    red, green, blue = (digits[colours[..., channel]] for channel in range(3))
    bright = (red == DIGITS) | (green == DIGITS) | (blue == DIGITS)
    return np.where(bright, 0, red + DIGITS * green + DIGITS**2 * blue)


class Paint:
    """Paints every object that has a number, and those whose own colour would be taken for one or let light through.

    ``hole`` is the number of holdouts, behind which nothing is seen. Fog in a box is not drawn: it has no surface.
    """

    def __init__(self, view_layer: bpy.types.ViewLayer, codes: Codes):
        self.hole = len(codes) + 1
        self._wanted: dict[Key, int] = {}
        self._fog = _fog(view_layer)
        used = {*codes.values(), self.hole}
        for thing in view_layer.objects:
            out = thing.is_holdout or thing.holdout_get(view_layer=view_layer)
            code = self.hole if out else codes.get(thing.session_uid, 0)
            own = np.clip(np.array(thing.color), 0.0, 1.0)
            mistaken = int(codes_of(np.rint(own[:3] * 255).astype(np.uint8))) in used
            if code or mistaken or own[3] < 1.0 or "color" in animated_paths(thing):
                self._wanted[_key(thing)] = code

    @contextmanager
    def applied(self, depsgraph: bpy.types.Depsgraph) -> Iterator[None]:
        """Paints the depsgraph's copies for as long as it lasts."""
        colours = {key: colour_of(code) for key, code in self._wanted.items()}
        with (
            _painted(bpy.data.objects, "color", colours, depsgraph),
            _painted(bpy.data.objects, "display_type", self._fog, depsgraph),
        ):
            yield


class MaterialPaint:
    """Paints every material with its number, or with that of none. Fog in a box is not drawn."""

    def __init__(self, view_layer: bpy.types.ViewLayer, codes: Codes):
        self._fog = _fog(view_layer)
        self._wanted = {_key(m): colour_of(codes.get(m.session_uid, 0)) for m in bpy.data.materials}

    @contextmanager
    def applied(self, depsgraph: bpy.types.Depsgraph) -> Iterator[None]:
        """Paints the depsgraph's copies for as long as it lasts."""
        with (
            _painted(bpy.data.materials, "diffuse_color", self._wanted, depsgraph),
            _painted(bpy.data.objects, "display_type", self._fog, depsgraph),
        ):
            yield


def _fog(view_layer: bpy.types.ViewLayer) -> dict[Key, str]:
    """How objects are displayed that flat Solid mode is to leave out."""
    return {_key(thing): "WIRE" for thing in view_layer.objects if fills_space(thing)}


def _key(block: bpy.types.ID) -> Key:
    return block.name, block.library.filepath if block.library else None


@contextmanager
def _painted(
    blocks: bpy.types.bpy_prop_collection, name: str, wanted: dict[Key, Any], depsgraph: bpy.types.Depsgraph
) -> Iterator[None]:
    undo: list[tuple[bpy.types.ID, Any]] = []
    try:
        for key, value in wanted.items():
            block = blocks.get(key)
            copy = block.evaluated_get(depsgraph) if block is not None else None
            if copy is not None and copy.is_evaluated:
                own = getattr(copy, name)
                undo.append((copy, own if isinstance(own, str) else tuple(own)))
                setattr(copy, name, value)
        yield
    finally:
        for copy, own in undo:
            setattr(copy, name, own)
