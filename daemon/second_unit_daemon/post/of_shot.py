# SPDX-License-Identifier: GPL-3.0-or-later
"""Which frames of a shot a stream shows: what every step that knows more with the shot asks first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .stream import Stream

if TYPE_CHECKING:
    from ..conditioning.shot_data import ShotData


def shown_frames(shot: ShotData, stream: Stream) -> list[int] | None:
    """Clip frame of the shot that each frame of the stream shows; None where the stream is not of the shot's clip, or
    the shot has no depth."""
    request = shot.request
    grid, delivery = request.grid, request.delivery
    if request.depth is None:
        return None
    count, part = stream.of or stream.frames, slice(stream.first, stream.first + stream.frames)
    if (count, stream.rate) == (grid.count, grid.clip_rate):
        return list(range(grid.count))[part]
    if (count, stream.rate) != (delivery.count, delivery.rate):
        return None
    scene = grid.scene_rate.fraction / delivery.rate.fraction
    places = [grid.clip_position(number * scene) for number in range(delivery.first, delivery.last + 1)]
    whole = all(place.denominator == 1 and 0 <= place < grid.count for place in places)
    return [int(place) for place in places][part] if whole else None
