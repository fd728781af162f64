# SPDX-License-Identifier: GPL-3.0-or-later
"""Shots that several tests look at, drawn and projected once."""

from __future__ import annotations

import pytest
from attrs import frozen
from second_unit_daemon.conditioning.shot_data import ShotData
from second_unit_daemon.engines.base import EngineFrame

from tests.support.projecting import project
from tests.support.room import RoomShot, room_shot


@frozen
class Projected:
    drawn: RoomShot
    shot: ShotData
    frames: list[EngineFrame]


@pytest.fixture(scope="session")
def one_reference(tmp_path_factory) -> Projected:
    """The room from its first frame alone, with fine reference geometry, a mover, and no plates: large holes."""
    drawn = room_shot(13, 320, 180, references=(0,), fineness=3)
    shot = drawn.open(tmp_path_factory.mktemp("one"))
    return Projected(drawn, shot, project(shot))


@pytest.fixture(scope="session")
def plated(tmp_path_factory) -> Projected:
    """The room from three references, the middle one between two frames, with plates."""
    drawn = room_shot(13, 320, 180, references=(0, 6.5, 12), plates=True, fineness=3)
    shot = drawn.open(tmp_path_factory.mktemp("three"))
    return Projected(drawn, shot, project(shot))
