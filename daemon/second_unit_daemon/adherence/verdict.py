# SPDX-License-Identifier: GPL-3.0-or-later
"""The measurement in one line of words, and in two that a program reads: how well, and what is wrong.

What is judged is how far the picture stands from where the asked-for camera has it, because that is what an artist
sees: a degree and ten centimetres mean something else in a close-up than over a valley. Thresholds were set with
tests/bench/bench_adherence.py so that true renders and clips made wrong on purpose both keep their distance.
"""

from __future__ import annotations

from attrs import frozen
from second_unit_protocol.results import Fault, Kept

# Mean distance between where the asked-for and the measured camera show the scene, as a share of the picture's width.
KEPT = 0.004
DRIFTED = 0.02
# The same as a share of the movement that was asked for: beyond it, it is another movement.
ANOTHER_MOVE = 0.25
LEAST_PX = 1.5
MOST_FAILED = 0.5
# Of the asked-for movement: less than this is standing still, within this of 1 it is as far.
STILL = 0.15
AS_FAR = 0.15
# A path is the asked-for one at another speed if it passes its poses within this share of how far it is from its own.
SAME_PATH = 0.35
# Cosine between the movements below which it is the other way.
BACKWARDS = -0.5
# The lens is the fault where it alone moves the picture by this share of all that is wrong, and the pose by less than
# this share of that.
LENS_SHARE = 0.6
LEAST_LENS = 0.005  # less than that is told as 0 %
# Longest over shortest focal length from which on a lens is said to zoom, and how far two such ratios differ.
ZOOMS = 1.1
OTHER_ZOOM = 0.05
# Where no camera is found: the clip's own flow as a share of the exact one below which it stands still.
STILL_FLOW = 0.25


@frozen
class Drift:
    """Means over frames, as shares of the picture's width; ``width`` is the delivered one in pixels.

    ``shift``: between asked-for and measured picture; ``pose_shift`` and ``lens_shift``: with only the pose, or only
    the lens, as it was measured. ``asked`` and ``made``: how far the asked-for and the measured camera have carried the
    picture away from frame 0, over the frames in which enough of it is still in sight.

    ``speed``, ``off_path`` and ``direction`` are those of path.PathShape. ``lens``: measured over asked-for focal
    length (median); ``asked_zoom`` and ``made_zoom``: longest over shortest focal length. ``flow``: length of the
    clip's flow over the exact one's, None where that was not to be had.
    """

    shift: float
    pose_shift: float
    lens_shift: float
    asked: float
    made: float
    width: int
    speed: float
    off_path: float
    direction: float
    lens: float
    asked_zoom: float
    made_zoom: float
    flow: float | None


@frozen
class Verdict:
    """``words`` is one sentence without its full stop."""

    kept: Kept
    fault: Fault
    words: str


def verdict(drift: Drift, failed: int, frames: int) -> Verdict:
    """``failed`` of ``frames`` frames could not be measured."""
    if failed > MOST_FAILED * frames:
        return _unmeasured(drift, failed, frames)
    tail = f"; {failed} of {frames} frames could not be measured" if failed else ""
    pixels = drift.shift * drift.width
    off = "less than 0.1 px off on average" if pixels < 0.1 else f"{pixels:.1f} px off on average"
    wrong = drift.shift > DRIFTED or (
        drift.shift * drift.width > LEAST_PX and drift.shift > ANOTHER_MOVE * max(drift.asked, 1e-9)
    )
    if wrong:
        fault, how = _fault(drift)
        return Verdict(Kept.WRONG_CAMERA, fault, f"Wrong camera: {how}, {off}{tail}")
    if drift.shift > KEPT:
        fault, how = (Fault.LENS, f", {_lens(drift)}") if _lens_is_it(drift) else (Fault.NONE, "")
        return Verdict(Kept.DRIFTS, fault, f"Drifts from its camera: {off}{how}{tail}")
    return Verdict(Kept.KEEPS, Fault.NONE, f"Keeps to its camera: {off}{tail}")


def _unmeasured(drift: Drift, failed: int, frames: int) -> Verdict:
    found = f"the camera was found in {frames - failed} of {frames} frames only"
    if drift.flow is not None and drift.flow < STILL_FLOW:
        return Verdict(Kept.WRONG_CAMERA, Fault.STATIC, f"Wrong camera: the picture hardly moves; {found}")
    return Verdict(Kept.UNMEASURED, Fault.NONE, f"Could not be measured: {found}")


def _fault(drift: Drift) -> tuple[Fault, str]:
    made = drift.made / max(drift.asked, 1e-9)
    if drift.asked * drift.width < LEAST_PX:
        if _lens_is_it(drift):
            return Fault.LENS, _lens(drift)
        return Fault.MOVES, "it moves where it should stand still"
    if made < STILL:
        return Fault.STATIC, "it stands still"
    if _lens_is_it(drift):
        return Fault.LENS, _lens(drift)
    if drift.direction < BACKWARDS:
        return Fault.BACKWARDS, "it moves the other way"
    if drift.off_path < SAME_PATH and abs(drift.speed - 1) > AS_FAR:
        fault = Fault.SLOWER if drift.speed < 1 else Fault.FASTER
        return fault, f"it follows its path at {drift.speed:.0%} of the speed"
    if made < 1 - AS_FAR or 1 + 2 * AS_FAR < made < 3:
        return Fault.PATH, f"it takes another path, {made:.0%} as far as asked"
    return Fault.PATH, "it takes another path"


def _lens_is_it(drift: Drift) -> bool:
    if drift.asked_zoom <= ZOOMS and abs(drift.lens - 1) < LEAST_LENS:
        return False
    return drift.lens_shift > LENS_SHARE * drift.shift and drift.pose_shift < LENS_SHARE * drift.lens_shift


def _lens(drift: Drift) -> str:
    if drift.asked_zoom > ZOOMS:
        if drift.made_zoom - 1 < STILL * (drift.asked_zoom - 1):
            return "its lens does not zoom"
        if abs(drift.made_zoom / drift.asked_zoom - 1) > OTHER_ZOOM:
            return f"its lens zooms ×{drift.made_zoom:.2f} instead of ×{drift.asked_zoom:.2f}"
    longer = "longer" if drift.lens > 1 else "shorter"
    return f"its lens is {abs(drift.lens - 1):.0%} {longer} than asked"
