# SPDX-License-Identifier: GPL-3.0-or-later
"""The demo: a town street on a late summer afternoon, with a tram coming and a camera that walks, circles and zooms.

Built from code alone, the same every time. Surfaces are diffuse and evenly lit from every side, so a picture taken in
one place is true in another. Everything but the tram and the camera stands still.
"""

from __future__ import annotations

import bpy
import numpy as np

from . import street
from .daylight import Daylight
from .materials import sky, sun
from .meshes import Patches, occluders_of
from .palette import materials_for
from .random_scene import random_scene
from .stage import FIRST_FRAME, FPS, HEIGHT, LAST_FRAME, WIDTH, DemoScene, add_camera, key_path, set_render
from .textures import panorama

__all__ = [
    "FIRST_FRAME", "FPS", "HEIGHT", "LAST_FRAME", "PROMPT", "REFERENCE_FRAMES", "WIDTH", "DemoScene",
    "build_demo_scene", "random_scene",
]  # fmt: skip

REFERENCE_FRAMES = (1, 25, 49)
PROMPT = "a quiet old town street in warm afternoon light, a red tram coming, 35mm film"

# frame, camera position, what it looks at, lens in mm
CAMERA_KEYS = (
    (1, (-1.9, -1.2, 1.75), (0.35, 16.0, 3.3), 27.0),
    (25, (-0.9, 1.3, 2.25), (0.75, 16.0, 3.3), 31.0),
    (49, (0.5, 3.0, 2.7), (0.55, 16.0, 3.4), 38.0),
)
DAYLIGHT = Daylight(to_sun=(-0.60, -0.34, 0.72))
TRAM_KEYS = ((1, (1.55, 24.0, 0.0)), (49, (1.55, 15.5, 0.0)))

# y from, y to, storeys, wall, shutters
LEFT_ROW = (
    (-5, 4, 3, "cream", "blue_shutter"),
    (4, 11, 2, "rose", "green_shutter"),
    (11, 18.5, 3, "ochre", "wine_shutter"),
    (21.5, 29, 2, "blue", "blue_shutter"),
    (29, 38, 3, "cream", "green_shutter"),
    (38, 48, 2, "rose", "wine_shutter"),
    (48, 60, 3, "sage", "blue_shutter"),
)
RIGHT_ROW = (
    (-5, 5, 2, "sage", "wine_shutter"),
    (5, 12.5, 3, "ochre", "green_shutter"),
    (12.5, 19, 2, "cream", "blue_shutter"),
    (19, 27, 3, "rose", "green_shutter"),
    (30, 38, 2, "ochre", "blue_shutter"),
    (38, 47, 3, "blue", "wine_shutter"),
    (47, 60, 2, "cream", "green_shutter"),
)


def build_demo_scene(scene: bpy.types.Scene | None = None) -> DemoScene:
    """Fills ``scene`` (default: the current one) with the street and sets its frames, rate, size, sky and camera.

    What the scene holds already is left alone; start from an empty one.
    """
    scene = scene or bpy.context.scene
    rng = np.random.default_rng(1890)
    standing = {"Street": _ground(), "Houses": _houses(), "Furniture": _furniture(rng), "Bunting": _bunting()}
    mover = Patches()
    street.tram(mover)
    names = {name for part in (*standing.values(), mover) for name in part.materials}
    surfaces = materials_for(names, rng)
    occluders = occluders_of(list(standing.values()))
    for name, part in standing.items():
        scene.collection.objects.link(part.build(name, surfaces, DAYLIGHT, occluders))
    # The tram is lit by itself: a shadow that wanders over it, or from it over the street, would belong to no surface.
    tram = mover.build("Tram", surfaces, DAYLIGHT, occluders_of([mover]))
    scene.collection.objects.link(tram)
    key_path(tram, TRAM_KEYS)
    sky(scene, panorama((0.26, 0.52, 0.86), (0.90, 0.90, 0.88), 0.8), rng)
    sun(scene, DAYLIGHT.to_sun)
    camera = add_camera(scene, CAMERA_KEYS)
    set_render(scene)
    return DemoScene(scene.name, camera.name, (tram.name,), REFERENCE_FRAMES, PROMPT)


def _ground() -> Patches:
    into = Patches()
    into.quad((-160, -20, -0.02), (320, 0, 0), (0, 130, 0), "hill", 30.0, 3.0)
    for y in range(-6, 64, 7):
        into.quad((-3.4, y, 0), (6.8, 0, 0), (0, 7, 0), "cobbles", 1.6, 0.2)
        for low, high in ((-6.0, -3.4), (3.4, 6.0)):
            into.box((low, y, -0.05), (high, y + 7, 0.12), "slabs", 2.0, 0.2, skip="-z-y+y")
    for rail in (1.55 - 0.72, 1.55 + 0.66):
        into.box((rail, -6, 0), (rail + 0.07, 64, 0.015), "iron", 1.0, 0.8, skip="-z")
    lattice = np.stack(np.meshgrid(np.linspace(-140, 140, 36), np.linspace(80, 190, 12)), -1)
    rise = (lattice[..., 1] - 80) * (
        0.28 + 0.07 * np.sin(lattice[..., 0] / 17) + 0.04 * np.sin(lattice[..., 0] / 7 + 1)
    )
    hill = np.concatenate([lattice, rise[..., None]], -1)
    into.grid(hill, lattice / 60, "hill", np.broadcast_to((0.0, -0.35, 0.94), hill.shape))
    return into


def _houses() -> Patches:
    into = Patches()
    for x, facing, row in ((-6.0, 1, LEFT_ROW), (6.0, -1, RIGHT_ROW)):
        for y0, y1, storeys, wall, shutter in row:
            street.house(into, x, y0, y1, storeys, wall, shutter, facing)
    street.tower(into, -1.0, 68.0)
    return into


def _furniture(rng: np.random.Generator) -> Patches:
    into = Patches()
    for x, y, arm in ((-3.7, 5.2, 0.7), (3.7, 9.5, -0.7), (-3.7, 19.0, 0.7), (3.7, 26.0, -0.7), (-3.7, 34.0, 0.7)):
        street.lamp_post(into, x, y, arm)
    street.awning(into, -6.0, 4.3, 10.7, 3.1, "awning_red", 1)
    street.awning(into, 6.0, 12.8, 18.6, 3.1, "awning_green", -1)
    street.awning(into, -6.0, 21.9, 28.6, 3.1, "awning_green", 1)
    street.railing(into, -3.6, 6.6, 9.6)
    for y in (7.2, 9.0):
        street.cafe_table(into, -4.6, y)
    for x, y in ((4.7, 13.6), (-4.6, 15.2), (4.7, 30.0)):
        street.tree(into, x, y, rng)
    for y in (6.7, 8.1, 9.4):
        into.box((-3.98, y - 0.3, 0.12), (-3.72, y + 0.3, 0.5), "wood", 0.6, 0.4)
        street.leaves(into, (-3.85, y, 0.68), (0.2, 0.34, 0.24), 70, 0.13, rng)
    return into


def _bunting() -> Patches:
    into = Patches()
    flags = ["flag_red", "flag_yellow", "flag_blue", "table"]
    for y, height in ((12.0, 6.4), (21.0, 7.0), (30.0, 6.8)):
        street.bunting(into, (-6, y, height), (6, y + 1.5, height), 0.9, 22, flags)
    return into
