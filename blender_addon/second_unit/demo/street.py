# SPDX-License-Identifier: GPL-3.0-or-later
"""The parts of a town street: houses, lamps, bunting, trees, café furniture, a tram. Metres; y runs down the street."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from .meshes import Patches


def facade(
    into: Patches, x: float, y0: float, y1: float, heights: list[float], wall: str, shutter: str, facing: int
) -> None:
    """One house front in the plane x from y0 to y1; ``facing`` +1 looks to +x. ``heights``: tops of its storeys."""
    bays = max(2, round(abs(y1 - y0) / 2.3))
    edges = np.linspace(y0, y1, bays + 1)
    bottom = 0.0
    for storey, top in enumerate(heights):
        for left, right in pairwise(edges):
            middle, half = 0.5 * (left + right), 0.36 * (right - left) if storey == 0 else 0.5
            sill = bottom + (0.35 if storey == 0 else 0.85)
            head = top - (0.75 if storey == 0 else 0.55)
            _bay(into, x, (left, right), (bottom, top), (middle - half, middle + half), (sill, head), wall, facing)
            _window(into, x, (middle - half, middle + half), (sill, head), facing, shutter if storey else "")
        if storey == 0:
            _bar(into, x, (y0, y1), (top - 0.2, top), 0.14, "stone", facing)
        bottom = top
    _bar(into, x, (y0 - 0.15, y1 + 0.15), (bottom - 0.05, bottom + 0.28), 0.4, "stone", facing)


def _bar(into: Patches, x: float, y: tuple, z: tuple, depth: float, material: str, facing: int, cell=0.6) -> None:
    """A box that sticks ``depth`` out of the plane x."""
    low, high = (x, x + depth) if facing > 0 else (x - depth, x)
    into.box((low, y[0], z[0]), (high, y[1], z[1]), material, 1.0, cell, skip="-x" if facing > 0 else "+x")


def _panel(into: Patches, x: float, y: tuple, z: tuple, material: str, facing: int, tile=2.0, cell=0.35) -> None:
    """A rectangle in the plane x, looking along ``facing``."""
    if y[1] - y[0] < 1e-6 or z[1] - z[0] < 1e-6:
        return
    start, along = (y[0], y[1] - y[0]) if facing > 0 else (y[1], y[0] - y[1])
    into.quad((x, start, z[0]), (0, along, 0), (0, 0, z[1] - z[0]), material, tile, cell)


def _bay(into: Patches, x, span, rise, opening, lift, wall, facing) -> None:
    """The wall around one opening, and the opening's own four sides, 20 cm deep."""
    for y, z in (
        ((span[0], opening[0]), rise), ((opening[1], span[1]), rise),
        (opening, (rise[0], lift[0])), (opening, (lift[1], rise[1])),
    ):  # fmt: skip
        _panel(into, x, y, z, wall, facing)
    back = x - 0.2 * facing
    into.quad((back, opening[0], lift[0]), (0.2 * facing, 0, 0), (0, opening[1] - opening[0], 0), "stone")
    into.quad((x, opening[0], lift[1]), (-0.2 * facing, 0, 0), (0, opening[1] - opening[0], 0), "stone")
    for y, sign in ((opening[0], 1), (opening[1], -1)):
        into.quad(
            (back if sign * facing < 0 else x, y, lift[0]), (0.2 * sign * -1, 0, 0), (0, 0, lift[1] - lift[0]), wall
        )


def _window(into: Patches, x, y, z, facing: int, shutter: str) -> None:
    """Pane, bars and sill; shutters where a name is given, else an awning's width of shop window."""
    back = x - 0.2 * facing
    _panel(into, back, y, z, "glass" if shutter else "shop", facing, tile=max(z[1] - z[0], 1.2))
    bars = [((y[0] + y[1]) / 2 - 0.04, (y[0] + y[1]) / 2 + 0.04, *z), (y[0], y[0] + 0.07, *z), (y[1] - 0.07, y[1], *z)]
    level = z[0] + 0.62 * (z[1] - z[0])
    bars += [(y[0], y[1], level - 0.04, level + 0.04)]
    for low, high, bottom, top in bars:
        _bar(into, back, (low, high), (bottom, top), 0.06, "frame", facing, cell=3.0)
    if shutter:
        _bar(into, x, (y[0] - 0.1, y[1] + 0.1), (z[0] - 0.1, z[0]), 0.14, "stone", facing, cell=3.0)
        for low in (y[0] - 0.5, y[1] + 0.04):
            _bar(into, x, (low, low + 0.46), z, 0.06, shutter, facing, cell=1.0)


