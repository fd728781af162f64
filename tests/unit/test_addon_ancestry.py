# SPDX-License-Identifier: GPL-3.0-or-later
"""The lineage of takes: what lies below what, and what was changed in between."""

from __future__ import annotations

import importlib
import json

import pytest
from attrs import evolve
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.unit.conftest import PACKAGE

TOLD = {"engine": "wan", "prompt": "rain", "seed": 1, "width": 832, "height": 480}
TOLD["inputs"] = {"camera": "c", "depth": "d"}


@pytest.fixture(scope="session")
def ancestry(core):
    core("camera")  # stages the package
    return importlib.import_module(f"{PACKAGE}.link.ancestry")


@pytest.fixture(scope="session")
def take(ancestry):
    def made(number: int, *parents: str, edit: str = "remix", shot: str = "s", label: str = "", **told):
        lineage = {"edit": edit, "parents": list(parents)} if parents else None
        text = json.dumps({**TOLD, "lineage": lineage, **told})
        return ancestry.JobRecord(
            f"job{number}", shot_id=shot, take=number, created=float(number), label=label, result={"provenance": text}
        )

    return made


def listed(ancestry, *records) -> list[tuple[str, int, str]]:
    return [(record.job_id, origin.depth, origin.words) for record, origin in ancestry.tree(records)]


def test_a_take_lies_below_the_one_that_it_was_made_of(ancestry, take):
    first = take(1)
    again = take(2, seed=5)
    remix = take(3, "job1", prompt="snow", engine="ltx", label="the cold one")
    final = take(4, "job3", edit="final", prompt="snow", engine="ltx", quality="final")
    assert listed(ancestry, first, again, remix, final) == [
        ("job1", 0, ""),
        ("job3", 1, "Remixes Take 1: engine, words"),
        ("job4", 2, "Final of the cold one: quality"),
        ("job2", 0, "Since Take 1: seed"),
    ]


def test_what_changed_is_named(ancestry, take):
    changes = {
        "camera": {"inputs": {"camera": "other", "depth": "d2"}},
        "scene": {"inputs": {"camera": "c", "depth": "d2"}},
        "size": {"width": 640, "inputs": {"camera": "c", "depth": "d2"}},
        "words": {"negative_prompt": "blurry"},
        "references": {"inputs": {"camera": "c", "depth": "d", "references": [{"image": "x"}]}},
    }
    for word, told in changes.items():
        assert ancestry.changed(take(1), take(2, **told)) == [word]
    assert ancestry.changed(take(1), take(2)) == []


def test_what_an_engine_does_not_read_is_not_named(ancestry, take):
    unread = {"ignores": {"seed": "No random numbers", "prompt": "Reads no words"}}
    assert ancestry.changed(take(1, **unread), take(2, seed=5, prompt="snow", **unread)) == []
    assert ancestry.changed(take(1, **unread), take(2, engine="ltx", prompt="snow")) == ["engine", "words", "seed"]
    once = {"ignores": {"prompt": "Reads no words"}, "prompt": ""}
    assert ancestry.changed(take(1, **once), take(2, **{**once, "prompt": "snow"})) == []


def test_noise_in_the_colours_of_a_scene_that_nobody_touched_is_no_change(ancestry, take):
    noisy = {"inputs": {"camera": "c", "depth": "d", "colour": "noise"}}
    same = {"scene": "s", "look": "l"}

    def changed(now: dict[str, str], told: dict) -> list[str]:
        return ancestry.changed(evolve(take(1), stamp=same), evolve(take(2, **told), stamp=now))

    assert changed(same, noisy) == []
    assert changed({**same, "look": "other"}, noisy) == ["scene"]
    assert changed({"scene": "s"}, noisy) == ["scene"], "an earlier version's stamp does not know"
    assert changed(same, {"inputs": {"camera": "c", "depth": "d2"}}) == ["scene"]


def test_a_parent_of_another_shot_or_none_at_all_leaves_a_take_for_itself(ancestry, take):
    other = take(1, shot="t")
    assert listed(ancestry, other, take(2, "job1", edit="extend"), take(3, "gone.mp4")) == [
        ("job3", 0, ""),
        ("job2", 0, "Extends Take 1: nothing else"),
        ("job1", 0, ""),
    ]
    silent = ancestry.JobRecord("old", shot_id="s", take=9, created=9.0)
    assert listed(ancestry, take(1), silent) == [("old", 0, ""), ("job1", 0, "")]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.integers(0, 12), st.booleans(), st.integers(0, 3)), max_size=10))
def test_every_take_is_listed_once_and_below_its_parent(ancestry, take, shape):
    records = []
    for number, (parent, has_parent, moment) in enumerate(shape):
        made = take(number, *([f"job{parent}"] if has_parent else []))
        records.append(evolve(made, created=float(moment)))
    found = listed(ancestry, *records)
    assert sorted(job for job, _, _ in found) == sorted(record.job_id for record in records)
    for place, (_, depth, _) in enumerate(found):
        assert depth <= (found[place - 1][1] + 1 if place else 0)
