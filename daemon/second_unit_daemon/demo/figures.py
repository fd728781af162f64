# SPDX-License-Identifier: GPL-3.0-or-later
"""The demo's figures: how good the clip is, against frames that Blender rendered and rays that Blender cast."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from pathlib import Path

import cv2
import numpy as np
from attrs import evolve, field, frozen
from numpy.typing import NDArray
from second_unit_protocol.errors import ErrorCode, SecondUnitError

from ..encode.read import read_frames

Picture = NDArray[np.uint8]


@frozen(eq=False)
class Compared:
    """One clip frame beside what Blender rendered there: (H, W, 3) sRGB; ``holes`` (H, W), 255 where invented."""

    scene_frame: int
    made: Picture = field(repr=False)
    truth: Picture = field(repr=False)
    holes: Picture = field(repr=False)


def compare(master: Path, holes: Path, truth: Mapping[int, Path], clip_frame: Mapping[int, int]) -> list[Compared]:
    """Reads the clip frames that have a true render. ``clip_frame`` maps a scene frame to its frame in the master."""
    wanted = {clip_frame[scene_frame]: scene_frame for scene_frame in truth}
    made, hidden = _pick(master, wanted), _pick(holes, wanted)
    return [
        Compared(scene_frame, made[number], read_picture(truth[scene_frame]), hidden[number])
        for number, scene_frame in sorted(wanted.items())
    ]


def as_delivered(clip: Path, compared: Iterable[Compared], clip_frame: Mapping[int, int]) -> list[Compared]:
    """The same comparison with the frames of the delivered clip, decoded, in place of the master's."""
    frames = {clip_frame[frame.scene_frame]: frame for frame in compared}
    decoded = _pick(clip, {number: frame.scene_frame for number, frame in frames.items()})
    return [evolve(frame, made=decoded[number]) for number, frame in sorted(frames.items())]


def psnr_known_db(frames: Iterable[Compared]) -> float:
    """Peak signal-to-noise ratio over all pixels of all frames that are outside the hole masks."""
    squares, count = 0.0, 0
    for frame in frames:
        error = frame.made.astype(np.int32)[frame.holes == 0] - frame.truth[frame.holes == 0]
        squares += float(np.square(error).sum())
        count += error.size
    if not count:
        return math.nan
    return 10 * math.log10(255**2 * count / squares) if squares else math.inf


def wrongly_visible(frames: Iterable[Compared], samples: Mapping[int, Mapping[str, list]]) -> float:
    """Share of the sampled pixels called known whose true surface no reference saw."""
    known, wrong = 0, 0
    for frame in frames:
        sampled = samples[frame.scene_frame]
        claimed = frame.holes[np.array(sampled["y"]), np.array(sampled["x"])] == 0
        known += int(claimed.sum())
        wrong += int((claimed & ~np.array(sampled["seen"], bool)).sum())
    return wrong / known if known else math.nan


def read_picture(path: Path) -> Picture:
    """(H, W, 3) sRGB."""
    picture = cv2.imread(str(path), cv2.IMREAD_COLOR_RGB)
    if picture is None:
        raise SecondUnitError(ErrorCode.FILE_GONE, f"The rendered frame {path} cannot be read")
    return np.asarray(picture, np.uint8)


def _pick(video: Path, wanted: Mapping[int, int]) -> dict[int, Picture]:
    found = {}
    for number, frame in enumerate(read_frames(video)):
        if number in wanted:
            found[number] = frame.copy()
        if len(found) == len(wanted):
            break
    return found
