# SPDX-License-Identifier: GPL-3.0-or-later
"""What adherence measures on true renders and on wrong clips: ``python -m tests.bench.bench_adherence``.

Blender renders one still scene under five moves (dolly, orbit, pan only, zoom only, handheld) and two scenes in which
things move, 49 frames each (see adherence_truth.py). First table: the noise floor on the true frames, with the first
frame pinned as a reference and without any. Second: every fourth frame of the same shots, wrong on purpose: another
path, a frozen camera, half the speed, another lens; the verdict must say wrong-camera each time.

The same true frames, spoilt the way models spoil them (softened, graded, flickering, noisy), close the first table.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterable, Iterator

import cv2
import numpy as np
from second_unit_daemon.adherence import AdherenceMeter
from second_unit_daemon.adherence.facts import ShotFacts
from second_unit_daemon.adherence.verdict import DRIFTED, KEPT
from second_unit_protocol.results import Adherence, Kept

from .adherence_scenes import COARSE, FRAMES, Frame, Rendered, through_lens

MOST_ROT_ERR_RAD = 0.02
STILL_SCENE, MOVING_SCENES = 3, (1, 5)
MOVES = ("dolly", "orbit", "pan", "zoom", "handheld")
LENSES = (1.25, 0.8, 1.1)
EVERY = range(FRAMES)
SOME = range(0, FRAMES, COARSE)


def shots() -> Iterator[tuple[str, Rendered]]:
    for move in MOVES:
        yield move, Rendered(STILL_SCENE, move, still=True)
    for seed in MOVING_SCENES:
        yield f"moving {seed}", Rendered(seed, "own")


def measure(shot: ShotFacts, frames: Iterable[Frame]) -> Adherence:
    meter = AdherenceMeter(shot)
    for i, frame in enumerate(frames):
        meter.add(i, frame)
    found = meter.finish()
    assert found is not None
    return found


def spoilt(frame: Frame, number: int) -> Frame:
    """As a model might hand it back: soft, graded, flickering, noisy."""
    random = np.random.default_rng(number)
    soft = cv2.GaussianBlur(frame, (0, 0), 0.8).astype(np.float32)
    graded = 128 + (soft - 128) * 0.8 + np.array([12, 0, -10]) + 6 * np.sin(number)
    return np.clip(graded + random.normal(0, 5, frame.shape), 0, 255).astype(np.uint8)


def wrong_clips(rendered: Rendered) -> Iterator[tuple[str, Iterable[Frame]]]:
    """Clips over SOME that do something else than the shot asks for."""
    moving = not rendered.still
    other = Rendered(rendered.seed, "away", COARSE, rendered.still)
    yield "another path", (other.frame(t) for t in SOME)
    frozen = Rendered(rendered.seed, "frozen", COARSE)
    yield "frozen camera", (frozen.frame(t) if moving else rendered.frame(0) for t in SOME)
    yield "half speed", (rendered.frame(t // 2) for t in SOME)
    for factor in LENSES:
        yield f"lens x{factor}", (through_lens(rendered.frame(t), f) for f in (factor,) for t in SOME)


def optional(value: float | None, format_: str) -> str:
    return "-" if value is None else format(value, format_)


def floor_line(name: str, a: Adherence, seconds: float) -> str:
    return (
        f"{name:24} {a.rot_err_rad:8.4f} {a.trans_err:8.3f} {a.trans_err_m:8.3f} {a.cam_mc:8.3f} {a.rot_mean_deg:8.4f} "
        f"{a.shift_px:7.3f} {optional(a.tsed, '.2f'):>5} {optional(a.depth_err, '.4f'):>7} "
        f"{optional(a.flow_err_px, '.2f'):>6} {optional(a.lens_err, '.4f'):>7} {a.inlier_ratio:5.2f} {a.coverage:5.2f} "
        f"{len(a.failed_frames):5} {seconds:6.1f}  {a.verdict}"
    )


def main() -> int:
    """Prints both tables; returns how many lines miss what they must reach."""
    missed, largest_true, least_wrong = 0, 0.0, np.inf
    print(f"true frames, 49 each; RotErr must be at most {MOST_ROT_ERR_RAD} rad summed")
    print(
        f"{'':24} {'RotErr':>8} {'TransErr':>8} {'metres':>8} {'CamMC':>8} {'degrees':>8} {'px off':>7} {'TSED':>5} "
        f"{'depth':>7} {'flow':>6} {'lens':>7} {'inl':>5} {'cov':>5} {'lost':>5} {'s':>6}"
    )
    changes: tuple[tuple[str, bool, Callable[[Frame, int], Frame]], ...] = (
        ("pinned", True, lambda frame, t: frame),
        ("alone", False, lambda frame, t: frame),
        ("spoilt", True, spoilt),
    )
    for name, rendered in shots():
        for how, pinned, change in changes:
            began = time.perf_counter()
            found = measure(rendered.facts(EVERY, pinned=pinned), (change(rendered.frame(t), t) for t in EVERY))
            print(floor_line(f"{name}, {how}", found, time.perf_counter() - began), flush=True)
            clean = how != "spoilt"
            missed += found.kept is not Kept.KEEPS or (clean and found.rot_err_rad > MOST_ROT_ERR_RAD)
            largest_true = max(largest_true, found.shift_px)
            width = rendered.frame(0).shape[1]
    print("\nwrong on purpose, 13 frames each; the verdict must be wrong-camera")
    for name, rendered in shots():
        for how, frames in wrong_clips(rendered):
            found = measure(rendered.facts(SOME, pinned=True), frames)
            said = found.kept is Kept.WRONG_CAMERA
            missed += not said
            least_wrong = min(least_wrong, found.shift_px)
            print(
                f"{name:12} {how:14} {found.shift_px:7.2f} px  {'' if said else 'MISSED '}{found.verdict}", flush=True
            )
    print(
        f"\nmargins: true renders at most {largest_true:.2f} px off, 'keeps' ends at {KEPT * width:.2f}; wrong clips "
        f"at least {least_wrong:.2f}, wrong beyond {DRIFTED * width:.2f} or a quarter of the movement; {missed} missed"
    )
    return missed


if __name__ == "__main__":
    sys.exit(min(main(), 100))
