# SPDX-License-Identifier: GPL-3.0-or-later
"""Where on the timeline there is room."""

from __future__ import annotations

import bpy

from ..protocol.errors import ErrorCode, SecondUnitError
from . import compat

CHANNELS = 128
Level = bpy.types.SequenceEditor | bpy.types.MetaStrip  # what has strips and channels


def level_of(editor: bpy.types.SequenceEditor, strip: bpy.types.Strip) -> Level:
    """The meta strip that the strip lies in, or the editor itself."""
    metas = [meta for meta in editor.strips_all if meta.type == "META"]
    return next((meta for meta in metas if strip in meta.strips[:]), editor)


def free_channel(level: Level, first: int, end: int, count: int = 1, above: int | None = None) -> int:
    """The lowest of ``count`` neighbouring channels above everything in frames ``first`` … ``end - 1``.

    There the clip is seen. Where the top is taken it is the lowest gap that fits. Muted and locked channels are left
    alone. With ``above`` it is the lowest gap over that channel: what lies over it in the edit stays over it.

    Raises SecondUnitError(LANDING_REFUSED) where there is no room.
    """
    busy = {s.channel for s in level.strips if compat.left(s) < end and compat.right(s) > first}
    shut = {place for place, channel in enumerate(level.channels) if channel.mute or channel.lock}

    def fits(channel: int) -> bool:
        return not any(channel + i in busy or channel + i in shut for i in range(count))

    top = CHANNELS - count + 1
    lowest = max(busy, default=0) if above is None else above
    for channel in (*range(lowest + 1, top + 1), *range(1, top + 1)):
        if fits(channel):
            return channel
    raise SecondUnitError(
        ErrorCode.LANDING_REFUSED,
        f"All {CHANNELS} channels are taken, muted or locked between frames {first} and {end - 1}",
        remedy="Make room on the timeline, then land the take from the takes list",
    )
