# SPDX-License-Identifier: GPL-3.0-or-later
"""What is planned: frames, sizes, memory, and what is said before a shot starts. No weights, no torch."""

from __future__ import annotations

import pytest
from attrs import evolve
from second_unit_daemon.engines.diffusion import catalogue, memory, peaks
from second_unit_daemon.engines.diffusion.engine import DiffusionEngine
from second_unit_daemon.engines.diffusion.family import NEVER
from second_unit_daemon.engines.diffusion.memory import Load, Placement
from second_unit_daemon.engines.diffusion.planning import Decision, decide, size_for, windows_for
from second_unit_daemon.engines.diffusion.spec import FrameRule
from second_unit_protocol.errors import ErrorCode
from second_unit_protocol.grid import Rate, SceneRange
from second_unit_protocol.results import DeviceInfo, Input, PlanRequest
from second_unit_protocol.shot import Quality

GB = 10**9
LOAD = Load(832, 480, 81)
REQUEST = PlanRequest(
    engine="wan-vace-1.3b",
    delivery=SceneRange(1, 121, Rate(24)),
    width=832,
    height=480,
    given=(Input.CAMERA, Input.DEPTH, Input.REFERENCES, Input.PROMPT),
    reference_count=2,
)


def card(gigabytes: float) -> DeviceInfo:
    return DeviceInfo("Card", "cuda", int(gigabytes * GB), int(gigabytes * GB))


def decided(name: str = "wan-vace-1.3b", device: DeviceInfo | None = None, **changes) -> Decision:
    engine = DiffusionEngine(catalogue.model(name))
    return decide(engine.spec, engine.family, evolve(REQUEST, engine=name, **changes), device or card(80))


@pytest.fixture(autouse=True)
def no_packages_for_fewer_bits(monkeypatch):
    """Whatever is installed here."""
    monkeypatch.setattr(memory, "installed", lambda name: "")


# --- frames --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rule", "asked", "made"),
    [("4k+1", 1, 1), ("4k+1", 2, 5), ("4k+1", 81, 81), ("4k+1", 82, 85), ("8k+1", 97, 97), ("8k+1", 98, 105),
     ("49", 12, 49), ("49", 50, None), ("any", 7, 7), ("93k", 1, 93), ("93k", 94, 186)],
)  # fmt: skip
def test_a_frame_rule_gives_the_next_count_that_it_allows(rule, asked, made):
    assert FrameRule(rule).at_least(asked) == made


@pytest.mark.parametrize("rule", ["k", "4k+", "-3", "", "4k-1"])
def test_a_frame_rule_that_is_none_is_refused(rule):
    with pytest.raises(ValueError):
        FrameRule(rule)


def test_the_grid_runs_at_the_models_rate_and_reaches_the_last_frame():
    plan = decided().plan
    # 120 frames at 24 are 5 s, 80 at 16; 81 frames are 4 · 20 + 1.
    assert (plan.grid.count, plan.grid.clip_rate) == (81, Rate(16))
    assert plan.grid.scene_frame(80) == 121
    odd = decided(delivery=SceneRange(10, 60, Rate(25))).plan
    assert odd.grid.count == 33 and odd.grid.scene_frame(0) == 10
    assert 60 <= odd.grid.scene_frame(32) < 60 + 4 * 25 / 16


def test_a_long_shot_is_cut_into_windows_of_one_length_that_overlap():
    decision = decided(delivery=SceneRange(1, 241, Rate(24)))
    windows = decision.windows
    assert decision.grid.count == 161 and all(window.count == 81 for window in windows)
    assert [(w.start, w.context) for w in windows] == [(0, 0), (64, 17), (80, 65)]
    covered = [frame for w in windows for frame in list(w.frames)[w.context :]]
    assert covered == list(range(161)), "every frame is made once, in order"


def test_a_family_that_cannot_continue_makes_one_window_and_warns():
    spec, family = catalogue.model("wan-vace-1.3b"), DiffusionEngine(catalogue.model("wan-vace-1.3b")).family
    type(family).overlap, kept = 0, type(family).overlap
    try:
        assert len(windows_for(spec, family, 161)) == 1
    finally:
        type(family).overlap = kept


# --- sizes ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("asked", "model", "capture"),
    [
        ((832, 480), (832, 480), (832, 480)),
        ((800, 450), (800, 464), (800, 464)),
        ((640, 360), (640, 368), (640, 368)),
        ((1920, 1080), (848, 480), (1920, 1087)),
        ((1080, 1920), (480, 848), (1087, 1920)),
        ((1000, 1000), (624, 624), (1000, 1000)),
    ],
)
def test_sizes_meet_the_multiple_and_the_largest_frame(asked, model, capture):
    size = size_for(catalogue.model("wan-vace-1.3b"), *asked)
    assert (size.width, size.height) == model and (size.capture_width, size.capture_height) == capture


