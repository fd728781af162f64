# SPDX-License-Identifier: GPL-3.0-or-later
"""The measurement in one line of words."""

from __future__ import annotations

from attrs import frozen

# Mean distance between where the asked-for and the measured camera show the scene, as a share of the picture's width.
KEPT = 0.004
DRIFTED = 0.02
# The same as a share of the movement that was asked for: beyond it, it is another movement.
ANOTHER_MOVE = 0.25
LEAST_PX = 1.5
MOST_FAILED = 0.5


@frozen
class Drift:
    """Means over frames, as shares of the picture's width; ``width`` is the delivered one in pixels.

    ``shift``: between asked-for and measured picture. ``asked`` and ``made``: how far the asked-for and the measured
    camera have carried the picture away from frame 0, over the frames in which enough of it is still in sight.
    """

    shift: float
    asked: float
    made: float
    width: int


def verdict(drift: Drift, failed: int, frames: int) -> str:
    """One sentence without its full stop."""
    if failed > MOST_FAILED * frames:
        return f"Could not be measured: the camera was found in {frames - failed} of {frames} frames only"
    tail = f"; {failed} of {frames} frames could not be measured" if failed else ""
    off = f"{drift.shift * drift.width:.1f} px off on average"
    wrong = drift.shift > DRIFTED or (
        drift.shift * drift.width > LEAST_PX and drift.shift > ANOTHER_MOVE * max(drift.asked, 1e-9)
    )
    if wrong:
        return f"Wrong camera: {_how(drift)}, {off}{tail}"
    if drift.shift > KEPT:
        return f"Drifts from its camera: {off}{tail}"
    return f"Keeps to its camera: {off}{tail}"


def _how(drift: Drift) -> str:
    made = drift.made / max(drift.asked, 1e-9)
    if drift.asked * drift.width < LEAST_PX:
        return "it moves where it should stand still"
    if made < 0.15:
        return "it stands still"
    if made < 0.75 or 1.35 < made < 3:
        return f"it moves {made:.0%} as far as asked"
    return "it takes another path"
