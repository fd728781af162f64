# SPDX-License-Identifier: GPL-3.0-or-later
"""A camera path between its frames: at another rate, and at the moments while a shutter is open."""

from __future__ import annotations

import cv2
import numpy as np
from attrs import evolve
from numpy.typing import NDArray

from ..forms import CameraTrack


def positions_at(track: CameraTrack, fps: float) -> NDArray[np.float64]:
    """(F,) where the frames of a clip at ``fps`` lie, in frames of the track; its own where that is its rate."""
    own = track.fps
    if own is None or abs(own - fps) < 1e-6 or len(track) == 1:
        return np.arange(len(track), dtype=np.float64)
    count = int((len(track) - 1) * fps / own + 1e-6) + 1
    return np.asarray(np.arange(count) * own / fps, np.float64)


def moments_of(positions: NDArray[np.float64], angle: float, samples: int) -> NDArray[np.float64]:
    """(F · samples,) evenly within the time that a shutter is open around each of ``positions``.

    ``angle`` in degrees: 360 is all the time from one frame to the next.
    """
    apart = positions[1] - positions[0] if len(positions) > 1 else 0.0
    within = apart * angle / 360 * ((np.arange(samples) + 0.5) / samples - 0.5)
    return np.asarray((positions[:, None] + within).ravel(), np.float64)


def between(track: CameraTrack, positions: NDArray[np.float64], fps: float) -> CameraTrack:
    """The camera at ``positions`` (F,), in frames of the track: places and lens linearly, turns along the shortest arc
    (slerp); held at its ends."""
    last = len(track) - 1
    at = np.clip(positions, 0, last)
    first = np.minimum(at.astype(int), max(last - 1, 0))
    share = (at - first)[:, None, None]
    after = np.minimum(first + 1, last)
    c2w = (1 - share) * track.c2w[first] + share * track.c2w[after]
    for n, (a, b) in enumerate(zip(first, after, strict=True)):
        c2w[n, :3, :3] = _turned(track.c2w[a, :3, :3], track.c2w[b, :3, :3], float(share[n, 0, 0]))
    lens = (1 - share) * track.intrinsics[first] + share * track.intrinsics[after]
    return evolve(track, c2w=c2w, intrinsics=lens, times_s=np.arange(len(at)) / fps)


def _turned(a: NDArray[np.float64], b: NDArray[np.float64], share: float) -> NDArray[np.float64]:
    turn, _ = cv2.Rodrigues(a.T @ b)
    return a @ cv2.Rodrigues(turn * share)[0]
