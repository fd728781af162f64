# SPDX-License-Identifier: GPL-3.0-or-later
"""From a prompt to the sounds that it calls for: keywords, what is said not to be, its meaning, hints of place."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import cache

from attrs import frozen

from .meaning import nearest
from .vocabulary import ONLY, SOURCES, Source

MOST = 4  # sounds at once: more is a blur
NOT = {"no", "not", "without", "never", "silent", "cannot", "lacking"}
FAR = 3  # words that a negation reaches
QUIET = {"distant", "far", "faint", "soft", "gentle", "light", "quiet", "muffled", "calm", "slight", "remote"}
LOUD = {
    "loud",
    "heavy",
    "strong",
    "roaring",
    "violent",
    "huge",
    "massive",
    "fierce",
    "deafening",
    "raging",
    "thunderous",
}
SHIFT_DB = 7.0
ALSO_SAID_OF = {"crash", "boom", "bang", "clap", "burst"}  # waves crash, thunder booms: then it is no sound of its own


@frozen
class Choice:
    """A sound of the vocabulary and how loud it is beside the others. ``why``: the word that called for it, or that the
    whole prompt did."""

    source: str
    level_db: float
    why: str


def choose(prompt: str, sources: Mapping[str, Source] = SOURCES) -> list[Choice]:
    """The sounds of a prompt, most wanted first; at most four. Empty where no word says anything of sound."""
    words = _words(prompt)
    named = _found(words, {s.name: s.words for s in sources.values()})
    silent = {name for name, (place, _) in named.items() if _denied(words, place)}
    wanted = {name: found for name, found in named.items() if name not in silent}
    if not named and (meant := nearest(prompt, sources)):
        named = wanted = {meant: (0, "its meaning")}
    hints = _found(words, {s.name: s.places for s in sources.values()})
    for name, found in hints.items():
        if name not in wanted and name not in silent and not _denied(words, found[0]):
            wanted.setdefault(name, found)
    order = sorted(wanted, key=lambda name: (name not in named, wanted[name][0]))
    return [_choice(sources[name], words, wanted[name], name in named) for name in order[:MOST]]


def spoken(prompt: str) -> frozenset[str]:
    """The stems of what a prompt speaks of and does not deny."""
    words = _words(prompt)
    return frozenset(stem(word) for place, word in enumerate(words) if not _denied(words, place))


def _words(prompt: str) -> list[str]:
    return re.findall(r"[a-z]+(?:-[a-z]+)?", prompt.lower())


def _choice(source: Source, words: list[str], found: tuple[int, str], named: bool) -> Choice:
    place, word = found
    before = set(words[max(0, place - 2) : place])
    level = source.level_db + (0.0 if named else -SHIFT_DB)
    level += -SHIFT_DB if before & QUIET else SHIFT_DB / 2 if before & LOUD else 0.0
    return Choice(source.name, level, word)


def _found(words: list[str], table: dict[str, str]) -> dict[str, tuple[int, str]]:
    """Sound -> (place of the first word that calls for it, that word)."""
    by_stem: dict[str, list[str]] = {}
    for name, text in table.items():
        for word in text.split():
            by_stem.setdefault(word if word[0] == ONLY else stem(word), []).append(name)
    found: dict[str, tuple[int, str]] = {}
    for place, word in enumerate(words):
        if place and stem(word) in ALSO_SAID_OF and _names(by_stem, words[place - 1]):
            continue
        both = f"{word}-{words[place + 1]}" if place + 1 < len(words) else ""  # "rush hour" as "rush-hour"
        for name in (*by_stem.get(stem(both), ()), *_names(by_stem, word)):
            found.setdefault(name, (place, word))
    return found


def _names(by_stem: dict[str, list[str]], word: str) -> Iterable[str]:
    parts = [word, *word.split("-")] if "-" in word else [word]
    return [name for part in parts for key in (ONLY + part, stem(part)) for name in by_stem.get(key, ())]


def _denied(words: list[str], place: int) -> bool:
    return any(word in NOT for word in words[max(0, place - FAR) : place])


@cache
def stem(word: str) -> str:
    """A word without its English ending: "waves", "crashing" and "burned" meet "wave", "crash" and "burn"."""
    if len(word) > 4 and word.endswith("ies"):
        return word[:-3] + "y"
    for ending in ("ing", "ed", "es", "s"):
        if word.endswith(ending) and len(word) - len(ending) >= 3 and not word.endswith("ss"):
            word = word[: -len(ending)]
            break
    if len(word) > 3 and word[-1] == word[-2] and word[-1] not in "lsz":
        word = word[:-1]
    return word.removesuffix("e") if len(word) > 3 else word
