# SPDX-License-Identifier: GPL-3.0-or-later
"""How true frames in between are: every other frame of a rendered scene is left out, made again, and compared.

    python -m tests.bench.bench_in_between [SCENE …]

Scenes are "demo" or seeds of random_scene (tests/bench/projection_scenes.py), rendered once by Blender. RIFE takes part
where its network lies in the user's folder (rife.onnx).
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable

import numpy as np
from attrs import evolve
from numpy.typing import NDArray
from second_unit_daemon.conditioning.shot_data import ShotData, pack_array
from second_unit_daemon.encode.measure import psnr
from second_unit_daemon.post.interpolate.between import Between
from second_unit_daemon.post.interpolate.exact import ExactBetween
from second_unit_daemon.post.interpolate.flow import FlowBetween
from second_unit_daemon.post.interpolate.rife import RifeBetween, own_model
from second_unit_protocol.grid import FrameGrid, Rate
from second_unit_protocol.shot import PlaneSequence

from tests.bench.projection_scenes import open_scene

FRAMES = tuple(range(21, 30))
SCENES = ("demo", "0", "1", "2")  # tuned on, looked at, looked at, never seen


def halved(shot: ShotData) -> ShotData:
    """The shot as if it had been captured at half its rate."""
    request, even = shot.request, slice(None, None, 2)

    def kept(planes: PlaneSequence | None) -> PlaneSequence | None:
        return evolve(planes, frames=planes.frames[even]) if planes else None

    rate = request.grid.clip_rate.fraction / 2
    motion = evolve(request.motion, matrices=pack_array(shot.matrices[even])) if request.motion else None
    camera = evolve(request.camera, c2w=pack_array(shot.c2w[even]), intrinsics=pack_array(shot.intrinsics[even]))
    first = request.grid.start_num
    grid = FrameGrid(first, len(shot.c2w[even]), request.grid.scene_rate, Rate(rate.numerator, rate.denominator))
    return ShotData(
        evolve(
            request,
            grid=grid,
            camera=camera,
            motion=motion,
            depth=kept(request.depth),
            index=kept(request.index),
            colour=None,
        ),
        shot.blob_path,
    )


class Mix:
    """Both neighbours mixed: what any method must beat."""

    def begin(self, index: int, before: NDArray[np.uint8], after: NDArray[np.uint8]) -> None:
        self._pair = before.astype(np.float32), after.astype(np.float32)

    def at(self, time: float) -> NDArray[np.uint8]:
        return np.round(self._pair[0] * (1 - time) + self._pair[1] * time).astype(np.uint8)

    def facts(self) -> dict[str, str]:
        return {}


def scored(between: Between, truth: list[NDArray[np.uint8]]) -> tuple[float, float, float]:
    """(mean dB, worst dB, seconds a frame) over the frames that were left out; the first one warms up."""
    found, seconds = [], []
    for i in range(len(truth) // 2):
        began = time.perf_counter()
        between.begin(i, truth[2 * i], truth[2 * i + 2])
        made = between.at(0.5)
        seconds.append(time.perf_counter() - began)
        found.append(psnr(made, truth[2 * i + 1]))
    return float(np.mean(found)), min(found), float(np.mean(seconds[1:]))


def main(words: list[str]) -> None:
    names = words or list(SCENES)
    print(f"{'scene':>6}  {'method':>6}  {'mean dB':>8}  {'worst dB':>8}  {'s a frame':>9}")
    for name in names:
        scene = open_scene(name, FRAMES)
        truth = [scene.truth(i) for i in range(len(FRAMES))]
        half = halved(scene.shot())
        methods: dict[str, Callable[[], Between]] = {
            "exact": lambda half=half: ExactBetween(half, list(range(len(half)))),
            "flow": FlowBetween,
            "mix": Mix,
        }
        if network := own_model():
            methods["rife"] = lambda network=network: RifeBetween(network)
        for method, make in methods.items():
            mean, worst, seconds = scored(make(), truth)
            print(f"{name:>6}  {method:>6}  {mean:8.2f}  {worst:8.2f}  {seconds:9.2f}", flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
