# SPDX-License-Identifier: GPL-3.0-or-later
"""Camera moves as keys, judged by what a camera operator means by their names."""

from __future__ import annotations

import math

import numpy as np
import pytest
from second_unit_cameras import moves


@pytest.fixture
def start():
    """At (0, -10, 2), level, looking along the world's +y, 50 mm."""
    return moves.Pose(moves.looking_at(np.array([0.0, -10.0, 2.0]), np.array([0.0, 0.0, 2.0])), 50.0)


def ends(path):
    return path.keys[0].pose.matrix, path.keys[-1].pose.matrix


def looks(matrix):
    return -matrix[:3, 2]


def test_a_level_camera_looks_where_it_should(start):
    assert np.allclose(looks(start.matrix), [0, 1, 0])
    assert np.allclose(start.matrix[:3, 1], [0, 0, 1])  # its up
    assert np.allclose(start.matrix[:3, 0], [1, 0, 0])  # its right


@pytest.mark.parametrize(
    ("name", "amount", "place"),
    [("DOLLY", 4.0, (0, -6, 2)), ("TRUCK", 3.0, (3, -10, 2)), ("PEDESTAL", -1.0, (0, -10, 1))],
)
def test_travelling_moves_shift_and_do_not_turn(start, name, amount, place):
    path = moves.path(moves.Move(name), start, amount, moves.Ease.IN_OUT)
    first, last = ends(path)
    assert np.allclose(last[:3, 3], place) and np.allclose(last[:3, :3], first[:3, :3])
    assert (path.location, path.rotation, path.lens, len(path.keys)) == (True, False, False, 2)


def test_pan_turns_left_tilt_up_and_roll_clockwise(start):
    quarter = math.radians(90)
    panned = ends(moves.path(moves.Move.PAN, start, quarter, moves.Ease.LINEAR))[1]
    assert np.allclose(looks(panned), [-1, 0, 0])
    tilted = ends(moves.path(moves.Move.TILT, start, quarter, moves.Ease.LINEAR))[1]
    assert np.allclose(looks(tilted), [0, 0, 1])
    rolled = ends(moves.path(moves.Move.ROLL, start, quarter, moves.Ease.LINEAR))[1]
    assert np.allclose(looks(rolled), [0, 1, 0]) and np.allclose(rolled[:3, 1], [1, 0, 0])


def test_a_pan_of_a_tilted_camera_keeps_the_horizon_level():
    down = moves.Pose(moves.looking_at(np.array([0.0, -10.0, 5.0]), np.zeros(3)), 35.0)
    for key in moves.path(moves.Move.PAN, down, math.radians(200), moves.Ease.IN_OUT).keys:
        assert abs(key.pose.matrix[2, 0]) < 1e-9  # the camera's right stays level


def test_an_orbit_keeps_its_distance_and_its_subject_in_the_middle(start):
    path = moves.path(moves.Move.ORBIT, start, math.radians(90), moves.Ease.IN_OUT, distance=10.0)
    for key in path.keys:
        place = key.pose.matrix[:3, 3]
        assert np.linalg.norm(place - [0, 0, 2]) == pytest.approx(10)
        assert np.allclose(looks(key.pose.matrix), ([0, 0, 2] - place) / 10)
    assert np.allclose(ends(path)[1][:3, 3], [10, 0, 2])  # to the right
    assert len(path.keys) > 8


def test_keys_lie_on_whole_frames_where_the_eased_move_is_there(start):
    for frames in (49, 5):  # 49 / 8 is none; 5 are fewer than the curve would have keys
        path = moves.path(moves.Move.ORBIT, start, math.radians(30), moves.Ease.IN_OUT, 10.0, frames)
        times = [key.time * frames for key in path.keys]
        assert times == pytest.approx([round(time) for time in times]) and times == sorted(set(times))
        assert (times[0], times[-1]) == (0, frames)
        for key in path.keys:
            turn = math.radians(30) * moves.eased(key.time, moves.Ease.IN_OUT)
            assert key.pose.matrix[0, 3] == pytest.approx(10 * math.sin(turn))


def test_a_crane_rises_and_keeps_looking_at_its_subject(start):
    path = moves.path(moves.Move.CRANE, start, 6.0, moves.Ease.OUT, distance=10.0)
    for key in path.keys:
        place = key.pose.matrix[:3, 3]
        toward = np.array([0, 0, 2]) - place
        assert np.allclose(looks(key.pose.matrix), toward / np.linalg.norm(toward))
    assert np.allclose(ends(path)[1][:3, 3], [0, -10, 8])


def test_a_dolly_zoom_keeps_the_subjects_size(start):
    path = moves.path(moves.Move.DOLLY_ZOOM, start, 5.0, moves.Ease.LINEAR, distance=10.0)
    sizes = [key.pose.lens_mm / np.linalg.norm(key.pose.matrix[:3, 3] - [0, 0, 2]) for key in path.keys]
    assert sizes[0] == pytest.approx(sizes[1])
    assert path.keys[1].pose.lens_mm == pytest.approx(25.0)


@pytest.mark.parametrize(
    ("name", "amount", "says"),
    [
        ("DOLLY_ZOOM", 10.0, "would reach"),
        ("ZOOM", 0.0, "0 mm"),
        ("ZOOM", -1.0, "-50 mm"),
        ("DOLLY", math.nan, "finite"),
        ("HANDHELD", 1.0, "not made of keys"),
    ],
)
def test_what_cannot_be_is_refused(start, name, amount, says):
    with pytest.raises(ValueError, match=says):
        moves.path(moves.Move(name), start, amount, moves.Ease.LINEAR, distance=10.0)


def test_easing_begins_and_ends_gently():
    assert [moves.eased(t, moves.Ease.IN_OUT) for t in (0, 0.5, 1)] == pytest.approx([0, 0.5, 1])
    assert moves.eased(0.1, moves.Ease.IN) < 0.02 and moves.eased(0.1, moves.Ease.OUT) > 0.15


def test_smoothing_takes_out_shake_and_keeps_the_ends_and_the_speed():
    t = np.arange(60.0)
    line = np.stack([t, -2 * t], 1)
    assert np.allclose(moves.smoothed(line, 4.0), line)
    shaky = line + np.random.default_rng(3).normal(0, 0.5, line.shape)
    shaky[[0, -1]] = line[[0, -1]]
    smooth = moves.smoothed(shaky, 4.0)
    assert np.abs(np.diff(smooth, 2, axis=0)).mean() < 0.05 * np.abs(np.diff(shaky, 2, axis=0)).mean()
    assert np.abs(smooth[[0, -1]] - line[[0, -1]]).max() < 0.5
