# SPDX-License-Identifier: GPL-3.0-or-later
"""Rooms and yards drawn at random, to measure on scenes that nothing was tuned for. The same seed, the same scene."""

from __future__ import annotations

import math

import bpy
import numpy as np

from . import street
from .daylight import Daylight
from .materials import sky, sun
from .meshes import Patches, occluders_of
from .palette import materials_for
from .stage import LAST_FRAME, DemoScene, add_camera, key_path, set_render
from .textures import panorama

WALLS = ("brick", "ochre", "rose", "cream", "sage", "blue", "stone")
FLOORS = ("cobbles", "slabs", "wood", "tiles", "sign")
THINGS = ("brick", "tiles", "wood", "awning_red", "awning_green", "stone", "sign", "tram_red", "tram_cream", "slabs")
DEPTH_M = 22.0  # how far the room or yard reaches


def random_scene(seed: int, scene: bpy.types.Scene | None = None) -> DemoScene:
    """Fills ``scene`` (default: the current one, best empty) with a room, or a yard under the sky, that ``seed`` draws.

    Boxes, columns and thin things stand about; one to three things move, some of them turning; the camera dollies,
    orbits or zooms, or does some of each. References are pinned to the first, a middle and the last frame.
    """
    scene = scene or bpy.context.scene
    rng = np.random.default_rng([7, seed])
    roofed = bool(rng.random() < 0.4)
    half_width = float(rng.uniform(3.5, 6.0))
    standing = {"Walls": _walls(rng, half_width, roofed), "Things": _things(rng, half_width)}
    movers = [_mover(rng) for _ in range(rng.integers(1, 4))]
    used = {name for part in (*standing.values(), *movers) for name in part.materials}
    surfaces = materials_for(used, rng)
    to_sun = (float(rng.uniform(-0.7, 0.7)), float(rng.uniform(-0.8, -0.2)), float(rng.uniform(0.6, 1.0)))
    light = Daylight(to_sun=to_sun, sky=(0.62, 0.66, 0.72) if roofed else (0.44, 0.54, 0.72))
    occluders = occluders_of(list(standing.values()))
    for name, part in standing.items():
        scene.collection.objects.link(part.build(name, surfaces, light, occluders))
    names = [_add_mover(scene, rng, part, number, half_width, surfaces, light) for number, part in enumerate(movers)]
    sky(scene, panorama((0.30, 0.55, 0.85), (0.90, 0.88, 0.84), 0.8), rng)
    sun(scene, to_sun)
    camera = add_camera(scene, _camera_keys(rng, half_width))
    set_render(scene)
    middle = int(rng.integers(20, 31))
    return DemoScene(scene.name, camera.name, tuple(names), (1, middle, LAST_FRAME), "")


def _walls(rng: np.random.Generator, half_width: float, roofed: bool) -> Patches:
    into = Patches()
    floor, side, back = rng.choice(FLOORS), rng.choice(WALLS), rng.choice(WALLS)
    height = float(rng.uniform(3.2, 4.5) if roofed else rng.uniform(2.0, 7.0))
    for y in np.arange(-4.0, DEPTH_M, 2.0):
        into.quad((-half_width, y, 0), (2 * half_width, 0, 0), (0, 2.0, 0), floor, float(rng.uniform(1.2, 1.3)), 0.3)
        into.quad((-half_width, y, 0), (0, 2.0, 0), (0, 0, height), side, 1.7, 0.4)
        into.quad((half_width, y + 2.0, 0), (0, -2.0, 0), (0, 0, height), side, 1.7, 0.4)
        if roofed:
            into.quad((-half_width, y + 2.0, height), (2 * half_width, 0, 0), (0, -2.0, 0), "cream", 2.0, 0.6)
    into.quad((-half_width, DEPTH_M, 0), (2 * half_width, 0, 0), (0, 0, height), back, 2.1, 0.4)
    if not roofed:
        into.quad((-150, -20, -0.03), (300, 0, 0), (0, 220, 0), "hill", 30.0, 4.0)
    return into


