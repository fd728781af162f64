# SPDX-License-Identifier: GPL-3.0-or-later
"""Holes without a plate: colours come from what lies behind, never from the thing that uncovered them."""

from __future__ import annotations

import cv2
import numpy as np

from tests.support.projecting import project
from tests.support.room import Rectangle, Room, look_at, room_shot

RED, GREEN = (200, 30, 30), (40, 160, 60)


def wall(colour, corner, across, up) -> Rectangle:
    parts = (np.array(v, float) for v in (corner, across, up))
    return Rectangle(*parts, np.full((8, 8, 3), colour, np.uint8))


def test_a_hole_takes_the_colour_of_what_is_behind(tmp_path):
    back = wall(GREEN, (-30, 8, -20), (60, 0, 0), (0, 0, 40))
    front = wall(RED, (-0.6, 1, -0.6), (1.2, 0, 0), (0, 0, 1.2))
    drawn = room_shot(
        5, 240, 136, path=lambda t: look_at((1.5 * t, -3, 0), (1.5 * t, 8, 0)), references=(0,), moving=False,
        room=Room.of(back, front), fineness=3,
    )  # fmt: skip
    frame = project(drawn.open(tmp_path))[4]
    holes = frame.holes > 0
    edges = cv2.dilate((drawn.truth[4][..., 0] > GREEN[0]).astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
    inner = holes & ~edges
    assert inner.sum() > 500
    assert np.abs(frame.image[inner].astype(int) - GREEN).max() <= 2


def test_a_camera_that_sees_nothing_known_still_gets_frames(tmp_path):
    """It turns away: everything is a hole, and so says the mask."""
    drawn = room_shot(3, 160, 90, path=lambda t: look_at((0, 0, 1), (4 * t, 4 - 8 * t, 1)), references=(0,))
    frame = project(drawn.open(tmp_path))[2]
    assert frame.image.shape == (90, 160, 3) and frame.holes.all()


def test_mixed_edges_need_no_plate(tmp_path):
    """A slanting silhouette is antialiased as a camera's would be: few pixels are whole red beside whole green."""
    back = wall(GREEN, (-30, 8, -20), (60, 0, 0), (0, 0, 40))
    front = wall(RED, (-0.8, 1, -0.9), (1.5, 0, 0.5), (-0.4, 0, 1.3))
    drawn = room_shot(
        3, 240, 136, path=lambda t: look_at((0.3 * t, -3, 0), (0.3 * t, 8, 0)), references=(0,), moving=False,
        room=Room.of(back, front), fineness=3,
    )  # fmt: skip
    made, truth = project(drawn.open(tmp_path))[1].image.astype(int), drawn.truth[1].astype(int)
    step = np.abs(np.diff(made[..., 0], axis=1)).max(1)
    assert np.median(step[step > 40]) < 0.85 * (RED[0] - GREEN[0])
    assert np.abs(made - truth).mean() < 1.0
