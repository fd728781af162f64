# SPDX-License-Identifier: GPL-3.0-or-later
"""The best engine for a shot on a device: by camera first, then by what fits and how long it takes."""

from __future__ import annotations

import pytest
from attrs import evolve
from second_unit_daemon.engines import choice, registry
from second_unit_daemon.engines.diffusion import weights
from second_unit_protocol.grid import Rate, SceneRange
from second_unit_protocol.results import DeviceInfo, Input, PlanRequest
from second_unit_protocol.shot import Quality

GB = 10**9
GIVEN = (Input.CAMERA, Input.DEPTH, Input.REFERENCES, Input.PROMPT)
REQUEST = PlanRequest("projection", SceneRange(1, 81, Rate(16)), 832, 480, GIVEN, 1, (1.0,))


@pytest.fixture(autouse=True)
def places(tmp_path, monkeypatch):
    monkeypatch.setenv("SECOND_UNIT_HOME", str(tmp_path))
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "hub"))
    monkeypatch.delenv("SECOND_UNIT_MODELS", raising=False)


def here(monkeypatch, *names: str) -> None:
    monkeypatch.setattr(weights, "unavailable", lambda spec: "" if spec.name in names else "not here")


def card(gigabytes: float) -> DeviceInfo:
    return DeviceInfo("Card", "cuda", int(gigabytes * GB), int(gigabytes * GB))


def test_without_a_card_it_is_projection_and_what_a_card_would_add_is_said(monkeypatch):
    here(monkeypatch, "wan-vace-1.3b")
    for advice in choice.advise(REQUEST, DeviceInfo("Processor", "cpu", 64 * GB, 64 * GB)):
        assert advice.engine == "projection"
        assert "With a card of 16 GB, Wan 2.1 VACE 1.3B would" in advice.better


def test_with_a_card_but_no_weights_it_is_projection_and_what_to_fetch(monkeypatch):
    here(monkeypatch)
    draft, standard, final = choice.advise(REQUEST, card(24))
    assert {draft.engine, standard.engine, final.engine} == {"projection"}
    assert "second-unit models pull" in draft.better


def test_a_draft_is_quick_and_a_final_is_large(monkeypatch):
    here(monkeypatch, "wan-vace-1.3b", "wan-vace-14b")
    draft, _, final = choice.advise(REQUEST, card(80))
    assert (draft.quality, draft.engine) == (Quality.DRAFT, "wan-vace-1.3b")
    assert final.engine == "wan-vace-14b"
    assert "about" in final.why and "on the device" in final.why


def test_what_does_not_fit_well_is_left_for_the_final(monkeypatch):
    here(monkeypatch, "wan-vace-1.3b", "wan-vace-14b")
    _, standard, final = choice.advise(REQUEST, card(20))
    assert (standard.engine, final.engine) == ("wan-vace-1.3b", "wan-vace-14b")


def test_a_model_that_ignores_the_camera_is_never_the_best(monkeypatch):
    here(monkeypatch, "wan-t2v-14b", "wan-i2v-a14b", "wan-ti2v-5b")
    assert {advice.engine for advice in choice.advise(REQUEST, card(200))} == {"projection"}


def test_a_model_that_ignores_the_pinned_references_is_never_the_best_nor_what_to_fetch(monkeypatch):
    here(monkeypatch, "cogvideox-fun-2b")
    told = choice.advise(REQUEST, card(16))
    assert {advice.engine for advice in told} == {"projection"}
    assert all("second-unit models pull" in advice.better and "CogVideoX" not in advice.better for advice in told)
    without = evolve(REQUEST, given=(Input.CAMERA, Input.DEPTH, Input.PROMPT), reference_count=0, reference_frames=())
    assert choice.advise(without, card(16))[0].engine == "cogvideox-fun-2b"


def test_a_model_that_ignores_the_scenes_depth_stands_back_for_one_that_takes_it(monkeypatch):
    here(monkeypatch, "sana-wm", "wan-vace-1.3b")
    assert choice.advise(REQUEST, card(16))[0].engine == "wan-vace-1.3b"
    here(monkeypatch, "sana-wm")
    draft = choice.advise(REQUEST, card(16))[0]
    assert draft.engine == "sana-wm"
    assert "VACE" in draft.better


def test_a_shot_without_depth_or_references_has_nothing_to_follow_its_camera_with(monkeypatch):
    here(monkeypatch, "wan-vace-1.3b")
    bare = evolve(REQUEST, given=(Input.CAMERA, Input.PROMPT), reference_count=0, reference_frames=())
    assert {advice.engine for advice in choice.advise(bare, card(80))} == {"projection"}


def test_a_broken_list_of_models_leaves_the_built_in_engine(tmp_path, monkeypatch):
    (tmp_path / "models.toml").write_text("[models.x\n")
    assert {advice.engine for advice in choice.advise(REQUEST, card(80))} == {"projection"}


def test_a_model_whose_name_a_list_of_engines_takes_is_none_of_the_models(monkeypatch, tmp_path):
    assert "wan-vace-1.3b" in [spec.name for spec in registry.models()]
    (tmp_path / "engines.toml").write_text('[engines]\n"wan-vace-1.3b" = "somewhere:Else"\n')
    monkeypatch.setenv("SECOND_UNIT_ENGINES", str(tmp_path / "engines.toml"))
    assert "wan-vace-1.3b" not in [spec.name for spec in registry.models()]