def _things(rng: np.random.Generator, half_width: float) -> Patches:
    """What stands about: boxes, columns, posts, rails, a table or two, leaves."""
    into = Patches()
    for _ in range(rng.integers(6, 11)):
        x, y = _spot(rng, half_width)
        wide, deep, tall = rng.uniform(0.4, 1.4, 3)
        lift = float(rng.choice([0.0, 0.0, rng.uniform(0.8, 1.8)]))
        low, high = (x - wide / 2, y - deep / 2, lift), (x + wide / 2, y + deep / 2, lift + tall)
        into.box(low, high, str(rng.choice(THINGS)), float(rng.uniform(0.7, 1.2)), 0.25)
    for _ in range(rng.integers(3, 7)):
        x, y = _spot(rng, half_width)
        into.tube(
            [(x, y, 0), (x, y, rng.uniform(1.6, 3.6))], float(rng.uniform(0.03, 0.22)), str(rng.choice(THINGS)), 14
        )
    for _ in range(rng.integers(1, 3)):
        x, y = _spot(rng, half_width)
        street.railing(into, x, y, y + float(rng.uniform(1.0, 2.4)))
    for _ in range(rng.integers(0, 3)):
        street.cafe_table(into, *_spot(rng, half_width))
    for _ in range(rng.integers(1, 4)):
        x, y = _spot(rng, half_width)
        street.leaves(into, (x, y, rng.uniform(0.6, 2.4)), rng.uniform(0.4, 0.8, 3), 90, 0.28, rng)
    for _ in range(rng.integers(0, 3)):
        y = float(rng.uniform(6, 18))
        ends = (-half_width, y, 3.0), (half_width, y + rng.uniform(-2, 2), 3.1)
        street.bunting(into, *ends, 0.4, 14, ["flag_red", "flag_yellow", "flag_blue"])
    return into


def _spot(rng: np.random.Generator, half_width: float) -> tuple[float, float]:
    """A place on the floor that leaves the camera's way free."""
    y = float(rng.uniform(5.0, DEPTH_M - 2.0))
    x = float(rng.uniform(-half_width + 0.8, half_width - 0.8))
    if y < 9.0 and abs(x) < 1.6:
        x = math.copysign(1.6 + 0.4 * abs(x), x)
    return x, y


def _mover(rng: np.random.Generator) -> Patches:
    """A thing that will move, about its own origin."""
    into = Patches()
    a, b = str(rng.choice(THINGS)), str(rng.choice(THINGS))
    into.box((-0.5, -0.4, 0.0), (0.5, 0.4, 0.6), a, 0.8, 0.2)
    into.box((-0.3, -0.3, 0.6), (0.3, 0.3, 1.0), b, 0.6, 0.2)
    if rng.random() < 0.5:
        into.tube([(0, 0, 1.0), (0, 0, 1.7)], 0.05, "iron", 10)
    return into


def _add_mover(scene, rng, part: Patches, number: int, half_width: float, surfaces, light: Daylight) -> str:
    # Lit from above alone: as it turns, its sides would else keep a sun that has moved on.
    even = light._replace(sun=(0.0, 0.0, 0.0), sky=(0.95, 0.95, 0.95), ground=(0.7, 0.7, 0.7))
    thing = part.build(f"Mover {number}", surfaces, even, occluders_of([part]))
    scene.collection.objects.link(thing)
    x, y = rng.uniform(-half_width + 1.2, half_width - 1.2), rng.uniform(7.0, 15.0)
    dx, dy = rng.uniform(-2.0, 2.0), rng.uniform(-2.0, 2.0)
    lift = float(rng.choice([0.02, 0.02, 1.4]))
    turn = float(rng.choice([0.0, rng.uniform(-0.8, 0.8)]))
    key_path(thing, [(1, (x, y, lift)), (LAST_FRAME, (x + dx, y + dy, lift))], (0.0, turn))
    return thing.name


def _camera_keys(rng: np.random.Generator, half_width: float) -> list[tuple]:
    """First, middle and last key of a move drawn at random: dolly, orbit, zoom, or some of each."""
    aim = np.array([rng.uniform(-0.5, 0.5), 12.0, rng.uniform(1.2, 2.0)])
    start = np.array([rng.uniform(-0.8, 0.8), -2.0, rng.uniform(1.2, 2.2)])
    dolly = rng.uniform(1.0, 4.5) * (rng.random() < 0.7)
    swing = math.radians(rng.uniform(-14, 14)) * (rng.random() < 0.7)
    rise = rng.uniform(-0.4, 0.8) * (rng.random() < 0.5)
    lens, zoom = rng.uniform(24, 32), rng.uniform(1.0, 1.5) if rng.random() < 0.5 else 1.0
    keys = []
    for share, frame in ((0.0, 1), (0.5, 25), (1.0, LAST_FRAME)):
        reach = start - aim
        angle = swing * share
        turned = np.array(
            [reach[0] * math.cos(angle) - reach[1] * math.sin(angle),
             reach[0] * math.sin(angle) + reach[1] * math.cos(angle), reach[2]]
        )  # fmt: skip
        place = aim + turned + np.array([0.0, dolly * share, rise * share])
        place[0] = np.clip(place[0], -half_width + 0.6, half_width - 0.6)
        keys.append((frame, tuple(place), tuple(aim), float(lens * zoom**share)))
    return keys
