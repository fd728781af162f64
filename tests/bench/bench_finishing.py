# SPDX-License-Identifier: GPL-3.0-or-later
"""Figures of the finishing: photographs enlarged, sound chosen, levelled and without clicks, memory of a long chain.

    python -m tests.bench.bench_finishing [upscale] [sound] [memory]

The photographs are the eight places that Blender ships as light (studiolights/world, CC0), which no step was tuned on:
the band around the horizon, halved, enlarged again, and compared with what was there.
"""

from __future__ import annotations

import itertools
import sys
import time
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path

import cv2
import numpy as np
import psutil
from numpy.typing import NDArray
from second_unit_daemon.encode.delivery import srgb_of
from second_unit_daemon.encode.measure import psnr
from second_unit_daemon.encode.sound import SAMPLE_RATE
from second_unit_daemon.post import catalogue
from second_unit_daemon.post.chain import Chain

from tests.post.clips import pan, stream_of

BAND = slice(128, 384)
CHAIN = ("deflicker", "denoise:0.5", "interpolate:48", "upscale:2", "sharpen:0.3", "grain:0.2")
FRAMES = 1000
SEEDS = (0, 1)


def photographs() -> Iterator[tuple[str, NDArray[np.uint8]]]:
    """(name, (256, 1024, 3) sRGB): the brightest tenth above 60 % of the light that the file holds."""
    import bpy
    import OpenEXR

    for path in sorted(Path(bpy.utils.system_resource("DATAFILES", path="studiolights/world")).glob("*.exr")):
        channels = OpenEXR.File(str(path)).channels()
        packed = channels.get("RGB") or channels.get("RGBA")
        light = packed.pixels[..., :3] if packed else np.dstack([channels[c].pixels for c in "RGB"])
        light = np.asarray(light, np.float32)
        yield path.stem, np.ascontiguousarray(srgb_of(light * 0.6 / np.percentile(light, 90))[BAND])


def upscale() -> None:
    """Gain over bicubic where the halves were made by averaging, and by bicubic with antialiasing, as papers do it."""
    from PIL import Image

    step = catalogue.make(catalogue.parse("upscale:2"))
    gains: dict[str, list[float]] = {"averaged": [], "bicubic": []}
    print(f"{'photograph':>12}  {'halved by':>9}  {'bicubic dB':>10}  {'ours dB':>8}  {'gain':>5}  {'s':>5}")
    for name, photo in photographs():
        height, width = photo.shape[:2]
        half = width // 2, height // 2
        halves = {
            "averaged": np.asarray(cv2.resize(photo, half, interpolation=cv2.INTER_AREA), np.uint8),
            "bicubic": np.asarray(Image.fromarray(photo).resize(half, Image.Resampling.BICUBIC)),
        }
        for how, small in halves.items():
            began = time.perf_counter()
            ours = psnr(step.enlarged(small, (width, height)), photo)  # type: ignore[attr-defined]
            seconds = time.perf_counter() - began
            plain = psnr(np.asarray(cv2.resize(small, (width, height), interpolation=cv2.INTER_CUBIC), np.uint8), photo)
            gains[how].append(ours - plain)
            print(f"{name:>12}  {how:>9}  {plain:10.2f}  {ours:8.2f}  {ours - plain:5.2f}  {seconds:5.1f}", flush=True)
    for how, found in gains.items():
        print(f"mean gain, {how}: {np.mean(found):.2f} dB")


def sound() -> None:
    """Prompts answered right; of every sound its loudness and its largest step at the ends, and across a loop's seam
    against the largest inside."""
    from second_unit_daemon.post.sound.choose import choose
    from second_unit_daemon.post.sound.design import design
    from second_unit_daemon.post.sound.loudness import loudness_lufs
    from second_unit_daemon.post.sound.vocabulary import SOURCES

    prompts = tomllib.loads((Path(__file__).parents[1] / "post" / "sound_prompts.toml").read_text("utf-8"))
    for part, asked in prompts.items():
        chosen = [{c.source for c in choose(prompt["text"])} for prompt in asked]
        right = [
            set(p["needs"]) <= found and not set(p["never"]) & found for p, found in zip(asked, chosen, strict=True)
        ]
        print(f"prompts, list {part!r}: {sum(right)} of {len(asked)}")
        for prompt, good, found in zip(asked, right, chosen, strict=True):
            if not good:
                print(f"    {prompt['text']!r}: {', '.join(sorted(found)) or 'nothing'}")
    off, ends, seams = [], [], []
    for name, seed in itertools.product(SOURCES, SEEDS):
        made = design(name, 4 * SAMPLE_RATE + 11, seed).sound
        off.append(abs(loudness_lufs(made) + 16))
        ends.append(max(np.abs(made[[0, -1]]).max(), np.abs(np.diff(made, axis=0)[[0, -1]]).max()))
        loop = design(name, 4 * SAMPLE_RATE + 11, seed, loop=True).sound
        inside = np.percentile(np.abs(np.diff(loop, axis=0)).max(axis=1), 99.9)
        seams.append(float(np.abs(loop[0] - loop[-1]).max() / inside))
    print(
        f"{len(off)} sounds: loudness at most {max(off):.2f} LU off; largest value or step at an end {max(ends):.1e};"
    )
    print(f"    step across a loop's seam at most {max(seams):.2f} of the 99.9th percentile inside")


def memory() -> None:
    """Resident memory along a chain of every kind of step."""
    process, chain = psutil.Process(), Chain([catalogue.parse(text) for text in CHAIN])
    stream = stream_of(FRAMES)
    out = chain.shape(stream).frames
    print(f"{' → '.join(CHAIN)}: {FRAMES} frames of {stream.width} × {stream.height}, {out} come out")
    marks = {out // 10, out // 2, out - 1}
    for number, _frame in enumerate(chain.run(pan(FRAMES), stream)):
        if number in marks:
            print(f"    after {number + 1:5d} frames: {process.memory_info().rss / 2**20:.1f} MiB", flush=True)


PARTS: dict[str, Callable[[], None]] = {"upscale": upscale, "sound": sound, "memory": memory}


def main(words: list[str]) -> None:
    for name in words or PARTS:
        PARTS[name]()


if __name__ == "__main__":
    main(sys.argv[1:])
