# SPDX-License-Identifier: GPL-3.0-or-later
"""Shots that exports are judged on."""

from __future__ import annotations

import pytest
from second_unit_daemon.conditioning.shot_data import ShotData

from tests.support.room import room_shot
from tests.support.shots import wall_shot


@pytest.fixture(scope="session")
def room(tmp_path_factory):
    """(drawn, opened): a dolly through a room with thin things, sky and a board that moves; captured with a margin."""
    drawn = room_shot(frames=5, width=160, height=96, margin=8, seed=1)
    return drawn, drawn.open(tmp_path_factory.mktemp("room"))


@pytest.fixture(scope="session")
def wall(tmp_path_factory):
    """A camera that slides to the right by 1 m and in by 0.6 m before a flat wall 4 m away, f = 96 px."""
    made = wall_shot(frames=3, width=96, height=64)
    folder = tmp_path_factory.mktemp("wall")
    made.write(folder)
    return ShotData(made.request, lambda ref: folder / ref.digest)