@pytest.mark.parametrize("width", range(64, 4000, 331))
@pytest.mark.parametrize("height", [64, 481, 1080, 2160])
def test_capture_covers_the_clip_and_keeps_the_models_aspect(width, height):
    size = size_for(catalogue.model("wan-vace-1.3b"), width, height)
    assert size.width % 16 == size.height % 16 == 0
    assert size.capture_width >= width and size.capture_height >= height
    across, down = size.width / size.capture_width, size.height / size.capture_height
    assert abs(across / down - 1) < 1 / min(size.capture_width, size.capture_height)


@pytest.mark.parametrize(
    ("name", "asked", "model"),
    [
        ("wan-vace-1.3b", (832, 480), (640, 368)),  # the smallest that it was trained on
        ("wan-vace-14b", (1280, 720), (640, 368)),
        ("wan-vace-14b", (1920, 1080), (640, 368)),
        ("wan-vace-1.3b", (320, 176), (320, 176)),
        ("sana-wm", (1280, 704), (1280, 704)),  # of one size only
    ],
)
def test_a_draft_is_smaller_where_the_model_can_and_captures_what_the_final_does(name, asked, model):
    spec = catalogue.model(name)
    draft, final = (size_for(spec, *asked, quality) for quality in (Quality.DRAFT, Quality.FINAL))
    assert (draft.width, draft.height) == model
    assert (draft.capture_width, draft.capture_height) == (final.capture_width, final.capture_height)


def test_a_picture_that_is_enlarged_is_said_to_be():
    draft = decided(quality=Quality.DRAFT).plan
    assert any("drafts at 640 × 368" in warning for warning in draft.warnings)
    assert draft.seconds < 0.5 * decided(quality=Quality.FINAL).plan.seconds
    assert any("works at 848 × 480" in warning for warning in decided(width=1920, height=1080).plan.warnings)
    assert not any("works at" in warning for warning in decided().plan.warnings)


# --- memory --------------------------------------------------------------------------------------------------------


def test_a_smaller_card_takes_a_slower_way_and_says_so():
    chosen = [decided("wan-vace-14b", card(gb)).need for gb in (80, 50, 32, 20)]
    assert [need.placement for need in chosen] == [
        Placement.FULL, Placement.OFFLOAD, Placement.CAST, Placement.GROUPS,
    ]  # fmt: skip
    seconds = [decided("wan-vace-14b", card(gb)).plan.seconds for gb in (80, 50, 32, 20)]
    assert seconds == sorted(seconds)
    assert any("one component at a time" in w for w in decided("wan-vace-14b", card(50)).plan.warnings)


def test_what_does_not_fit_at_all_is_a_problem_that_names_the_sizes():
    problem = decided("wan-vace-14b", card(4)).plan.problem
    assert problem.code is ErrorCode.OUT_OF_MEMORY
    assert "Card has 4.0 GB free" in problem.cause and "832 × 480" in problem.cause


def test_the_ladder_only_goes_down():
    spec = catalogue.model("wan-vace-14b")
    ways = memory.ladder(spec, Load(1280, 720, 81), "bfloat16", "cuda")
    totals = [way.total for way in ways]
    assert totals == sorted(totals, reverse=True) and len(set(totals)) == len(totals) >= 4
    assert decided("wan-vace-14b", card(50)).rest[0].total < decided("wan-vace-14b", card(50)).need.total


def test_memory_grows_with_size_and_frames():
    usual = decided().plan.memory_bytes
    assert decided(width=640, height=352).plan.memory_bytes < usual
    assert decided(delivery=SceneRange(1, 31, Rate(24))).plan.memory_bytes < usual
    assert decided(delivery=SceneRange(1, 361, Rate(24))).plan.memory_bytes == usual, "windows keep it flat"


def test_a_placement_can_be_asked_for_and_one_that_is_not_possible_is_said():
    asked = decided(device=card(80), options={"placement": "groups"})
    assert asked.need.placement is Placement.GROUPS
    assert not any("cannot be had" in warning for warning in asked.plan.warnings)
    four = decided(device=card(80), options={"placement": "nf4"})
    assert four.need.placement is Placement.FULL
    assert any("The placement nf4 cannot be had (bitsandbytes is not installed" in w for w in four.plan.warnings)
    processor = decided(device=DeviceInfo("Processor", "cpu", 64 * GB, 64 * GB), options={"placement": "cast"})
    assert any("Processor has no memory beside the machine's own" in w for w in processor.plan.warnings)


def test_torchaos_8_bits_go_before_cast_ones_where_it_is_installed(monkeypatch):
    monkeypatch.setattr(memory, "installed", lambda name: "0.18" if name == "torchao" else "")
    assert decided("wan-vace-14b", card(32)).need.placement is Placement.INT8
    assert decided("wan-vace-14b", card(32), options={"placement": "cast"}).need.placement is Placement.CAST


