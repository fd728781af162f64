# SPDX-License-Identifier: GPL-3.0-or-later
"""The sounds that there are, and the words that call for them (vocabulary.toml). Light."""

from __future__ import annotations

import tomllib
from importlib.resources import files

from attrs import frozen

ONLY = "="  # before a word: it calls in that form alone


@frozen
class Source:
    """A kind of sound. ``words`` call for it by themselves, ``places`` hint at it where nothing else is named.

    ``event``: it happens at times; else it lasts. ``level_db`` is how loud it is beside others.
    """

    name: str
    words: str
    places: str = ""
    event: bool = False
    level_db: float = 0.0

    @property
    def all_words(self) -> list[str]:
        """Without their marks."""
        return f"{self.words} {self.places}".replace(ONLY, "").split()


SOURCES = {
    name: Source(name, **facts)
    for name, facts in tomllib.loads(
        files("second_unit_daemon.post.sound").joinpath("vocabulary.toml").read_text("utf-8")
    ).items()
}
