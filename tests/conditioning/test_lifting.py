# SPDX-License-Identifier: GPL-3.0-or-later
"""Geometry lifted from one view to another is what the other camera sees: exact, without cracks, cut at silhouettes."""

from __future__ import annotations

import numpy as np
import pytest
from second_unit_daemon.conditioning.pictures.sharpening import sharpened
from second_unit_daemon.conditioning.projection.backdrop import close_gaps
from second_unit_daemon.conditioning.projection.geometry import surfaces_of
from second_unit_daemon.conditioning.projection.lifting import Source, lift

from tests.support.room import Rectangle, Room, dolly, look_at, noise_texture, pinhole

WIDTH, HEIGHT = 240, 136


def lifted(room: Room, start, end, **source):
    lens = pinhole(WIDTH, HEIGHT)
    view, target = (room.draw(c2w, lens, WIDTH, HEIGHT) for c2w in (start, end))
    found = lift([Source(surfaces_of(view.depth, None), start, lens, **source)], end, lens, WIDTH, HEIGHT)
    return found, target


def test_what_is_seen_from_both_places_is_exact():
    found, target = lifted(Room(moving=False), dolly(0.0), dolly(0.5))
    with np.errstate(divide="ignore"):
        depth = 1 / np.where(found.seen, found.inverse, np.nan)
    known = found.seen & np.isfinite(target.depth)
    off = np.abs(depth[known] / target.depth[known] - 1)
    assert known.mean() > 0.75
    assert np.median(off) < 1e-4
    assert (off < 0.01).mean() > 0.97  # the rest is silhouettes, and what was hidden and shows what lay behind it


def test_the_same_camera_sees_the_same():
    found, target = lifted(Room(moving=False), dolly(0.3), dolly(0.3))
    assert found.seen.all()
    with np.errstate(divide="ignore"):
        np.testing.assert_allclose(found.inverse, 1 / target.depth, rtol=1e-3, atol=1e-4)


@pytest.mark.parametrize("forward", [0.5, 2.0, 3.5])
def test_a_floor_that_is_enlarged_has_no_cracks(forward):
    corner, across, up = (np.array(v, float) for v in ((-40, -10, 0), (80, 0, 0), (0, 300, 0)))
    floor = Rectangle(corner, across, up, noise_texture(np.random.default_rng(5)))
    found, target = lifted(
        Room.of(floor), look_at((0, -4, 0.6), (0, 40, 0.2)), look_at((0, -4 + forward, 0.6), (0, 40, 0.2))
    )
    inside = np.zeros((HEIGHT, WIDTH), bool)
    inside[: HEIGHT // 2 + 20] = True  # further down lies what the first camera's picture did not reach
    assert found.seen[inside & np.isfinite(target.depth)].mean() > 0.999


def test_nothing_stretches_between_a_thing_and_what_is_behind():
    def wall(y, half):
        parts = (np.array(v, float) for v in ((-half, y, -half), (2 * half, 0, 0), (0, 0, 2 * half)))
        return Rectangle(*parts, np.full((8, 8, 3), 90, np.uint8))

    room = Room.of(wall(8, 30), wall(2, 0.6))
    found, _ = lifted(room, look_at((0, -2, 0), (0, 8, 0)), look_at((1.5, -2, 0), (1.5, 8, 0)))
    depth = 1 / found.inverse[found.seen]
    assert set(np.round(depth, 2)) == {4.0, 10.0}
    assert 0.02 < (~found.seen).mean() < 0.4  # and what was hidden is not drawn
    close_gaps(found.inverse, found.index)
    middle = found.inverse[HEIGHT // 2]
    assert (middle > 0).all() and set(np.round(1 / middle, 1)) == {4.0, 10.0}
    hidden = lift([], np.eye(4), pinhole(8, 8), 8, 8)
    close_gaps(hidden.inverse, hidden.index)
    assert (hidden.inverse == 0).all()  # nothing known: all of it is sky


def test_a_surface_seen_from_behind_is_not_drawn():
    parts = (np.array(v, float) for v in ((-1, 2, -1), (2, 0, 0), (0, 0, 2)))
    room = Room.of(Rectangle(*parts, np.full((8, 8, 3), 90, np.uint8)))
    found, _ = lifted(room, look_at((0, -2, 0), (0, 2, 0)), look_at((0, 6, 0), (0, 2, 0)))
    assert not (found.inverse > 0).any()


def test_things_that_move_are_carried_and_unknown_ones_left_out():
    parts = (np.array(v, float) for v in ((-1.5, 2.0, 0.6), (0.8, 0, 0), (0, 0, 0.7)))
    board = Rectangle(*parts, noise_texture(np.random.default_rng(1)), moves=np.array((1.2, 0, 0.2)))
    room, lens = Room.of(board), pinhole(WIDTH, HEIGHT)
    eye = look_at((-1.2, -4, 1.5), (0, 4, 1.1))
    view, later = room.draw(eye, lens, WIDTH, HEIGHT), room.draw(eye, lens, WIDTH, HEIGHT, 0.2)
    move = np.eye(4)
    move[:3, 3] = 0.2 * np.array((1.2, 0, 0.2))
    surfaces = surfaces_of(view.depth, view.index)
    carried = lift([Source(surfaces, eye, lens, move[None])], eye, lens, WIDTH, HEIGHT)
    both = (carried.index == 1) | (later.index == 1)
    assert ((carried.index == 1) == (later.index == 1))[both].mean() > 0.9
    unknown = lift([Source(surfaces, eye, lens, np.full((1, 4, 4), np.nan))], eye, lens, WIDTH, HEIGHT)
    assert not (unknown.index == 1).any()


def test_soft_edges_become_steps_and_slopes_stay():
    x = np.arange(512)
    step = np.clip((x - 251) / 8, 0, 1)  # a ramp eight pixels wide from 5 m to 2 m
    inverse = np.tile(1 / 5 + step * (1 / 2 - 1 / 5), (100, 1))
    sharp = 1 / sharpened(np.asarray(1 / inverse, np.float32))
    ramp = (np.abs(sharp - 0.2) > 0.01) & (np.abs(sharp - 0.5) > 0.01)
    assert ramp.mean() < 0.01
    assert abs(np.argmax(sharp[50] > 0.35) - 255) <= 2  # in the ramp's middle
    floor = np.tile(np.linspace(0.02, 0.8, 100)[:, None], (1, 200)).astype(np.float32)
    np.testing.assert_allclose(1 / sharpened(1 / floor), floor, rtol=1e-5)
