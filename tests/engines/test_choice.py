# SPDX-License-Identifier: GPL-3.0-or-later
"""Which reference a pixel comes from: the better one, whole, with a narrow seam; strength weighs them."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from attrs import evolve
from second_unit_daemon.conditioning.shot_data import ShotData

from tests.support.projecting import altered, only_references, project
from tests.support.room import room_shot

LAST = 8


@pytest.fixture(scope="module")
def red_and_blue(tmp_path_factory) -> ShotData:
    """The room with a red picture pinned to its first frame and a blue one to its last."""
    drawn = room_shot(LAST + 1, 320, 180, references=(0, LAST), moving=False)
    folder = tmp_path_factory.mktemp("colours")
    shot = drawn.open(folder)
    for reference, colour in zip(drawn.request.references, ((255, 0, 0), (0, 0, 255)), strict=True):
        picture = np.full((180, 320, 3), colour[::-1], np.uint8)
        (folder / reference.image.digest).write_bytes(cv2.imencode(".png", picture)[1].tobytes())
    return shot


def blue(frame) -> np.ndarray:
    """(H, W) how much of each known pixel comes from the blue reference; NaN in holes."""
    return np.where(frame.holes == 0, frame.image[..., 2] / 255.0, np.nan)


def test_the_nearer_reference_gives_most(red_and_blue):
    frames = project(red_and_blue)
    shares = [np.nanmean(blue(frame)) for frame in frames]
    assert shares == sorted(shares) and shares[0] == 0 and shares[-1] == 1
    assert shares[1] < 0.25 and shares[-2] > 0.75


def test_what_only_one_sees_comes_from_that_one(red_and_blue):
    both, red_alone = project(red_and_blue), project(altered(red_and_blue, only_references(0)))
    only_blue_sees = (red_alone[3].holes > 0) & (both[3].holes == 0)
    inside = cv2.erode(only_blue_sees.astype(np.uint8), np.ones((5, 5), np.uint8)) > 0
    assert inside.sum() > 100
    assert np.nanmin(blue(both[3])[inside]) > 0.95


def test_references_are_chosen_not_blended_and_seams_are_soft(red_and_blue):
    share = blue(project(red_and_blue)[4])
    mixed = (share > 0.03) & (share < 0.97)
    assert 0.001 < mixed.mean() < 0.35, "some pixels lie in a seam, most do not"


def test_strength_weighs_a_reference(red_and_blue):
    def weaker(request):
        return evolve(request, references=(request.references[0], evolve(request.references[1], strength=0.2)))

    usual, weak = project(red_and_blue)[4], project(altered(red_and_blue, weaker))[4]
    assert np.nanmean(blue(weak)) < np.nanmean(blue(usual)) - 0.1
    np.testing.assert_array_equal(weak.holes, usual.holes)
