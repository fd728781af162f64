# SPDX-License-Identifier: GPL-3.0-or-later
"""A frame drawn in a look by the style network: Paint This Frame without a card."""

from __future__ import annotations

import numpy as np
import pytest
from attrs import evolve
from second_unit_daemon import devices
from second_unit_daemon.conditioning.shot_data import ShotData
from second_unit_daemon.engines import registry
from second_unit_daemon.engines.base import JobControl
from second_unit_daemon.engines.drawn import IGNORED, INFO
from second_unit_daemon.jobs.admission import plan_request_of
from second_unit_daemon.style import words
from second_unit_protocol.errors import SecondUnitError
from second_unit_protocol.grid import Rate
from second_unit_protocol.results import Input
from second_unit_protocol.shot import SourceClip

from tests.support.generating import add, flat, png
from tests.support.shots import SyntheticShot, wall_shot

needs_network = pytest.mark.skipif(bool(words.missing()), reason="the extra style is not installed")


def shot_of(frames: int = 1, **more) -> SyntheticShot:
    return wall_shot(frames, 96, 64, engine="style-network", references=0, prompt="as a watercolour", **more)


def drawn(shot: SyntheticShot, folder, **changes) -> np.ndarray:
    paths = shot.write(folder)
    data = ShotData(evolve(shot.request, **changes), lambda ref: paths[ref])
    (frame,) = registry.create("style-network").frames(data, JobControl.silent())
    return frame.image


def test_it_is_an_engine_for_stills_and_says_what_it_lacks():
    (info,) = [info for info in registry.infos() if info.name == "style-network"]
    assert info.frame_rule == "1" and info.captures == (Input.COLOUR,)
    assert info.available is not bool(words.missing()) and info.unavailable_reason == words.missing()
    assert set(INFO.takes) | set(IGNORED) == set(Input), "each input is taken, or ignored for a reason"


def test_the_plan_says_what_has_no_part_in_the_picture_and_what_is_wrong():
    engine, device = registry.create("style-network"), devices.cpu()
    plan = engine.plan(plan_request_of(shot_of(negative_prompt="people").request), device)
    assert plan.problem is None and Input.PROMPT in plan.takes
    assert {Input.CAMERA, Input.DEPTH, Input.NEGATIVE_PROMPT} <= {ignored.input for ignored in plan.ignores}
    assert any("watercolour" in warning for warning in plan.warnings)
    assert "draws one picture" in engine.plan(plan_request_of(shot_of(3).request), device).problem.cause
    nothing = evolve(shot_of().request, prompt="")
    assert "needs a look" in engine.plan(plan_request_of(nothing), device).problem.cause


@needs_network
def test_the_scenes_colours_or_a_source_picture_are_drawn_as_far_as_the_strength_says(tmp_path):
    shot = shot_of()
    plate = ShotData(shot.request, lambda ref: shot.write(tmp_path)[ref]).colour(0)
    made = drawn(shot, tmp_path)
    assert made.shape == plate.shape and np.abs(made.astype(int) - plate).mean() > 5
    assert np.array_equal(made, drawn(shot, tmp_path)), "the same request gives the same picture"
    assert np.array_equal(drawn(shot, tmp_path, style_strength=0.0), plate)
    assert not np.array_equal(made, drawn(shot, tmp_path, prompt="as a mosaic"))
    red = flat((200, 40, 30), 96)
    source = SourceClip(add(shot, png(red)), float(shot.request.delivery.first), Rate(24), strength=0.0)
    assert np.array_equal(drawn(shot, tmp_path, source=source), np.full((64, 96, 3), (200, 40, 30), np.uint8))
    pictured = drawn(shot, tmp_path, style_picture=add(shot, png(red)))
    assert not np.array_equal(pictured, made)


@needs_network
def test_a_look_that_nobody_knows_is_said_with_those_that_are(tmp_path):
    with pytest.raises(SecondUnitError, match="No look is known by the words"):
        drawn(shot_of(), tmp_path, prompt="a wet street")
