# SPDX-License-Identifier: GPL-3.0-or-later
"""Ten extensions in a row, each from the last one's frames: how far colour, exposure and sharpness drift.

``python -m tests.bench.bench_extend``: the projection engine over the wall, against true pictures of it; then the tiny
Wan VACE with a model's own drift put in (0.97 of the light, a colour cast), corrected and not.
"""

from __future__ import annotations

import argparse
import os
import tempfile
from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from second_unit_daemon.conditioning.shot_data import ShotData
from second_unit_daemon.edits.asking import Frame, Wish
from second_unit_daemon.edits.extending import Extension, extend
from second_unit_daemon.edits.footage import open_footage
from second_unit_daemon.edits.gathered import Gathered
from second_unit_daemon.edits.ground import NoGround, View
from second_unit_daemon.encode.master import MasterWriter
from second_unit_daemon.engines.base import JobControl
from second_unit_daemon.engines.registry import create
from second_unit_daemon.jobs.admission import plan_request_of
from second_unit_protocol.grid import Rate, SceneRange
from second_unit_protocol.shot import Lineage, Reference, ShotRequest

from tests.support.shots import WallScene, wall_texture

TIMES = 10
RATE = Rate(16)
STEP = 1 / 480  # of the wall's path for each frame: what the end shows, the beginning has shown for the most part


class WallGround:
    """The wall's own camera and depth at any time; frame 0 is the path's beginning."""

    has_camera = has_depth = True
    tracks = ()
    references: tuple[Reference, ...] = ()

    def __init__(self, scene: WallScene):
        self.scene = scene

    def view(self, time, width: int, height: int) -> View:
        at = float(time) * STEP
        depth = self.scene.view(at).depth
        return View(self.scene.camera(at), self.scene.intrinsics, np.zeros((0, 4, 4)), depth)


def main() -> None:
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--times", type=int, default=TIMES)
    words.add_argument("--frames", type=int, default=16, help="new frames of each extension")
    times, new = (vars(words.parse_args())[name] for name in ("times", "frames"))
    with tempfile.TemporaryDirectory() as folder:
        projection(Path(folder), times, new)
        tiny(Path(folder), times, 4)


def projection(folder: Path, times: int, new: int) -> None:
    scene = WallScene(240, 136, wall_texture())
    clip = [scene.view(frame * STEP).colour for frame in range(17)]
    known = 0
    last = clip
    for number in range(times):
        last, first = extended(folder, last, known, new, "projection", WallGround(scene), number)
        known = first
    true = [scene.view((known + place) * STEP).colour for place in range(len(last))]
    print(f"projection, {times} extensions of {new} frames, 240 x 136:")
    report(last[-new:], true[-new:])


def tiny(folder: Path, times: int, new: int) -> None:
    from tests.support.tiny_models import models_toml, tiny_model
    from tests.support.tiny_models.wan_vace import table, vace

    os.environ["SECOND_UNIT_MODELS"] = str(models_toml(folder / "m.toml", tiny_vace=table(tiny_model(vace), steps=1)))
    os.environ["SECOND_UNIT_HOME"] = str(folder / "home")
    from second_unit_daemon.engines.diffusion import running

    start = [WallScene(64, 64, wall_texture()).view(frame * STEP).colour for frame in range(17)]
    real, ran = running.run, []

    def drifting(loaded, pipeline, arguments, *rest):
        """What a model does that goes on from what it is shown, but draws it a little darker and warmer."""
        if not ran:  # once is enough to know that the pipeline takes what it is given; its noise is thrown away
            ran.append(real(loaded, pipeline, arguments, *rest))
        shown, unknown = arguments["video"][0] * 255, arguments["mask"][0].reshape(len(arguments["mask"][0]), -1)
        known = [frame for frame, mask in zip(shown, unknown, strict=True) if not mask.any()]
        frames = [*known, *[known[-1]] * (len(shown) - len(known))]
        drawn = np.array(frames) * (0.98, 0.97, 0.95) + (1, 0, -1)
        return running.Made(np.clip(np.rint(drawn), 0, 255).astype(np.uint8))

    running.run = drifting
    try:
        for match in (False, True):
            last, known = start, 0
            for number in range(times):
                last, known = extended(folder, last, known, new, "tiny-vace", NoGround(), number, match=match)
            print(f"tiny VACE that darkens by 3 %, {times} extensions, colours {'' if match else 'not '}matched:")
            report(last[-new:], [start[-1]] * new)
    finally:
        running.run = real


def extended(
    folder: Path, clip: list[NDArray[np.uint8]], first: int, new: int, engine: str, ground, number: int, **options: bool
) -> tuple[list[NDArray[np.uint8]], int]:
    """The extension's frames, and the scene frame of the first of them. Its master is a file, read as any other."""
    height, width = clip[0].shape[:2]
    path = folder / f"{engine}-{number}.mkv"
    with MasterWriter(path, width, height, RATE, {}) as out:
        for frame in clip:
            out.write(frame)
    footage, rate = open_footage(path, RATE, start=Fraction(first))
    blobs = Gathered(folder)
    frame = Frame("bench", "Bench", SceneRange(first, first + len(clip) - 1, RATE), width, height)
    wish = Wish(engine, prompt="a wall", seed=number, options=dict(options))
    request = extend(footage, rate, wish, Extension(new / float(RATE)), frame, ground, Lineage("extend"), blobs)
    return shot_of(request, blobs), request.delivery.first


def shot_of(request: ShotRequest, blobs: Gathered) -> list[NDArray[np.uint8]]:
    from second_unit_daemon import devices

    data = ShotData(request, lambda ref: blobs.files[ref])
    engine = create(request.engine)
    plan = engine.plan(plan_request_of(request), devices.cpu())
    assert plan.problem is None, plan.problem
    return [frame.image for frame in engine.frames(data, JobControl.silent())][: request.delivery.count]


def report(made: list[NDArray[np.uint8]], true: list[NDArray[np.uint8]]) -> None:
    height, width = made[0].shape[:2]
    middle = slice(height // 5, -height // 5), slice(width // 5, -width // 5)  # beyond it nobody has seen the surface
    a, b = (np.array([frame[middle] for frame in clip], float) for clip in (made, true))
    light = abs(a.mean() - b.mean())
    colour = np.abs(a.mean((0, 1, 2)) - b.mean((0, 1, 2))).max()
    sharp = [np.mean([cv2.Laplacian(p.astype(np.float32), cv2.CV_32F).std() for p in clip]) for clip in (a, b)]
    seen = slice(width // 5, -width // 5)
    border = np.abs(np.array([m[0, seen].astype(float) - t[0, seen] for m, t in zip(made, true, strict=True)])).mean()
    keen = sharp[0] / max(sharp[1], 1e-6)
    print(
        f"  light {light:.2f} levels, colour {colour:.2f} levels, sharpness {keen:.0%} of it, top row {border:.1f} off"
    )


if __name__ == "__main__":
    main()