def house(into: Patches, x: float, y0: float, y1: float, storeys: int, wall: str, shutter: str, facing: int) -> None:
    """A whole house: front, gable sides, pitched roof with a chimney. It stands behind the plane x."""
    heights = [3.4 + 2.9 * i for i in range(storeys)]
    facade(into, x, y0, y1, heights, wall, shutter, facing)
    eave, back = heights[-1], x - 8.0 * facing
    ridge_x, ridge = x - 4.0 * facing, eave + 2.9
    for y, out in ((y0, -1), (y1, 1)):
        start, along = (back, x - back) if out * 1 < 0 else (x, back - x)
        into.quad((start, y, 0), (along, 0, 0), (0, 0, eave), wall, 2.0, 0.8)
        into.quad((start, y, eave), (along, 0, 0), (0, 0, 0.9), wall, 2.0, 0.8)
    front = (x + 0.45 * facing, y0 - 0.2, eave + 0.2)
    slope = (ridge_x - front[0], 0, ridge - front[2])
    width = (0, y1 - y0 + 0.4, 0)
    if facing > 0:
        into.quad(front, width, slope, "tiles", 2.4, 1.2)
    else:
        into.quad((front[0], y1 + 0.2, front[2]), (0, -width[1], 0), slope, "tiles", 2.4, 1.2)
    chimney = y0 + 0.3 * (y1 - y0)
    into.box((ridge_x - 0.4, chimney, ridge - 1.2), (ridge_x + 0.4, chimney + 0.9, ridge + 1.1), "brick", 1.2)


def awning(into: Patches, x: float, y0: float, y1: float, z: float, material: str, facing: int) -> None:
    """A striped awning that leans 1.5 m out, with a valance."""
    out, drop = 1.5 * facing, -0.55
    start, along = (y0, y1 - y0) if facing > 0 else (y1, y0 - y1)
    into.quad((x + out, start, z + drop), (0, along, 0), (-out, 0, -drop), material, 1.0)
    into.quad((x + out, start, z + drop - 0.28), (0, along, 0), (0, 0, 0.28), material, 1.0)


def lamp_post(into: Patches, x: float, y: float, arm: float) -> None:
    """A cast-iron lamp with a lantern hanging from a curved arm of ``arm`` metres along x."""
    into.tube([(x, y, 0.1), (x, y, 0.75)], 0.13, "iron", 12)
    into.tube([(x, y, 0.7), (x, y, 4.1)], 0.065, "iron", 12)
    bend = np.linspace(0, np.pi / 2, 7)
    into.tube([(x + arm * (1 - np.cos(b)), y, 4.1 + 0.6 * np.sin(b)) for b in bend], 0.045, "iron", 8)
    at = x + arm
    into.box((at - 0.17, y - 0.17, 4.1), (at + 0.17, y + 0.17, 4.5), "lantern", 0.5)
    into.box((at - 0.22, y - 0.22, 4.5), (at + 0.22, y + 0.22, 4.58), "iron", 0.5)
    into.tube([(at, y, 4.56), (at, y, 4.72)], 0.05, "iron", 6)


