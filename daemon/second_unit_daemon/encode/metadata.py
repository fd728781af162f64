# SPDX-License-Identifier: GPL-3.0-or-later
"""Provenance inside a video file: readable by any player as a comment, by tools as single keys."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

PREFIX = "second_unit_"
COMMENT = "comment"
PICTURE_SIZE = "picture_size"  # WIDTHxHEIGHT of the picture inside a stored frame, from its upper left corner
_LONGEST_KEY_VALUE = 1024


def to_metadata(provenance: Mapping[str, Any]) -> dict[str, str]:
    """Container metadata: ``comment`` holds everything as JSON; short plain values also get a key of their own."""
    tags = {COMMENT: json.dumps(dict(provenance), ensure_ascii=False, sort_keys=True)}
    for key, value in provenance.items():
        text = json.dumps(value) if isinstance(value, bool) else str(value)
        if isinstance(value, (str, int, float)) and text and len(text) <= _LONGEST_KEY_VALUE:
            tags[PREFIX + key] = text
    return tags


def from_metadata(tags: Mapping[str, str]) -> dict[str, Any]:
    """What ``to_metadata`` was given. A file that another program made gives an empty dict.

    Where a tool has dropped the comment, the single keys are returned, as text. Matroska keeps names in upper case.
    """
    lowered = {key.lower(): value for key, value in tags.items()}
    try:
        whole = json.loads(lowered.get(COMMENT, ""))
    except ValueError:
        whole = None
    if isinstance(whole, dict):
        return whole
    return {key.removeprefix(PREFIX): value for key, value in lowered.items() if key.startswith(PREFIX)}
