# SPDX-License-Identifier: GPL-3.0-or-later
"""Frames in between, against the frames that were left out."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from attrs import evolve
from second_unit_daemon.conditioning.shot_data import ShotData
from second_unit_daemon.encode.measure import psnr
from second_unit_daemon.post import catalogue
from second_unit_daemon.post.chain import Chain
from second_unit_daemon.post.interpolate.between import positions
from second_unit_daemon.post.interpolate.step import Interpolate
from second_unit_daemon.post.stream import Stream
from second_unit_protocol.errors import SecondUnitError
from second_unit_protocol.grid import FrameGrid, Rate, SceneRange
from second_unit_protocol.shot import PostStep

from tests.bench.bench_in_between import Mix, halved, scored
from tests.post.clips import pan, stream_of
from tests.support.room import Rectangle, Room, look_at, room_shot


@pytest.fixture(scope="module")
def room(tmp_path_factory):
    drawn = room_shot(9, 320, 180)
    return drawn.truth, drawn.open(tmp_path_factory.mktemp("room"))


def test_exact_frames_are_truer_than_those_of_any_estimator(room):
    from second_unit_daemon.post.interpolate.exact import ExactBetween
    from second_unit_daemon.post.interpolate.flow import FlowBetween

    truth, shot = room
    half = halved(shot)
    exact, flow, mix = (scored(b, truth)[0] for b in (ExactBetween(half, list(range(5))), FlowBetween(), Mix()))
    assert exact > flow + 3 and flow > mix + 1


def test_a_still_camera_gives_the_frame_itself(room):
    from second_unit_daemon.post.interpolate.exact import ExactBetween

    truth, shot = room
    still = ShotData(
        evolve(
            shot.request,
            camera=evolve(shot.request.camera, c2w=shot.request.camera.c2w),
            motion=None,
            index=None,
        ),
        shot.blob_path,
    )
    between = ExactBetween(still, [4, 4])
    between.begin(0, truth[4], truth[4])
    assert psnr(between.at(0.5), truth[4]) > 32


@pytest.mark.parametrize(("rate", "count"), [("48", 20), ("36", 15), ("12", 5), ("24000/1001", 10), ("60", 25)])
def test_a_clip_keeps_its_length_at_any_rate(rate, count):
    made = list(Chain([catalogue.parse(f"interpolate:{rate}")]).run(pan(10), stream_of(10)))
    assert len(made) == count == len(positions(10, Rate(24), Rate.of(Fraction(rate))))


def test_frames_of_the_clip_come_back_untouched():
    frames = list(pan(6))
    made = list(Chain([catalogue.parse("interpolate:48")]).run(iter(frames), stream_of(6)))
    for i in range(6):
        np.testing.assert_array_equal(made[2 * i], frames[i])
    inner = psnr(made[5], list(pan(11, step=0.75))[5])
    assert inner > 30


def test_a_shot_at_half_the_rate_is_brought_to_the_scenes(room):
    """What a job does where the shot asks for in-betweens."""
    truth, shot = room
    half = halved(shot)
    scene = SceneRange(1, 9, Rate(24))
    asked = ShotData(
        evolve(half.request, delivery=scene, grid=FrameGrid(1, 5, Rate(24), Rate(12)), post=(PostStep("interpolate"),)),
        half.blob_path,
    )
    step = Interpolate(catalogue.settings(PostStep("interpolate")), asked)
    made = list(step.conformed(iter(truth[::2])))
    assert len(made) == 9 and step.facts()["method"] == "exact"
    np.testing.assert_array_equal(made[4], truth[4])
    assert min(psnr(made[i], truth[i]) for i in (1, 3, 5, 7)) > 30


def test_exact_without_a_shot_is_refused():
    step = catalogue.make(catalogue.parse("interpolate:48,method=exact"))
    with pytest.raises(SecondUnitError, match="depth"):
        list(step.run(pan(3), Stream(96, 64, Rate(24), 3)))


def test_alpha_is_carried_as_colours_are(room):
    from second_unit_daemon.post.interpolate.exact import ExactBetween

    truth, shot = room
    half = halved(shot)
    between = ExactBetween(half, list(range(5)))
    between.begin(1, truth[2], truth[4])
    plain = between.at(0.5)
    clear = [np.dstack((truth[i], truth[i][..., 1])) for i in (2, 4)]
    between.begin(1, *clear)
    made = between.at(0.5)
    np.testing.assert_array_equal(made[..., :3], plain)
    assert psnr(made[..., 3:], truth[3][..., 1:2]) > 28


def test_behind_a_silhouette_is_what_is_there_then(tmp_path):
    """A black card stands before a wall of stripes, and the camera goes by: what a pixel on its edge holds of one
    stripe does not go along with it over the next."""
    from second_unit_daemon.post.interpolate.exact import ExactBetween

    def upright(x, y, width, texture):
        return Rectangle(np.array([x, y, 0.0]), np.array([width, 0, 0.0]), np.array([0, 0, 4.0]), texture)

    stripes = np.zeros((8, 400, 3), np.uint8)
    stripes[:] = np.where(np.arange(400)[:, None] // 20 % 2, (230, 30, 30), (30, 60, 230))
    card = np.zeros((8, 8, 3), np.uint8)
    room = Room.of(upright(-4.0, 6.0, 8.0, stripes), upright(-0.6, 3.0, 1.2, card))
    drawn = room_shot(
        5, 160, 90, path=lambda time: look_at((0.6 * time, 0, 2.0), (0.6 * time, 4, 2.0)), references=(), room=room
    )
    between = ExactBetween(halved(drawn.open(tmp_path)), list(range(3)))
    between.begin(0, drawn.truth[0], drawn.truth[2])
    made, true = between.at(0.5).astype(int), drawn.truth[1].astype(int)
    off = np.abs(made - true).max(axis=2)
    assert psnr(made.astype(np.uint8), drawn.truth[1]) > 30
    for edge in np.flatnonzero(np.diff((true.max(axis=2) < 16)[45])):
        assert off[:, edge - 1 : edge + 3].mean() < 20
