# SPDX-License-Identifier: GPL-3.0-or-later
"""References that are not just what the shot's frame shows: cropped, of another aspect, from another camera."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from attrs import evolve
from second_unit_daemon.conditioning.shot_data import ShotData, pack_array
from second_unit_protocol.planes import pack_plane
from second_unit_protocol.shot import Crop

from tests.support.projecting import altered, project, psnr_db
from tests.support.room import look_at, pinhole, room_shot

WIDTH, HEIGHT, LAST = 320, 180, 6


@pytest.fixture(scope="module")
def drawn():
    return room_shot(LAST + 1, WIDTH, HEIGHT, references=(0,), moving=False, fineness=3)


@pytest.fixture
def shot(drawn, tmp_path) -> ShotData:
    return drawn.open(tmp_path)


def with_picture(shot: ShotData, picture: np.ndarray, **changes) -> ShotData:
    """The shot with another picture for its reference."""
    reference = shot.request.references[0]
    data = cv2.imencode(".png", cv2.cvtColor(picture, cv2.COLOR_RGB2BGR))[1].tobytes()
    shot.blob_path(reference.image).write_bytes(data)
    return altered(shot, lambda request: evolve(request, references=(evolve(reference, **changes),)))


@pytest.mark.parametrize("part", [(slice(None), slice(40, 280)), (slice(25, 155), slice(None))], ids=["4:3", "wide"])
def test_a_picture_of_another_aspect_shows_the_middle(drawn, shot, part):
    made = project(with_picture(shot, drawn.truth[0][part]))
    for number in (0, 2):
        frame, known = made[number], made[number].holes == 0
        assert psnr_db(frame.image, drawn.truth[number], known) > 28
        assert 0.3 < known.mean() < 0.9
    outside = np.ones((HEIGHT, WIDTH), bool)
    outside[part] = False
    assert (made[0].holes[outside] > 0).mean() > 0.99
    assert (made[0].holes[part] > 0).mean() < 0.02


def test_a_crop_says_what_the_picture_shows(drawn, shot):
    crop = Crop(80 / WIDTH, 0.0, 1.0, 135 / HEIGHT)
    made = project(with_picture(shot, drawn.truth[0][:135, 80:], crop=crop))
    known = made[1].holes == 0
    assert psnr_db(made[1].image, drawn.truth[1], known) > 28
    assert (made[0].holes[:, :78] == 255).all() and not np.array_equal(made[0].image, drawn.truth[0])


def test_a_reference_from_another_camera(drawn, shot):
    """It stands elsewhere, has another lens, and planes of another size."""
    eye, size = look_at((1.6, -3.2, 1.7), (-0.4, 4, 1.0)), (288, 216)
    lens = pinhole(*size, 0.7)
    view = drawn.room.draw(eye, lens, *size)
    reference = shot.request.references[0]
    shot.blob_path(reference.depth).write_bytes(pack_plane(view.depth.tobytes(), "<f4", view.depth.shape))
    other = with_picture(
        shot, view.colour, c2w=pack_array(eye), intrinsics=pack_array(lens), width=size[0], height=size[1]
    )
    made = project(other)
    known = made[0].holes == 0
    assert not np.array_equal(made[0].image, view.colour) and 0.3 < known.mean() < 0.99
    assert psnr_db(made[0].image, drawn.truth[0], known) > 24
