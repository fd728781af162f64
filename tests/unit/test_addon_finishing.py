# SPDX-License-Identifier: GPL-3.0-or-later
"""The panel's words for the finishing are words that the daemon's program knows."""

from __future__ import annotations

from pathlib import Path

import pytest
from second_unit_daemon.encode.formats import FORMATS, PRESETS
from second_unit_daemon.post import catalogue
from second_unit_protocol.shot import PostStep


@pytest.fixture(scope="session")
def finishing(core):
    return core("finishing")


@pytest.fixture(scope="session")
def rates(finishing):
    """(the rate at which the clip is played, the scene's)."""
    return finishing.Rate(12), finishing.Rate(24)


def test_every_step_that_the_panel_asks_for_is_one(finishing, rates):
    asked = finishing.Finish(
        upscale="1920x1080",
        upscale_model="/a, b/x.safetensors",
        between="FILL",
        stabilise=True,
        deflicker=True,
        denoise=0.5,
        shutter=180.0,
        sharpen=0.25,
        match="/c, d/e.mp4",
        match_part="3:9",
        grain=0.1,
    )
    steps = [catalogue.parse(finishing.words(step)) for step in finishing.steps(asked, *rates)]
    assert [s.step for s in steps] == [
        "stabilise", "deflicker", "denoise", "interpolate", "shutter", "upscale", "sharpen", "match", "grain",
    ]  # fmt: skip
    options = {s.step: s.options for s in steps}
    assert options["upscale"] == {"size": "1920x1080", "model": "/a, b/x.safetensors"}
    assert options["match"] == {"to": "/c, d/e.mp4", "part": "3:9"}
    assert options["interpolate"] == {"rate": "24/1"}
    catalogue.check(steps)
    assert finishing.needs_shot(asked) and finishing.needs_shot(finishing.Finish(shutter=90.0))
    assert not finishing.steps(finishing.Finish(), *rates)


def test_every_step_of_a_shot_is_one_that_its_job_takes(finishing, rates):
    asked = finishing.Finish(
        upscale="1664x960", between="SHOT", stabilise=True, deflicker=True, denoise=0.1, shutter=180.0, sharpen=0.3,
        match_references=True, grain=0.2, sound=True, sound_prompt=" rain ", sound_seed=3,
    )  # fmt: skip
    steps = finishing.of_shot(asked, rates[1])
    assert [s.step for s in steps] == [
        "stabilise", "deflicker", "denoise", "interpolate", "shutter", "upscale", "sharpen", "match", "grain", "sound",
    ]  # fmt: skip
    post = tuple(PostStep(s.step, dict(s.options)) for s in steps)
    catalogue.check(post)
    assert post[3].options == post[7].options == {} and post[9].options == {"prompt": "rain", "seed": 3}
    said = finishing.told(steps, 832, 480)
    assert "enlarged to 1664 × 960" in said and "motion blur 180°" in said and "grain 0.2" in said
    assert set(finishing._SAID) == {*catalogue.STEPS, catalogue.SOUND}
    assert finishing.of_shot(finishing.Finish(), rates[1]) == () and finishing.told((), 832, 480) == ""


@pytest.mark.parametrize(
    ("between", "made", "shown"), [("", 12, 12), ("FILL", 24, 24), ("SLOW2", 24, 12), ("SLOW4", 48, 12)]
)
def test_slow_motion_keeps_the_pace_and_filling_keeps_the_length(finishing, rates, between, made, shown):
    asked = finishing.Finish(between=between)
    assert float(finishing.between_rate(asked, *rates)) == made
    assert float(finishing.shown_rate(asked, *rates)) == shown


def test_no_file_is_written_over(finishing, tmp_path):
    assert finishing.free_path(tmp_path, "a", ".mp4").name == "a.mp4"
    (tmp_path / "a.mp4").touch()
    assert finishing.free_path(tmp_path, "a", ".mp4").name == "a_2.mp4"
    assert finishing.clip_words(Path("a.mp4"), 3, 5, False, finishing.Rate(24)) == [
        "a.mp4",
        "--fps",
        "24/1",
        "--part",
        "3:5",
    ]


def test_the_panel_offers_what_can_be_delivered():
    text = (Path(__file__).parents[2] / "blender_addon/second_unit/ui/finish/props.py").read_text("utf-8")
    for name in PRESETS:
        assert f'("{name}", ' in text, name
    operators = (Path(__file__).parents[2] / "blender_addon/second_unit/ui/finish/operators.py").read_text("utf-8")
    for name, form in FORMATS.items():
        if form.suffix != ".mp4":
            assert f'"{name}": "{form.suffix}"' in operators, name
