# SPDX-License-Identifier: GPL-3.0-or-later
"""A diffusion upscaler over whole stretches of a clip: LTX's latent upsampler, from a folder of the user's."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import numpy as np
from numpy.typing import NDArray

from .. import pipelines
from ..cuts import CutFinder

if TYPE_CHECKING:
    from ..stream import Picture

KNOWN = ("LTXLatentUpsamplePipeline", "LTX2LatentUpsamplePipeline")
WINDOW = 41  # frames at once: 8k + 1, what the VAE takes
OVERLAP = 8  # of them seen by two windows, and led over from one to the other
SCALE = 2
MULTIPLE = 32  # pixels: sides of what the VAE takes


class VideoModel:
    """Frames to frames of twice the size. A window of frames is held; none reaches across a cut."""

    scale = SCALE

    def __init__(self, folder: Path):
        """Raises SecondUnitError for a folder that holds no such model."""
        self._pipeline, self._device = pipelines.load(folder, KNOWN, "upscaler of video")
        self._name = folder.name

    def facts(self) -> dict[str, str]:
        return {"network": f"{self._name} ({type(self._pipeline).__name__}, {SCALE}×)", "device": self._device}

    def run(self, frames: Iterator[Picture]) -> Iterator[NDArray[np.uint8]]:
        """(2H, 2W, 3) for each frame, alpha left out."""
        for shot in _shots(frames):
            yield from self._larger(shot)

    def _larger(self, shot: Iterator[Picture]) -> Iterator[NDArray[np.uint8]]:
        held: list[Picture] = []
        tail: list[NDArray[np.float32]] = []  # what the window before made of the frames that both see
        for frame in shot:
            held.append(frame)
            if len(held) == WINDOW:
                made = self._window(held)
                yield from _led_over(tail, made[: WINDOW - OVERLAP])
                tail, held = made[WINDOW - OVERLAP :], held[WINDOW - OVERLAP :]
        if len(held) > len(tail):
            yield from _led_over(tail, self._window(held))
        else:  # the last window ended with the shot
            yield from (_bytes(frame) for frame in tail)

    def _window(self, frames: list[Picture]) -> list[NDArray[np.float32]]:
        """Of 1 … WINDOW frames; a number that is not 8k + 1 is filled up with the last one."""
        from PIL import Image

        height, width = frames[0].shape[:2]
        below, right = -height % MULTIPLE, -width % MULTIPLE
        count = len(frames) + (1 - len(frames)) % 8
        padded = [np.pad(f[..., :3], ((0, below), (0, right), (0, 0)), mode="edge") for f in frames]
        padded += [padded[-1]] * (count - len(frames))
        length = {"num_frames": count} if type(self._pipeline).__name__ == KNOWN[1] else {}
        made = self._pipeline(
            **length,
            video=[Image.fromarray(frame) for frame in padded],
            height=height + below,
            width=width + right,
            generator=pipelines.generator(0),
            output_type="np",
        ).frames[0]
        size = SCALE * (width + right), SCALE * (height + below)
        found = []
        for picture in made[: len(frames)]:
            large = np.asarray(picture, np.float32) * 255
            if large.shape[1::-1] != size:
                large = cv2.resize(large, size, interpolation=cv2.INTER_CUBIC)
            found.append(large[: SCALE * height, : SCALE * width])
        return found


def _led_over(tail: list[NDArray[np.float32]], made: list[NDArray[np.float32]]) -> Iterator[NDArray[np.uint8]]:
    """``made``, its first frames mixed with what the window before made of them."""
    for place, frame in enumerate(made):
        if place < len(tail):
            share = (place + 1) / (len(tail) + 1)
            frame = share * frame + (1 - share) * tail[place]
        yield _bytes(frame)


def _bytes(frame: NDArray[np.float32]) -> NDArray[np.uint8]:
    return np.round(frame.clip(0, 255)).astype(np.uint8)


def _shots(frames: Iterator[Picture]) -> Iterator[Iterator[Picture]]:
    """The clip shot by shot. Each must be used up before the next is asked for."""
    cuts = CutFinder()
    waiting: list[Picture] = []

    def shot() -> Iterator[Picture]:
        if waiting:
            yield waiting.pop()
        for frame in frames:
            if cuts.is_cut(frame):
                waiting.append(frame)
                return
            yield frame

    while True:
        first = next(shot_frames := shot(), None)
        if first is None:
            return
        yield _chained(first, shot_frames)
        if not waiting:
            return


def _chained(first: Picture, rest: Iterator[Picture]) -> Iterator[Picture]:
    yield first
    yield from rest
