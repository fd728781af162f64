# SPDX-License-Identifier: GPL-3.0-or-later
"""Coloured discs as icons, for states."""

from __future__ import annotations

from math import dist

import bpy.utils.previews

from ..link.state import COLOURS

SIDE = 32  # pixels, as Blender's own icons have
_MIDDLE = ((SIDE - 1) / 2,) * 2
_RADIUS = 0.3 * SIDE

_collections: list[bpy.utils.previews.ImagePreviewCollection] = []  # one, once it is needed


def icon(colour: str) -> int:
    """Of one of :data:`~link.state.COLOURS`."""
    if not _collections:
        _collections.append(bpy.utils.previews.new())
    collection = _collections[0]
    if colour not in collection:
        made = collection.new(colour)
        made.icon_size = SIDE, SIDE
        made.icon_pixels_float = [value for place in range(SIDE * SIDE) for value in _pixel(COLOURS[colour], place)]
    return collection[colour].icon_id


def _pixel(colour: tuple[float, float, float], place: int) -> tuple[float, ...]:
    """Colours are multiplied by their opacity."""
    opacity = min(max(_RADIUS - dist(divmod(place, SIDE), _MIDDLE), 0.0), 1.0)
    return (*(part * opacity for part in colour), opacity)


def clear() -> None:
    """Frees them."""
    while _collections:
        bpy.utils.previews.remove(_collections.pop())