def test_a_model_of_one_picture_says_that_the_shot_is_too_long():
    problem = decided("z-image-turbo").plan.problem
    assert problem.code is ErrorCode.TOO_LONG and "makes one picture" in problem.cause


def test_a_processor_runs_tiny_models_only_and_says_how_long_a_real_one_would_take():
    problem = decided(device=DeviceInfo("Processor", "cpu", 64 * GB, 64 * GB)).plan.problem
    assert problem.code is ErrorCode.NO_CARD
    assert "needs a graphics card" in problem.cause and "days" in problem.cause
    assert "Projection" in problem.remedy


# --- what else is wrong with a shot --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "code"),
    [({"delivery": SceneRange(9, 8, Rate(24))}, ErrorCode.EMPTY_RANGE), ({"width": 32}, ErrorCode.BAD_SIZE)],
)
def test_a_shot_that_cannot_be_made_is_told_in_a_sentence(changes, code):
    problem = decided(**changes).plan.problem
    assert problem.code is code and problem.cause and problem.remedy


@pytest.mark.parametrize("name", catalogue.names())
def test_every_input_of_every_model_is_taken_or_ignored_with_a_reason(name):
    engine = DiffusionEngine(catalogue.model(name))
    assert {*engine.family.takes, *engine.family.reasons, *NEVER} == set(Input)
    assert not {*engine.family.takes} & {*engine.family.reasons}
    plan = decide(engine.spec, engine.family, evolve(REQUEST, engine=name, given=tuple(Input)), card(200)).plan
    assert {*plan.takes, *(i.input for i in plan.ignores)} == set(Input)
    assert all(len(ignored.reason) > 10 for ignored in plan.ignores)


def test_what_a_run_took_corrects_the_next_plan(tmp_path, monkeypatch):
    monkeypatch.setenv("SECOND_UNIT_HOME", str(tmp_path))
    first = decided()
    spec, need, dtype = first.spec, first.need, first.dtype
    peaks.learn(spec, need, dtype, need.weights + 1.5 * need.activations)
    again = decided()
    assert again.plan.memory_bytes - first.plan.memory_bytes == round(0.5 * need.activations)
    tight = card((need.total / memory.SPARE + 1) / GB)
    assert decided(device=tight).need not in (need, again.need), "it no longer fits where the bare sum did"
    peaks.learn(spec, need, dtype, need.weights + 0.5 * need.activations)
    assert decided().need == need, "a smaller one counts by half"
    assert peaks.corrected(catalogue.model("wan-vace-14b"), need, dtype) == need
    peaks.learn(spec, need, dtype, need.weights + 2.0 * need.activations)
    (tmp_path / "peaks.json").write_text("nonsense")
    assert decided().need == need


def test_four_bits_are_a_step_of_the_ladder_only_where_their_package_is_installed(monkeypatch):
    small = card(8)
    assert memory.NF4_PACKAGE == "bitsandbytes" and Placement.NF4 not in {
        way.placement for way in memory.ladder(catalogue.model("wan-vace-14b"), LOAD, "bfloat16", "cuda")
    }
    monkeypatch.setattr(memory, "installed", lambda name: "0.50" if name == "bitsandbytes" else "")
    spec = catalogue.model("wan-vace-14b")
    ways = memory.ladder(spec, LOAD, "bfloat16", "cuda")
    order = list(dict.fromkeys(way.placement for way in ways))
    assert order.index(Placement.CAST) < order.index(Placement.NF4) < order.index(Placement.GROUPS)
    four = next(way for way in ways if way.placement is Placement.NF4)
    # The text encoder in 16 bits is now the largest thing on the card: 5.68e9 parameters.
    assert four.weights in (round(spec.parameters["transformer"] * 0.5625), 2 * spec.parameters["text_encoder"])
    assert all(way.total > small.free_bytes * memory.SPARE for way in ways if way.placement is Placement.CAST)


def test_four_bits_reach_the_loader(monkeypatch):
    torch = pytest.importorskip("torch")
    from importlib import metadata

    from second_unit_daemon.engines.diffusion.placement import quantised

    real = metadata.version
    monkeypatch.setattr(metadata, "version", lambda name: "0.50.0" if name == "bitsandbytes" else real(name))
    spec = catalogue.model("wan-vace-a14b")
    need = memory.need(spec, LOAD, Placement.NF4, True, "bfloat16")
    mapping = quantised(spec, need, torch.bfloat16)["quantization_config"].quant_mapping
    assert set(mapping) == {"transformer", "transformer_2"}
    assert {(c.bnb_4bit_quant_type, c.bnb_4bit_compute_dtype) for c in mapping.values()} == {("nf4", torch.bfloat16)}
    assert quantised(spec, memory.need(spec, LOAD, Placement.CAST, True, "bfloat16"), torch.bfloat16) == {}
