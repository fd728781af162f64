# SPDX-License-Identifier: GPL-3.0-or-later
"""The German words are complete, and none is left over."""

from __future__ import annotations

import re
import runpy

import pytest

from tests.support.shown_strings import ADDON, collect

GERMAN = ADDON / "translations" / "de"
KEPT = re.compile(r"--\w+|\.\w{3,}\b|`[^`]+`|//|\d+|[:;]$|\.$")  # commands, endings, figures, how a sentence ends


@pytest.fixture(scope="module")
def german() -> dict[str, str]:
    words: dict[str, str] = {}
    for path in sorted(GERMAN.glob("[a-z]*.py")):
        part = runpy.run_path(str(path))["WORDS"]
        assert not words.keys() & part.keys(), f"{path.name} says again what another part says"
        words |= part
    return words


def test_every_word_that_is_shown_has_a_translation(german):
    assert sorted(collect().keys() - german.keys()) == []


def test_no_translation_is_of_a_word_that_is_gone(german):
    assert sorted(german.keys() - collect().keys()) == []


def test_translations_keep_commands_endings_and_figures(german):
    for english, word in german.items():
        assert word.strip() == word and word, english
        if " " in english:
            assert sorted(KEPT.findall(english)) == sorted(KEPT.findall(word)), (english, word)
