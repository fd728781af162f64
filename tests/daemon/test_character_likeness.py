# SPDX-License-Identifier: GPL-3.0-or-later
"""A take says how much its characters look like their pictures, where the shot knows where they are."""

from __future__ import annotations

import hashlib

import cv2
import numpy as np
import pytest
from attrs import evolve
from second_unit_daemon.conditioning.shot_data import ShotData
from second_unit_daemon.executors.characters import CharacterLikeness, _called
from second_unit_protocol.shot import BlobRef, Character, Track, TrackKind

from tests.support.room import room_shot


@pytest.fixture(scope="module")
def made():
    return room_shot(9, 160, 96)


def measured(made, folder, name: str, colour=None) -> dict[str, float]:
    """Ann's picture is what moves in the first frame, cut out; ``colour``: she is dressed in that in the clip."""
    shot = made.open(folder)
    mask = shot.index(0) == 1
    data = cv2.imencode(".png", np.dstack((made.truth[0][..., ::-1], mask.astype(np.uint8) * 255)))[1].tobytes()
    (folder / "ann").write_bytes(data)
    ann = Character("Ann", BlobRef(hashlib.sha256(data).hexdigest(), len(data)))
    motion = evolve(shot.request.motion, tracks=(Track(name, TrackKind.RIGID),))
    request = evolve(shot.request, characters=(ann,), motion=motion)
    shot = ShotData(request, lambda ref: folder / "ann" if ref == ann.image else made_path(ref))
    made_path = made.open(folder).blob_path
    likeness = CharacterLikeness(shot)
    for number, frame in enumerate(made.truth):
        dressed = frame.copy()
        if colour is not None:
            dressed[shot.index(number) == 1] = colour
        likeness.add(number, dressed)
    return likeness.figures()


def test_somebody_is_like_her_picture_and_less_so_in_another_coat(made, tmp_path):
    ((key, same),) = measured(made, tmp_path, "ann.001").items()
    other = measured(made, tmp_path, "Ann", (20, 40, 230))[key]
    assert key == "character: Ann" and same > 0.85 and other < same - 0.3


def test_who_is_nowhere_is_not_measured(made, tmp_path):
    assert measured(made, tmp_path, "Annex") == {}
    assert _called("Ann_coat", "ann") and _called("Ann.001", "Ann") and not _called("Joanna", "Ann")
