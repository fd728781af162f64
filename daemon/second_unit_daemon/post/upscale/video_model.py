# SPDX-License-Identifier: GPL-3.0-or-later
"""A diffusion upscaler over whole stretches of a clip, from a folder of the user's: LTX's latent upsampler, or
Kandinsky 6's super-resolution."""

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

LTX, LTX_2, KANDINSKY = "LTXLatentUpsamplePipeline", "LTX2LatentUpsamplePipeline", "Kandinsky6SRPipeline"
KNOWN = (LTX, LTX_2, KANDINSKY)
WINDOW = 41  # frames at once: 8k + 1, what the VAEs take
OVERLAP = 8  # of them seen by two windows, and led over from one to the other
SCALE = 2
MULTIPLE = 32  # pixels: sides of what the VAE takes


class VideoModel:
    """Frames to frames of twice the size. A window of frames is held; none reaches across a cut."""

    scale = SCALE

    def __init__(self, folder: Path):
        """Raises SecondUnitError for a folder that holds no such model."""
        self._pipeline, self._device = pipelines.load(folder, KNOWN, "upscaler of video")
        self._name, self._kind = folder.name, type(self._pipeline).__name__
        self._least = 0  # pixels of a side
        if self._kind == KANDINSKY:  # the tiles that it was trained on, before they are enlarged
            self._least = max(side for tile in self._pipeline.transformer.config.tile_sizes for side in tile) // SCALE
            if self._device == "cuda":  # its attention does not fit a card's memory else
                self._pipeline.transformer.compile_repeated_blocks()

    def facts(self) -> dict[str, str]:
        return {"network": f"{self._name} ({self._kind}, {SCALE}×)", "device": self._device}

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
        rows, columns = (max(side + -side % MULTIPLE, self._least) for side in (height, width))
        below, right = rows - height, columns - width
        count = len(frames) + (1 - len(frames)) % 8
        padded = [np.pad(f[..., :3], ((0, below), (0, right), (0, 0)), mode="edge") for f in frames]
        padded += [padded[-1]] * (count - len(frames))
        if self._kind == KANDINSKY:
            told: dict[str, float] = {"resolution_scale": SCALE}
        else:
            told = {"height": rows, "width": columns}
        if self._kind == LTX_2:
            told["num_frames"] = count
        made = self._pipeline(
            **told,
            video=[Image.fromarray(frame) for frame in padded],
            generator=pipelines.generator(0),
            output_type="np",
        ).frames[0]
        size = SCALE * columns, SCALE * rows
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
