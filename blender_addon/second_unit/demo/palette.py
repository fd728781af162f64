# SPDX-License-Identifier: GPL-3.0-or-later
"""The demo's surfaces by name: what each is painted with, and how fine its picture is."""

from __future__ import annotations

import bpy
import numpy as np

from .materials import material, picture
from .textures import Painter, checker, foliage, glass, masonry, plaster, slats, stripes

SURFACES: dict[str, tuple[Painter, int]] = {
    "cobbles": (masonry((0.50, 0.47, 0.44), (0.28, 0.26, 0.24), 10, 8, 0.13, 0.14), 512),
    "slabs": (masonry((0.63, 0.59, 0.54), (0.42, 0.39, 0.36), 4, 3, 0.06, 0.04), 512),
    "stone": (masonry((0.78, 0.72, 0.63), (0.60, 0.54, 0.47), 4, 2, 0.04, 0.04), 256),
    "brick": (masonry((0.62, 0.32, 0.24), (0.72, 0.65, 0.58), 12, 4, 0.12, 0.14), 512),
    "tiles": (masonry((0.66, 0.33, 0.22), (0.36, 0.17, 0.12), 12, 12, 0.13, 0.16), 512),
    "ochre": (plaster((0.88, 0.70, 0.42)), 256),
    "rose": (plaster((0.85, 0.56, 0.48)), 256),
    "cream": (plaster((0.90, 0.84, 0.70)), 256),
    "sage": (plaster((0.62, 0.70, 0.56)), 256),
    "blue": (plaster((0.50, 0.62, 0.72)), 256),
    "green_shutter": (slats((0.20, 0.42, 0.34), 10), 256),
    "blue_shutter": (slats((0.22, 0.36, 0.52), 10), 256),
    "wine_shutter": (slats((0.48, 0.18, 0.20), 10), 256),
    "glass": (glass((0.40, 0.52, 0.62), (0.10, 0.14, 0.20)), 128),
    "shop": (glass((0.30, 0.26, 0.22), (0.72, 0.50, 0.26)), 256),
    "frame": (plaster((0.93, 0.91, 0.86), 0.02), 64),
    "iron": (plaster((0.13, 0.15, 0.16), 0.08), 64),
    "dark": (plaster((0.09, 0.08, 0.08), 0.05), 64),
    "lantern": (plaster((1.0, 0.90, 0.62), 0.03), 64),
    "table": (plaster((0.90, 0.88, 0.82), 0.04), 64),
    "wood": (slats((0.58, 0.38, 0.22), 8), 128),
    "bark": (masonry((0.42, 0.33, 0.26), (0.25, 0.19, 0.15), 8, 12, 0.15, 0.25), 128),
    "leaves": (foliage, 128),
    "awning_red": (stripes((0.80, 0.20, 0.16), (0.96, 0.92, 0.84), 2), 128),
    "awning_green": (stripes((0.14, 0.44, 0.34), (0.96, 0.92, 0.84), 2), 128),
    "flag_red": (plaster((0.84, 0.22, 0.18), 0.03), 64),
    "flag_yellow": (plaster((0.95, 0.76, 0.22), 0.03), 64),
    "flag_blue": (plaster((0.20, 0.46, 0.68), 0.03), 64),
    "sign": (checker((0.10, 0.12, 0.14), (0.98, 0.86, 0.36), 8), 128),
    "tram_red": (plaster((0.78, 0.16, 0.13), 0.03), 256),
    "tram_cream": (plaster((0.95, 0.89, 0.74), 0.03), 256),
    "tram_window": (glass((0.36, 0.48, 0.56), (0.14, 0.18, 0.22)), 128),
    "hill": (foliage, 256),
}


def materials_for(names: set[str], rng: np.random.Generator) -> dict[str, bpy.types.Material]:
    """Materials of the named surfaces; the same generator state gives the same pictures."""
    return {
        name: material(name, picture(name, *SURFACES[name], rng))
        for name in SURFACES  # in a fixed order, so that a set's order changes nothing
        if name in names
    }
