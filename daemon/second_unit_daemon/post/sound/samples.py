# SPDX-License-Identifier: GPL-3.0-or-later
"""Recordings: those that ship (recordings/, all CC0) and the user's own, each a folder with samples.toml.

[[sample]]
file = "brook.wav"
sound = "river"                  # one of the vocabulary, in place of its synthesis, or a name of your own
words = "rivulet babbling"       # more words that call for it
when = "snow ice"                # heard only where the prompt has one of these words, too
licence = "CC0-1.0"
credit = "Jane Doe, https://example.org/brook"
event = false                    # it happens at times; else it lasts. As the vocabulary says, unless said here
gap_s = 0.6                      # about as long from one time to the next; else 5 s or more
level_db = 0.0                   # of a name of your own: how loud it is beside others
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from attrs import Factory, evolve, frozen
from second_unit_protocol.errors import ErrorCode, SecondUnitError
from second_unit_protocol.paths import home

from ...encode.sound import SAMPLE_RATE, read_sound
from .choose import stem
from .noise import Random
from .synth import spread
from .vocabulary import SOURCES, Source

FOLDER, LIST = "sounds", "samples.toml"  # in the user's folder: then they are used without being named
SHIPPED = Path(__file__).with_name("recordings")
NEEDED = {"file", "sound", "licence", "credit"}
KNOWN = {*NEEDED, "words", "when", "event", "gap_s", "level_db"}
JOIN_S = 0.25  # the end of a recording goes over into its beginning in that time
GAP_S = 5.0  # between two of what happens at times
EVEN = 0.08  # share of a told gap by which it varies


@frozen
class Sample:
    """``when``: stems of words of which the prompt must have one; ``gap_s``: 0 where nothing is said."""

    file: Path
    licence: str
    credit: str
    event: bool = False
    when: frozenset[str] = frozenset()
    gap_s: float = 0.0

    def heard(self) -> np.ndarray:
        """(N, 2) at 48 kHz."""
        return np.asarray(read_sound(self.file), np.float64)

    def lasting(self, samples: int, random: Random) -> np.ndarray:
        """(samples, 2), repeated without a click from a place of its own on."""
        whole = self.heard()
        over = min(round(JOIN_S * SAMPLE_RATE), len(whole) // 4)
        ring = whole[: len(whole) - over].copy()
        if over:
            rising = np.sin(np.linspace(0, np.pi / 2, over))[:, None]
            ring[:over] = ring[:over] * rising + whole[len(whole) - over :] * rising[::-1]
        at = (np.arange(samples) + int(random.integers(len(ring)))) % len(ring)
        return ring[at]


def happening(takes: Sequence[Sample], samples: int, random: Random) -> np.ndarray:
    """(samples, 2): one of the takes, whole, at times; what would go beyond the end is cut off there."""
    sounds = [take.heard() for take in takes]
    if gap := takes[0].gap_s:
        first = random.uniform(0.2, 0.6) * min(gap * SAMPLE_RATE, samples)
        count = int(samples / SAMPLE_RATE / gap) + 2
        gaps = gap * SAMPLE_RATE * random.uniform(1 - EVEN, 1 + EVEN, count)
        places = np.round(first + np.cumsum(gaps) - gaps[0]).astype(np.int64)
    else:
        longest_s = max(map(len, sounds)) / SAMPLE_RATE
        places = spread(samples, random, max(GAP_S, 1.5 * longest_s))
    out = np.zeros((samples, 2))
    for place in places[places < samples]:
        part = sounds[int(random.integers(len(sounds)))][: samples - place]
        out[place : place + len(part)] += part
    return out


@frozen
class Library:
    """What can be heard: the vocabulary with the user's words, and recordings by the name of the sound, the user's
    and those that ship."""

    sources: Mapping[str, Source] = SOURCES
    own: Mapping[str, tuple[Sample, ...]] = Factory(dict)
    shipped: Mapping[str, tuple[Sample, ...]] = Factory(dict)

    def recorded(self, source: str, words: frozenset[str], seed: int) -> tuple[Sample, ...]:
        """The recordings to take for a sound, the user's first: those that a word calls for, else those that need none.

        All of what happens, the seed's of what lasts; none where the sound is to be synthesised. ``words``: stems.
        """
        for there in (self.own.get(source, ()), self.shipped.get(source, ())):
            called = [s for s in there if s.when & words] or [s for s in there if not s.when]
            if called:
                return tuple(s for s in called if s.event) or (called[seed % len(called)],)
        return ()


def library(folder: Path | None = None) -> Library:
    """What ships, and the user's own of a folder, or of the one in the user's folder where there is one.

    Raises SecondUnitError for a folder without a list, a list that cannot be read, or a recording that is not there
    or has no licence or credit.
    """
    shipped, sources = _shipped(), dict(SOURCES)
    path = (folder or home() / FOLDER) / LIST
    if not path.is_file():
        if folder is None:
            return Library(sources, shipped=shipped)
        raise SecondUnitError(ErrorCode.FILE_GONE, f"There is no {LIST} in {folder}", remedy="Choose another folder")
    own = dict[str, tuple[Sample, ...]]()
    for number, facts in enumerate(_told(path), 1):
        _check(path, number, facts)
        name = str(facts["sound"])
        unknown = Source(name, name, event=bool(facts.get("event")), level_db=float(facts.get("level_db", 0)))
        source = sources.get(name, unknown)
        sources[name] = evolve(source, words=f"{source.words} {facts.get('words', '')}".lower())
        own[name] = (*own.get(name, ()), _sample(path, facts, source))
    return Library(sources, own, shipped)


@cache
def _shipped() -> dict[str, tuple[Sample, ...]]:
    samples = dict[str, tuple[Sample, ...]]()
    for facts in _told(SHIPPED / LIST):
        name = str(facts["sound"])
        samples[name] = (*samples.get(name, ()), _sample(SHIPPED / LIST, facts, SOURCES[name]))
    return samples


def _sample(path: Path, facts: Mapping[str, Any], source: Source) -> Sample:
    return Sample(
        path.parent / facts["file"],
        str(facts["licence"]),
        str(facts["credit"]),
        event=bool(facts.get("event", source.event)),
        when=frozenset(map(stem, str(facts.get("when", "")).lower().split())),
        gap_s=float(facts.get("gap_s", 0)),
    )


def _told(path: Path) -> list[dict[str, Any]]:
    try:
        return tomllib.loads(path.read_text("utf-8")).get("sample", [])
    except (OSError, ValueError) as error:
        raise _wrong(path, f"cannot be read ({error})") from error


def _check(path: Path, number: int, facts: Mapping[str, Any]) -> None:
    lacking, unknown = NEEDED - facts.keys(), facts.keys() - KNOWN
    if lacking or unknown:
        what = f"lacks {', '.join(sorted(lacking))}" if lacking else f"has unknown {', '.join(sorted(unknown))}"
        raise _wrong(path, f"does not hold: sample {number} {what}")
    if not str(facts["licence"]).strip() or not str(facts["credit"]).strip():
        raise _wrong(path, f"does not say who made sample {number}, and under which licence")
    if not (path.parent / facts["file"]).is_file():
        raise _wrong(path, f"names {facts['file']}, which is not there")


def _wrong(path: Path, what: str) -> SecondUnitError:
    return SecondUnitError(ErrorCode.BAD_REQUEST, f"{path} {what}", remedy="Mend the list of samples")