def bunting(into: Patches, start, end, sag: float, flags: int, materials: list[str]) -> None:
    """A cord that hangs across the street with pennants on it."""
    start, end = np.asarray(start, float), np.asarray(end, float)
    s = np.linspace(0, 1, flags + 1)
    cord = start + s[:, None] * (end - start)
    cord[:, 2] -= sag * 4 * s * (1 - s)
    into.tube(list(cord), 0.018, "iron", 5)
    for i in range(flags):
        left, right = cord[i], cord[i] + 0.72 * (cord[i + 1] - cord[i])
        tip = 0.5 * (left + right) - (0, 0.06, 0.42)
        shape = np.array([[left, right], [tip, tip + 0.001]])
        normal = np.cross(right - left, left - tip)
        normals = np.broadcast_to(normal / np.linalg.norm(normal), shape.shape)
        into.grid(
            shape[::-1], np.array([[[0, 0], [0.1, 0]], [[0, 0.4], [0.4, 0.4]]]), materials[i % len(materials)], normals
        )


def railing(into: Patches, x: float, y0: float, y1: float) -> None:
    """A low iron fence along the street with boxes of plants behind it."""
    for z in (0.25, 0.95):
        into.tube([(x, y0, z), (x, y1, z)], 0.022, "iron", 8)
    for y in np.arange(y0, y1 + 1e-6, 0.2):
        into.tube([(x, y, 0.12), (x, y, 1.0)], 0.014, "iron", 6)
    for y in (y0, y1):
        into.tube([(x, y, 0.1), (x, y, 1.12)], 0.035, "iron", 8)


def leaves(into: Patches, centre, radii, count: int, size: float, rng: np.random.Generator) -> None:
    """A cloud of leaf-sized quads, facing every way but mostly out."""
    centre, radii = np.asarray(centre, float), np.asarray(radii, float)
    for _ in range(count):
        out = rng.standard_normal(3)
        out /= np.linalg.norm(out)
        place = centre + out * radii * rng.uniform(0.55, 1.0)
        normal = out + 0.8 * rng.standard_normal(3)
        along = np.cross(normal, rng.standard_normal(3))
        along *= size * rng.uniform(0.7, 1.3) / np.linalg.norm(along)
        up = np.cross(normal, along)
        up *= size * 0.7 / np.linalg.norm(up)
        into.quad(place - 0.5 * (along + up), along, up, "leaves", 0.9, 9.0)


def tree(into: Patches, x: float, y: float, rng: np.random.Generator) -> None:
    """A young street tree."""
    into.tube([(x, y, 0.1), (x + 0.05, y, 1.6), (x - 0.05, y + 0.05, 3.2)], [0.13, 0.1, 0.06], "bark", 9, 0.8)
    for lift, wide in ((3.0, 1.1), (3.8, 1.35), (4.7, 0.95)):
        leaves(into, (x + rng.normal(0, 0.15), y, lift), (wide, wide, 0.8 * wide), 150, 0.36, rng)


def cafe_table(into: Patches, x: float, y: float) -> None:
    """A round table and two chairs."""
    into.tube([(x, y, 0.1), (x, y, 0.74)], 0.03, "iron", 8)
    turn = np.linspace(0, 2 * np.pi, 17)
    ring = np.stack([x + 0.36 * np.cos(turn), y + 0.36 * np.sin(turn), np.full(17, 0.76)], -1)
    middle = np.broadcast_to((x, y, 0.76), ring.shape)
    top = np.stack([middle, ring])
    into.grid(top, top[..., :2], "table", np.broadcast_to((0.0, 0.0, 1.0), top.shape))
    into.tube([(x, y, 0.72), (x, y, 0.755)], 0.36, "table", 16)
    for side in (-1, 1):
        seat = y + 0.62 * side
        for dx in (-0.17, 0.17):
            for dy in (-0.17, 0.17):
                tall = 0.92 if dy * side > 0 else 0.46
                into.tube([(x + dx, seat + dy, 0.1), (x + dx, seat + dy, tall)], 0.016, "iron", 6)
        into.box((x - 0.2, seat - 0.2, 0.44), (x + 0.2, seat + 0.2, 0.48), "wood", 0.6)
        into.box((x - 0.2, seat + 0.17 * side - 0.015, 0.68), (x + 0.2, seat + 0.17 * side + 0.015, 0.92), "wood", 0.6)


