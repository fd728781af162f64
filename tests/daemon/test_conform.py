# SPDX-License-Identifier: GPL-3.0-or-later
"""Strip frame n shows what the camera saw at scene frame n, to within half a clip frame, whatever the rates."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from second_unit_daemon.post.conform import conform
from second_unit_protocol.errors import ErrorCode, SecondUnitError
from second_unit_protocol.grid import FrameGrid, Rate, SceneRange

RATES = [Rate(8), Rate(12), Rate(16), Rate(24000, 1001), Rate(24), Rate(25), Rate(30000, 1001), Rate(30), Rate(60)]


def covering(first: int, last: int, scene_rate: Rate, clip_rate: Rate) -> FrameGrid:
    """A grid from the first frame on, just long enough to be within half a clip frame of the last."""
    steps = (last - first) * clip_rate.fraction / scene_rate.fraction
    return FrameGrid(first, int(steps + Fraction(1, 2)) + 1, scene_rate, clip_rate)


@settings(deadline=None, max_examples=60)
@given(st.sampled_from(RATES), st.sampled_from(RATES), st.integers(-500, 500), st.integers(0, 120))
def test_every_delivered_frame_is_within_half_a_clip_frame(scene_rate, clip_rate, first, length):
    grid = covering(first, first + length, scene_rate, clip_rate)
    delivery = SceneRange(first, first + length, scene_rate)
    picked = list(conform(range(grid.count), grid, delivery))
    assert len(picked) == delivery.count
    half_a_clip_frame = Fraction(1, 2) * scene_rate.fraction / clip_rate.fraction
    for number, index in zip(range(first, first + length + 1), picked, strict=True):
        assert abs(grid.scene_frame(index) - number) <= half_a_clip_frame
        assert all(
            abs(grid.scene_frame(i) - number) >= abs(grid.scene_frame(index) - number) for i in range(grid.count)
        )
    assert picked == sorted(picked)


def test_equal_rates_change_nothing():
    grid = FrameGrid(5, 40, Rate(24), Rate(24))
    assert list(conform(range(40), grid, SceneRange(5, 44, Rate(24)))) == list(range(40))


def test_sixteen_to_twenty_four_repeats_every_second_frame():
    grid = FrameGrid(1, 9, Rate(24), Rate(16))
    assert list(conform(range(9), grid, SceneRange(1, 13, Rate(24)))) == [0, 1, 1, 2, 3, 3, 4, 5, 5, 6, 7, 7, 8]


def test_thirty_to_twenty_four_drops_every_fifth_frame():
    grid = FrameGrid(0, 11, Rate(24), Rate(30))
    assert list(conform(range(11), grid, SceneRange(0, 8, Rate(24)))) == [0, 1, 3, 4, 5, 6, 8, 9, 10]


def test_a_clip_that_begins_between_frames_is_met_where_it_is():
    grid = FrameGrid(7, 10, Rate(24), Rate(24), start_den=2)  # clip frame 0 is scene frame 3.5
    picked = list(conform(range(10), grid, SceneRange(4, 12, Rate(24))))
    assert all(abs(grid.scene_frame(i) - n) <= Fraction(1, 2) for n, i in zip(range(4, 13), picked, strict=True))


def test_23_976_does_not_drift_over_an_hour():
    scene_rate, last = Rate(24000, 1001), 86313
    grid = covering(0, last, scene_rate, Rate(24))
    picked = list(conform(range(grid.count), grid, SceneRange(0, last, scene_rate)))
    assert picked[-1] == grid.count - 1 == round(last * 1.001)
    assert all(abs(i - Fraction(n * 1001, 1000)) <= Fraction(1, 2) for n, i in enumerate(picked))


def test_another_rates_frames_are_found_at_the_same_time():
    grid = FrameGrid(0, 49, Rate(24), Rate(24))
    picked = list(conform(range(49), grid, SceneRange(0, 59, Rate(30))))
    assert all(abs(Fraction(i, 24) - Fraction(n, 30)) <= Fraction(1, 48) for n, i in enumerate(picked))


def test_a_gap_is_refused_before_anything_is_delivered():
    grid = FrameGrid(1, 10, Rate(24), Rate(24))
    with pytest.raises(ValueError, match="scene frame 11"):
        conform(range(10), grid, SceneRange(1, 11, Rate(24)))


def test_a_short_stream_is_an_engine_failure_with_numbers():
    grid = FrameGrid(1, 10, Rate(24), Rate(24))
    with pytest.raises(SecondUnitError, match="7 of 10") as caught:
        list(conform(range(7), grid, SceneRange(1, 10, Rate(24))))
    assert caught.value.code is ErrorCode.ENGINE_FAILED


def test_the_stream_is_read_to_its_end_one_frame_at_a_time():
    alive: set[int] = set()
    most = 0

    class Frame:
        def __init__(self, number: int):
            nonlocal most
            self.number = number
            alive.add(number)
            most = max(most, len(alive))

        def __del__(self):
            alive.discard(self.number)

    made = []

    def frames() -> Iterator[Frame]:
        for i in range(50):
            made.append(i)
            yield Frame(i)

    grid = FrameGrid(1, 50, Rate(24), Rate(30))
    for frame in conform(frames(), grid, SceneRange(1, 20, Rate(24))):
        assert frame.number >= 0
        del frame
    assert made == list(range(50))
    assert most <= 2
