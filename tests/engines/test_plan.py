# SPDX-License-Identifier: GPL-3.0-or-later
"""What the engine says before it starts: what it takes and ignores, and why a shot cannot be made."""

from __future__ import annotations

import subprocess
import sys

import pytest
from attrs import evolve
from second_unit_daemon.engines import registry
from second_unit_protocol.errors import ErrorCode
from second_unit_protocol.grid import Rate, SceneRange
from second_unit_protocol.results import DeviceInfo, Input, PlanRequest

CPU = DeviceInfo("CPU", "cpu", 8 << 30, 4 << 30)
REQUEST = PlanRequest(
    engine="projection",
    delivery=SceneRange(11, 59, Rate(24000, 1001)),
    width=831,
    height=481,
    given=(Input.CAMERA, Input.DEPTH, Input.REFERENCES, Input.PROMPT, Input.SEED, Input.STYLE),
    reference_count=2,
    reference_frames=(11.0, 40.0),
)


def plan(**changes):
    return registry.create("projection").plan(evolve(REQUEST, **changes), CPU)


def test_every_frame_of_the_delivery_at_its_own_size_and_rate():
    found = plan()
    assert (found.grid.count, found.grid.clip_rate, found.grid.scene_rate) == (49, Rate(24000, 1001), Rate(24000, 1001))
    assert (found.grid.scene_frame(0), found.grid.scene_frame(48)) == (11, 59)
    assert (found.capture_width, found.capture_height) == (831, 481)
    assert found.problem is None and not found.warnings


def test_nothing_that_was_given_is_ignored_unsaid():
    found = plan()
    assert {*found.takes, *(i.input for i in found.ignores)} == set(REQUEST.given)
    said = {ignored.input: ignored.reason for ignored in found.ignores}
    assert set(said) == {Input.PROMPT, Input.SEED, Input.STYLE}
    assert "does not read prompts" in said[Input.PROMPT]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"delivery": SceneRange(9, 8, Rate(24))}, ErrorCode.EMPTY_RANGE),
        ({"width": 32}, ErrorCode.BAD_SIZE),
        ({"height": 9000}, ErrorCode.BAD_SIZE),
        ({"reference_count": 0, "reference_frames": ()}, ErrorCode.NO_REFERENCE),
    ],
)
def test_a_shot_that_cannot_be_made_is_told_in_a_sentence(changes, code):
    problem = plan(**changes).problem
    assert problem is not None and problem.code is code
    assert problem.cause and problem.remedy


def test_references_all_outside_the_range_are_warned_of():
    assert "No reference lies inside" in plan(reference_frames=(1.0, 80.0)).warnings[0]


def test_memory_grows_with_size_and_references_not_with_length():
    usual = plan().memory_bytes
    assert plan(width=1662, height=962).memory_bytes > usual
    assert plan(reference_count=9).memory_bytes > usual
    assert plan(delivery=SceneRange(1, 5000, Rate(24))).memory_bytes == usual
    assert plan(delivery=SceneRange(1, 5000, Rate(24))).seconds > 10 * plan().seconds


def test_planning_loads_nothing_heavy():
    code = (
        "import sys; from second_unit_daemon.engines import registry; registry.infos(); "
        "print([m for m in ('numpy', 'cv2', 'numba', 'torch', 'av') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
