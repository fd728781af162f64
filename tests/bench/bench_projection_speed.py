# SPDX-License-Identifier: GPL-3.0-or-later
"""What projection costs: ``python -m tests.bench.bench_projection_speed [rounds]``.

Speed: frames of 832 × 480 from three references, with a mover and plates, by the engine, and encoded as a job encodes
them, against ``cv2.remap`` of as many frames with maps that are at hand, encoded alike (master, clip, hole mask). The
two take turns; the median of the rounds' ratios counts and may reach 2.5. Kernels are compiled before. The room is
drawn by code; ``SECOND_UNIT_BENCH_SCENE=demo`` takes the street (rendered by Blender, see projection_scenes.py).

Memory: the peak of a process that renders 1,000 frames, against one that renders 100; may be a tenth more.
"""

from __future__ import annotations

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # as the worker has it, see second_unit_daemon.threads

import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from statistics import median

import cv2
import numpy as np
from attrs import evolve
from numpy.typing import NDArray
from second_unit_daemon.conditioning.shot_data import ShotData, array_of, pack_array
from second_unit_daemon.encode.clip import ClipWriter
from second_unit_daemon.encode.master import MasterWriter
from second_unit_daemon.engines.base import JobControl
from second_unit_daemon.engines.projection import ProjectionEngine
from second_unit_protocol.grid import Rate
from second_unit_protocol.shot import PlaneSequence, ShotRequest

from tests.support.room import room_shot

WIDTH, HEIGHT = 832, 480
FRAMES = 48
SHORT, LONG = 100, 1000
MOST_TIME, MOST_MEMORY = 2.5, 1.1


def repeated(request: ShotRequest, count: int) -> ShotRequest:
    """The same shot there and back again until it has ``count`` frames."""
    there = list(range(request.grid.count))
    tour = there + there[-2:0:-1]
    order = [tour[i % len(tour)] for i in range(count)]

    def again(planes: PlaneSequence | None) -> PlaneSequence | None:
        return planes and evolve(planes, frames=tuple(planes.frames[i] for i in order))

    camera, motion = request.camera, request.motion
    return evolve(
        request,
        grid=evolve(request.grid, count=count),
        camera=evolve(
            camera,
            c2w=pack_array(array_of(camera.c2w)[order]),
            intrinsics=pack_array(array_of(camera.intrinsics)[order]),
        ),
        motion=motion and evolve(motion, matrices=pack_array(array_of(motion.matrices)[order])),
        depth=again(request.depth),
        colour=again(request.colour),
        index=again(request.index),
    )


def open_shot(folder: Path, count: int) -> ShotData:
    """``count`` frames of the room, with references between its frames: none of these is given."""
    if name := os.environ.get("SECOND_UNIT_BENCH_SCENE"):
        from .bench_projection_quality import FRAMES as CHOSEN
        from .projection_scenes import open_scene

        scene = open_scene(name, CHOSEN)
        return ShotData(repeated(scene.request, count), scene.blobs.__getitem__)
    drawn = room_shot(13, WIDTH, HEIGHT, references=(0.5, 6.5, 11.5), plates=True, fineness=5)
    shot = drawn.open(folder)
    return ShotData(repeated(drawn.request, count), shot.blob_path)


def encode(folder: Path, frames: Iterator[tuple[NDArray[np.uint8], NDArray[np.uint8] | None]]) -> None:
    """Master and clip of every frame, and the hole mask where there is one."""
    rate = Rate(24)
    with (
        MasterWriter(folder / "master.mkv", WIDTH, HEIGHT, rate, {}) as master,
        ClipWriter(folder / "clip.mp4", WIDTH, HEIGHT, rate, {}) as clip,
        MasterWriter(folder / "holes.mkv", WIDTH, HEIGHT, rate, {}, grey=True) as masks,
    ):
        for image, holes in frames:
            master.write(image)
            clip.write(image)
            masks.write(np.zeros((HEIGHT, WIDTH), np.uint8) if holes is None else holes)


def projected(shot: ShotData) -> Iterator[tuple[NDArray[np.uint8], NDArray[np.uint8] | None]]:
    for frame in ProjectionEngine().frames(shot, JobControl.silent()):
        yield frame.image, frame.holes


def remapped(pictures: list[NDArray[np.uint8]]) -> Iterator[tuple[NDArray[np.uint8], None]]:
    """The frames themselves, moved by a fraction of a pixel: they cost an encoder what the projected ones do."""
    x, y = np.meshgrid(np.arange(WIDTH, dtype=np.float32) + 0.3, np.arange(HEIGHT, dtype=np.float32) + 0.3)
    for picture in pictures:
        yield cv2.remap(picture, x, y, cv2.INTER_LINEAR).astype(np.uint8, copy=False), None


def seconds(folder: Path, frames: Iterator[tuple[NDArray[np.uint8], NDArray[np.uint8] | None]]) -> float:
    began = time.perf_counter()
    encode(folder, frames)
    return time.perf_counter() - began


def speed(folder: Path, rounds: int) -> float:
    shot = open_shot(folder, FRAMES)
    pictures = [image for image, _ in projected(shot)]
    bare, engine = [], []
    for _ in range(rounds):
        bare.append(seconds(folder, remapped(pictures)))
        engine.append(seconds(folder, projected(shot)))
    ratio = median(e / b for e, b in zip(engine, bare, strict=True))
    for name, times in (("remap and encoding", bare), ("projection and encoding", engine)):
        print(f"{name:<24} {1e3 * median(times) / FRAMES:6.1f} ms a frame ({1e3 * min(times) / FRAMES:.1f} at best)")
    print(f"ratio {ratio:.2f} (may reach {MOST_TIME})")
    return ratio


def peak_megabytes(count: int) -> float:
    """Peak resident memory of a child process that renders ``count`` frames."""
    run = subprocess.run(
        [sys.executable, "-m", __spec__.name, "child", str(count)], check=True, capture_output=True, text=True
    )
    return float(run.stdout)


def child(count: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        encode(Path(folder), projected(open_shot(Path(folder), count)))
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)


def main(rounds: int = 5) -> int:
    with tempfile.TemporaryDirectory() as folder:
        ratio = speed(Path(folder), rounds)
    short, long = peak_megabytes(SHORT), peak_megabytes(LONG)
    print(f"peak memory {short:.0f} MB for {SHORT} frames, {long:.0f} MB for {LONG}: ratio {long / short:.3f}")
    return (ratio > MOST_TIME) + (long / short > MOST_MEMORY)


if __name__ == "__main__":
    if sys.argv[1:2] == ["child"]:
        child(int(sys.argv[2]))
    else:
        sys.exit(main(*map(int, sys.argv[1:])))
