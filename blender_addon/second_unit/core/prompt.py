# SPDX-License-Identifier: GPL-3.0-or-later
"""Words of a prompt that are settings: ``a quiet street --no people, cars --ar 9:16 --seed 7 --motion 0.3``."""

from __future__ import annotations

import re

from ..protocol.late import evolve, frozen
from ..protocol.limits import MAX_SEED

_FLAG = re.compile(r"(?:^|(?<=\s))--([A-Za-z][\w-]*)")
_ASPECT = re.compile(r"(\d+(?:\.\d+)?)\s*[:x/]\s*(\d+(?:\.\d+)?)")
WIDEST = 4.0


@frozen
class Prompt:
    """A prompt taken apart. ``aspect`` is (width, height) in any unit; None, or empty, where nothing was said.

    ``doubts`` are sentences about what was written and could not be followed; those words are left out of ``text``.
    """

    text: str = ""
    avoid: str = ""
    aspect: tuple[float, float] | None = None
    seed: int | None = None
    motion: float | None = None
    doubts: tuple[str, ...] = ()

    def settings(self) -> list[tuple[str, str]]:
        """What the words set, as (label, value), for the panel."""
        rows = [("Avoid", self.avoid)] if self.avoid else []
        if self.aspect:
            rows.append(("Aspect", f"{self.aspect[0]:g}:{self.aspect[1]:g}"))
        if self.seed is not None:
            rows.append(("Seed", str(self.seed)))
        if self.motion is not None:
            rows.append(("Motion", f"{self.motion:g}"))
        return rows


def parse(written: str) -> Prompt:
    """Takes ``--no``, ``--ar``, ``--seed`` and ``--motion`` out of a prompt; each reaches to the next ``--word``.

    Where one is given twice, the last counts, but for ``--no``, which adds up. Line breaks become spaces.
    """
    written = " ".join(written.split())
    flags = list(_FLAG.finditer(written))
    found = Prompt(text=written[: flags[0].start()].strip() if flags else written)
    for place, flag in enumerate(flags):
        end = flags[place + 1].start() if place + 1 < len(flags) else len(written)
        found = _with_flag(found, flag[1].lower(), written[flag.end() : end].strip())
    return found


def _with_flag(found: Prompt, name: str, value: str) -> Prompt:
    if name not in _READERS:
        known = ", ".join(f"--{flag}" for flag in _READERS)
        return _doubt(found, f"--{name} is not known here; there are {known}")
    if not value:
        return _doubt(found, f"--{name} has nothing after it")
    return _READERS[name](found, value)


def _no(found: Prompt, value: str) -> Prompt:
    return evolve(found, avoid=f"{found.avoid}, {value}" if found.avoid else value)


def _aspect(found: Prompt, value: str) -> Prompt:
    match = _ASPECT.match(value)
    sides = (float(match[1]), float(match[2])) if match else (0.0, 0.0)
    if not all(sides) or not 1 / WIDEST <= sides[0] / sides[1] <= WIDEST:
        return _doubt(found, f"--ar {value} is no aspect such as 16:9, at most {WIDEST:g}:1")
    assert match
    return _after(evolve(found, aspect=sides), value[match.end() :])


def _seed(found: Prompt, value: str) -> Prompt:
    word, _, rest = value.partition(" ")
    if not word.isdecimal() or int(word) > MAX_SEED:
        return _doubt(found, f"--seed {word} is no whole number from 0 on")
    return _after(evolve(found, seed=int(word)), rest)


def _motion(found: Prompt, value: str) -> Prompt:
    word, _, rest = value.partition(" ")
    try:
        strength = float(word)
    except ValueError:
        strength = -1.0
    if not 0.0 <= strength <= 1.0:
        return _doubt(found, f"--motion {word} is no number from 0 to 1")
    return _after(evolve(found, motion=strength), rest)


def _after(found: Prompt, rest: str) -> Prompt:
    """Words behind a number belong to the prompt again."""
    return evolve(found, text=f"{found.text} {rest.strip()}".strip())


def _doubt(found: Prompt, sentence: str) -> Prompt:
    return evolve(found, doubts=(*found.doubts, sentence))


_READERS = {"no": _no, "ar": _aspect, "seed": _seed, "motion": _motion}
