# SPDX-License-Identifier: GPL-3.0-or-later
"""How true the projection engine's frames are: ``python -m tests.bench.bench_projection_quality [scene …]``.

A scene is ``demo`` or a seed of ``random_scene`` (default: demo and 0 … 9; tune on 100 and up). Blender renders the
true frames and casts the rays that say exactly what a reference sees (see projection_scenes.py); the engine makes the
same frames from references, depth and plates. Frames at which a reference is pinned are left out: they are given.

Each line, pooled over a scene's frames: PSNR against the true render of the pixels outside the engine's hole mask; IoU
of that mask with the exact disocclusion; pixels that the engine took from a reference which does not see them, as a
share of the picture; then, without a bar to reach, the share of holes and how well they were filled. IoU comes twice:
for the first reference alone, whose disocclusion has some area, and for all references together, where slivers of a
pixel are most of what is left: their rims are then most of their area. What depth samples leave in doubt of these, the
engine is told as a capture tells it, by rays that the add-on's own code casts (see blender_seen.py).
"""

from __future__ import annotations

import sys

import numpy as np
from attrs import frozen
from numpy.typing import NDArray
from second_unit_daemon.engines.base import JobControl
from second_unit_daemon.engines.projection import ProjectionEngine

from .projection_scenes import TruthScene, open_scene

FRAMES = tuple(range(5, 46, 8))
SCENES = ("demo", *map(str, range(10)))
LEAST_PSNR_DB, LEAST_IOU, MOST_WRONG = 33.0, 0.97, 0.001


@frozen
class Counts:
    """Sums over pixels: squared error per channel (levels²) and how many, for known and for filled pixels; masks."""

    known_error: float
    known: int
    hole_error: float
    holes: int
    both: int
    either: int
    wrong: int
    pixels: int

    def __add__(self, other: Counts) -> Counts:
        return Counts(*(getattr(self, n) + getattr(other, n) for n in self.__slots__ if not n.startswith("__")))

    @property
    def psnr_known_db(self) -> float:
        return psnr_db(self.known_error, self.known)

    @property
    def psnr_filled_db(self) -> float:
        return psnr_db(self.hole_error, self.holes)

    @property
    def iou(self) -> float:
        return self.both / self.either if self.either else 1.0

    @property
    def wrongly_visible(self) -> float:
        return self.wrong / self.pixels

    @property
    def hole_fraction(self) -> float:
        return self.holes / self.pixels

    @property
    def passes(self) -> bool:
        return self.psnr_known_db >= LEAST_PSNR_DB and self.iou >= LEAST_IOU and self.wrongly_visible <= MOST_WRONG


def psnr_db(squared_error: float, pixels: int) -> float:
    """Of ``pixels`` × 3 samples with that summed squared error, in levels of 255; infinite for none."""
    return float(10 * np.log10(255**2 * 3 * pixels / squared_error)) if pixels and squared_error else float("inf")


def compared(
    image: NDArray[np.uint8], holes: NDArray[np.uint8], truth: NDArray[np.uint8], seen: NDArray[np.bool_]
) -> Counts:
    """Compares one frame (H, W, 3) and its hole mask (H, W) with the true render and what the references really see."""
    error = ((image.astype(np.float64) - truth) ** 2).sum(-1)
    hole = holes > 0
    return Counts(
        known_error=float(error[~hole].sum()),
        known=int((~hole).sum()),
        hole_error=float(error[hole].sum()),
        holes=int(hole.sum()),
        both=int((hole & ~seen).sum()),
        either=int((hole | ~seen).sum()),
        wrong=int((~hole & ~seen).sum()),
        pixels=hole.size,
    )


def measure(scene: TruthScene, count: int) -> Counts:
    """Runs the engine over the scene's frames, with its first ``count`` references, and sums its errors."""
    request = scene.with_first(count)
    pinned = {r.scene_frame for r in request.references}
    total = Counts(0.0, 0, 0.0, 0, 0, 0, 0, 0)
    for i, frame in enumerate(ProjectionEngine().frames(scene.shot(request), JobControl.silent())):
        if scene.frames[i] not in pinned:
            assert frame.holes is not None
            total += compared(frame.image, frame.holes, scene.truth(i), scene.visible(i)[:count].any(0))
    return total


def line(name: str, all_of_them: Counts, first: Counts) -> str:
    c = all_of_them
    return (
        f"{name:>6}  {c.psnr_known_db:8.2f}  {first.iou:9.4f}  {c.iou:7.4f}  {100 * c.wrongly_visible:8.4f}  "
        f"{100 * first.hole_fraction:11.2f}  {100 * c.hole_fraction:10.2f}  {c.psnr_filled_db:9.2f}"
    )


def main(names: tuple[str, ...]) -> int:
    """Prints a line a scene and the means over the random ones; returns how many scenes miss a bar."""
    print(f"bars: PSNR ≥ {LEAST_PSNR_DB} dB, IoU ≥ {LEAST_IOU}, wrongly visible ≤ {100 * MOST_WRONG} %")
    print(
        f"{'scene':>6}  {'PSNR dB':>8}  {'IoU first':>9}  {'IoU all':>7}  {'wrong %':>8}  "
        f"{'holes first':>11}  {'holes all %':>10}  {'filled dB':>9}"
    )
    found: dict[str, tuple[Counts, Counts]] = {}
    for name in names:
        scene = open_scene(name, FRAMES)
        found[name] = measure(scene, len(scene.request.references)), measure(scene, 1)
        print(line(name, *found[name]), flush=True)
    random = [counts for name, counts in found.items() if name != "demo"]
    if len(random) > 1:
        psnr, iou, wrong = (
            np.mean([getattr(c, n) for c, _ in random]) for n in ("psnr_known_db", "iou", "wrongly_visible")
        )
        alone = np.mean([first.iou for _, first in random])
        print(
            f"mean of the {len(random)} random scenes: {psnr:.2f} dB, IoU {alone:.4f} first and {iou:.4f} all, "
            f"wrongly visible {100 * wrong:.4f} %"
        )
    return sum(not (c.passes and first.iou >= LEAST_IOU) for c, first in found.values())


if __name__ == "__main__":
    sys.exit(min(main(tuple(sys.argv[1:]) or SCENES), 100))
