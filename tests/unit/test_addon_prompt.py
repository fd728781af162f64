# SPDX-License-Identifier: GPL-3.0-or-later
"""Settings written into a prompt, and sizes in another aspect."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st


@pytest.fixture(scope="session")
def prompt(core):
    return core("prompt")


@pytest.fixture(scope="session")
def sizes(core):
    return core("sizes")


def test_every_flag_is_taken_out_and_read(prompt):
    found = prompt.parse("A quiet street\n at dawn --no people, cars --ar 9:16 --seed 7 --motion 0.3")
    assert found.text == "A quiet street at dawn"
    assert (found.avoid, found.aspect, found.seed, found.motion) == ("people, cars", (9.0, 16.0), 7, 0.3)
    assert found.settings() == [
        ("Avoid", "people, cars"),
        ("Aspect", "9:16"),
        ("Seed", "7"),
        ("Motion", "0.3"),
    ]
    assert not found.doubts


def test_words_after_a_number_belong_to_the_prompt(prompt):
    found = prompt.parse("rain --seed 12 on a tin roof --ar 16:9 at night --no fog --no snow")
    assert found.text == "rain on a tin roof at night"
    assert (found.seed, found.aspect, found.avoid) == (12, (16.0, 9.0), "fog, snow")


@pytest.mark.parametrize(
    ("written", "says"),
    [
        ("x --seed seven", "--seed seven is no whole number"),
        ("x --seed -4", "--seed -4 is no whole number"),
        ("x --ar wide", "--ar wide is no aspect"),
        ("x --ar 16:0", "--ar 16:0 is no aspect"),
        ("x --ar 100:1", "at most 4:1"),
        ("x --motion 3", "--motion 3 is no number from 0 to 1"),
        ("x --motion nan", "--motion nan is no number from 0 to 1"),
        ("x --chaos 5", "--chaos is not known here; there are --no, --ar, --seed, --motion"),
        ("x --no", "--no has nothing after it"),
    ],
)
def test_what_cannot_be_followed_is_said_and_sets_nothing(prompt, written: str, says: str):
    found = prompt.parse(written)
    assert says in found.doubts[0]
    assert found.text == "x" and found.settings() == []


def test_dashes_inside_a_sentence_are_no_flags(prompt):
    text = "a well-lit room--almost empty -- and a 50--60s car"
    assert prompt.parse(text) == prompt.Prompt(text=text)


@given(st.text())
def test_any_text_is_read_and_reading_the_rest_again_changes_nothing(prompt, written: str):
    found = prompt.parse(written)
    assert prompt.parse(found.text).text == found.text or "--" in found.text


@pytest.mark.parametrize(
    ("size", "aspect", "expected"),
    [
        ((1280, 720), (16, 9), (1280, 720)),
        ((832, 480), (1, 1), (640, 640)),
        ((1920, 1080), (9, 16), (1080, 1920)),
    ],
)
def test_a_size_keeps_its_area_in_another_aspect(sizes, size, aspect, expected):
    width, height = sizes.in_aspect(size, aspect)
    assert abs(width - expected[0]) <= 24 and abs(height - expected[1]) <= 24
    assert abs(width / height / (aspect[0] / aspect[1]) - 1) < 0.01
    assert (width % 16, height % 16) == (0, 0)


@given(st.integers(64, 4096), st.integers(64, 4096), st.sampled_from([(16, 9), (9, 16), (1, 1), (4, 3), (21, 9)]))
def test_every_size_in_every_aspect_can_be_shot(sizes, width: int, height: int, aspect: tuple[int, int]):
    w, h = sizes.in_aspect((width, height), aspect)
    assert 64 <= w <= 8192 and 64 <= h <= 8192


def test_presets_are_as_wide_as_they_say(sizes):
    for width, height, aspect, _ in sizes.PRESETS:
        a, b = map(int, aspect.split(":"))
        assert abs(width / height / (a / b) - 1) < 0.03
