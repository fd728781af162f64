# SPDX-License-Identifier: GPL-3.0-or-later
"""The user's own recordings: a folder with samples.toml, which says what each is, who made it and under which licence.

[[sample]]
file = "brook.wav"
sound = "river"                  # one of the vocabulary, in place of its synthesis, or a name of your own
words = "rivulet babbling"       # more words that call for it
licence = "CC0-1.0"
credit = "Jane Doe, https://example.org/brook"
event = false                    # of a name of your own: it happens at times; else it lasts
level_db = 0.0                   # how loud it is beside others
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from attrs import Factory, evolve, frozen
from second_unit_protocol.errors import ErrorCode, SecondUnitError
from second_unit_protocol.paths import home

from ...encode.sound import SAMPLE_RATE, read_sound
from .noise import Random
from .synth import spread
from .vocabulary import SOURCES, Source

FOLDER, LIST = "sounds", "samples.toml"  # in the user's folder: then they are used without being named
NEEDED = {"file", "sound", "licence", "credit"}
KNOWN = {*NEEDED, "words", "event", "level_db"}
JOIN_S = 0.25  # the end of a recording goes over into its beginning in that time
GAP_S = 5.0  # between two of what happens at times


@frozen
class Sample:
    file: Path
    licence: str
    credit: str

    def lasting(self, samples: int, random: Random) -> np.ndarray:
        """(samples, 2), repeated without a click from a place of its own on."""
        whole = np.asarray(read_sound(self.file), np.float64)
        over = min(round(JOIN_S * SAMPLE_RATE), len(whole) // 4)
        ring = whole[: len(whole) - over].copy()
        if over:
            rising = np.sin(np.linspace(0, np.pi / 2, over))[:, None]
            ring[:over] = ring[:over] * rising + whole[len(whole) - over :] * rising[::-1]
        at = (np.arange(samples) + int(random.integers(len(ring)))) % len(ring)
        return ring[at]

    def happening(self, samples: int, random: Random) -> np.ndarray:
        """(samples, 2), whole, at times; what would go beyond the end is cut off there."""
        whole = np.asarray(read_sound(self.file), np.float64)
        out = np.zeros((samples, 2))
        gap_s = max(GAP_S, 1.5 * len(whole) / SAMPLE_RATE)
        for place in spread(samples, random, gap_s):
            part = whole[: samples - place]
            out[place : place + len(part)] += part
        return out


@frozen
class Library:
    """What can be heard: the vocabulary with the user's words, and recordings by the name of the sound."""

    sources: Mapping[str, Source] = SOURCES
    samples: Mapping[str, tuple[Sample, ...]] = Factory(dict)


def library(folder: Path | None = None) -> Library:
    """Of a folder, or of the one in the user's; without that, the vocabulary alone.

    Raises SecondUnitError for a folder without a list, a list that cannot be read, or a recording that is not there
    or has no licence or credit.
    """
    path = (folder or home() / FOLDER) / LIST
    if not path.is_file():
        if folder is None:
            return Library()
        raise SecondUnitError(ErrorCode.FILE_GONE, f"There is no {LIST} in {folder}", remedy="Choose another folder")
    try:
        told: list[dict[str, Any]] = tomllib.loads(path.read_text("utf-8")).get("sample", [])
    except (OSError, ValueError) as error:
        raise _wrong(path, f"cannot be read ({error})") from error
    sources, samples = dict(SOURCES), dict[str, tuple[Sample, ...]]()
    for number, facts in enumerate(told, 1):
        _check(path, number, facts)
        name = str(facts["sound"])
        own = Source(name, name, event=bool(facts.get("event")), level_db=float(facts.get("level_db", 0)))
        source = sources.get(name, own)
        sources[name] = evolve(source, words=f"{source.words} {facts.get('words', '')}".lower())
        sample = Sample(path.parent / facts["file"], str(facts["licence"]), str(facts["credit"]))
        samples[name] = (*samples.get(name, ()), sample)
    return Library(sources, samples)


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