def tram(into: Patches) -> None:
    """A small tram about its own origin, nose to -y; it brings the dark under its floor along."""
    w, n, length = 1.05, 0.0, 6.4
    into.box((-w, n, 0.35), (w, length, 1.35), "tram_red", 2.0, 0.6)
    into.box((-w + 0.03, n + 0.05, 1.35), (w - 0.03, length - 0.05, 2.35), "tram_window", 1.0, 0.6)
    into.box((-w, n, 2.35), (w, length, 2.75), "tram_cream", 2.0, 0.6)
    into.box((-w + 0.15, n + 0.25, 2.75), (w - 0.15, length - 0.25, 2.95), "tram_cream", 2.0, 0.6)
    for y in np.linspace(n, length - 0.1, 6):
        for x in (-w, w - 0.06):
            into.box((x, y, 1.35), (x + 0.06, y + 0.1, 2.35), "tram_cream", 2.0, 2.0)
    for x in (-w, -0.36, 0.3, w - 0.06):
        into.box((x, n - 0.01, 1.35), (x + 0.06, n + 0.06, 2.35), "tram_cream", 2.0, 2.0)
    for x in (-0.7, 0.7):
        into.tube([(x, n - 0.08, 0.8), (x, n + 0.02, 0.8)], 0.14, "lantern", 14)
        into.quad((x - 0.14, n - 0.08, 0.66), (0.28, 0, 0), (0, 0, 0.28), "lantern")
    into.box((-0.55, n - 0.03, 2.42), (0.55, n, 2.68), "sign", 0.5, 2.0)
    into.box((-w - 0.02, n - 0.06, 0.3), (w + 0.02, length + 0.06, 0.42), "iron", 1.0)
    into.box((-w + 0.1, n + 0.1, 0.035), (w - 0.1, length - 0.1, 0.35), "dark", 1.0)
    into.tube([(0, 3.0, 2.95), (0, 3.9, 3.7)], 0.03, "iron", 6)


def tower(into: Patches, x: float, y: float) -> None:
    """A church tower that ends the view."""
    into.box((x - 2.6, y, 0), (x + 2.6, y + 5.2, 15.0), "stone", 2.0, 1.0)
    into.box((x - 2.9, y - 0.3, 15.0), (x + 2.9, y + 5.5, 15.5), "stone", 2.0, 1.0)
    for side in (-1.1, 1.1):
        into.box((x + side - 0.5, y - 0.04, 11.0), (x + side + 0.5, y, 13.8), "dark", 1.0, 2.0)
    turn = np.linspace(0, 2 * np.pi, 17)
    clock = np.stack([x + 1.0 * np.cos(turn), np.full(17, y - 0.06), 8.8 + 1.0 * np.sin(turn)], -1)
    dial = np.stack([np.broadcast_to((x, y - 0.06, 8.8), clock.shape), clock])
    into.grid(dial, dial[..., [0, 2]], "table", np.broadcast_to((0.0, -1.0, 0.0), dial.shape))
    into.tube([(x, y - 0.1, 8.8), (x, y - 0.1, 9.6)], 0.06, "iron", 6)
    into.tube([(x, y - 0.1, 8.8), (x + 0.5, y - 0.1, 8.5)], 0.06, "iron", 6)
    peak = np.array([x, y + 2.6, 24.0])
    corner = np.array([(x - 2.9, y - 0.3), (x + 2.9, y - 0.3), (x + 2.9, y + 5.5), (x - 2.9, y + 5.5)])
    for a, b in zip(corner, np.roll(corner, -1, 0), strict=True):
        low, high = np.array([*a, 15.5]), np.array([*b, 15.5])
        face = np.array([[low, high], [peak, peak]])
        normal = np.cross(high - low, peak - low)
        normals = np.broadcast_to(normal / np.linalg.norm(normal), face.shape)
        into.grid(face, np.array([[[0, 0], [2.4, 0]], [[1.2, 3.6], [1.2, 3.6]]]), "tiles", normals)
