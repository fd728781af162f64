# SPDX-License-Identifier: GPL-3.0-or-later
"""Where a clip's subject is: what moves in its shot, or, of a clip that nothing is known of, what stands out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np
from attrs import field, frozen
from numpy.typing import NDArray

from ..conditioning.projection.references import crop_of
from .clip import SourceClip
from .of_shot import shown_frames

if TYPE_CHECKING:
    from ..conditioning.shot_data import ShotData
    from .stream import Picture

LOOKED_AT = 96  # frames at most; between them the subject goes straight
LOOK_WIDTH = 160
LEAST_SHARE = 5e-4  # of the picture: a smaller thing is no subject
CORE = 0.8  # share of what stands out that must stay inside a crop


@frozen(eq=False)
class Subject:
    """``boxes`` (F, 4): left, top, right, bottom as shares of the picture, for every frame. ``what``: it, in words."""

    boxes: NDArray[np.float64] = field(repr=False)
    what: str


def find_subject(source: SourceClip, shot: ShotData | None = None) -> Subject:
    """Of a clip, with its shot if there is one. Without a shot the clip is read once."""
    moving = _moving(source, shot) if shot is not None else None
    return moving or _standing_out(source)


def _moving(source: SourceClip, shot: ShotData) -> Subject | None:
    """The moving thing that fills most of the pictures."""
    numbers = shown_frames(shot, source.stream)
    motion = shot.request.motion
    if numbers is None or motion is None or shot.request.index is None:
        return None
    looked = _looked_at(len(numbers))
    planes = [_shown_index(shot, numbers[i]) for i in looked]
    counts = np.sum([np.bincount(p.ravel(), minlength=len(motion.tracks) + 1) for p in planes], axis=0)
    counts[0] = 0
    thing = int(np.argmax(counts))
    if counts[thing] < LEAST_SHARE * sum(p.size for p in planes):
        return None
    boxes = [_box((plane == thing).astype(np.float32), 1.0) for plane in planes]
    return Subject(_between(boxes, looked, len(numbers)), motion.tracks[thing - 1].name)


def _shown_index(shot: ShotData, number: int) -> NDArray[np.uint16]:
    plane = shot.index(number)
    assert plane is not None
    left, top, width, height = crop_of(shot, plane.shape[1], plane.shape[0])
    return plane[top : top + height, left : left + width]


def _standing_out(source: SourceClip) -> Subject:
    """By colour and light that differ from the picture's own mean (Achanta et al. 2009), and by what has changed since
    the frame before; what lies near the edge counts less."""
    looked = _looked_at(source.stream.frames)
    wanted, boxes, before = set(looked), [], None
    for number, frame in enumerate(source.frames()):
        if number in wanted:
            small = _small(frame)
            boxes.append(_box(_saliency(small, before), CORE))
            before = small
    return Subject(_between(boxes, looked[: len(boxes)], source.stream.frames), "what stands out")


def _saliency(lab: NDArray[np.float32], before: NDArray[np.float32] | None) -> NDArray[np.float32]:
    height, width = lab.shape[:2]
    fine = cv2.GaussianBlur(lab, (0, 0), 1.5)
    value = np.linalg.norm(fine - lab.reshape(-1, 3).mean(axis=0), axis=2)
    if before is not None:
        value = value / max(float(value.mean()), 1e-3)
        change = np.linalg.norm(cv2.GaussianBlur(lab - before, (0, 0), 2.0), axis=2)
        value = value + change / max(float(change.mean()), 4.0)
    y, x = np.indices((height, width), np.float32)
    centre = np.exp(-(((x / width - 0.5) / 0.7) ** 2 + ((y / height - 0.5) / 0.7) ** 2))
    value = value * centre
    return (np.maximum(value - np.percentile(value, 90), 0) ** 2).astype(np.float32)


def _box(weight: NDArray[np.float32], core: float) -> NDArray[np.float64] | None:
    """(4,) that holds the middle ``core`` of the weight along each side; None where there is no weight."""
    total = float(weight.sum())
    if total <= 0:
        return None
    out = np.zeros(4)
    for axis in (0, 1):
        along = np.concatenate(([0.0], np.cumsum(weight.sum(axis=axis)) / total))
        place = np.linspace(0, 1, len(along))
        out[axis] = place[np.searchsorted(along, (1 - core) / 2, side="right") - 1]
        out[axis + 2] = place[min(np.searchsorted(along, (1 + core) / 2 - 1e-9), len(along) - 1)]
    return out


def _between(boxes: list[NDArray[np.float64] | None], looked: list[int], count: int) -> NDArray[np.float64]:
    """(count, 4) from those of some frames; where the subject is out of sight it stays where it was."""
    known = [(i, box) for i, box in zip(looked, boxes, strict=True) if box is not None]
    if not known:
        return np.tile((0.5, 0.5, 0.5, 0.5), (count, 1))
    places, found = [i for i, _ in known], np.array([box for _, box in known])
    return np.column_stack([np.interp(np.arange(count), places, found[:, side]) for side in range(4)])


def _looked_at(count: int) -> list[int]:
    return sorted({round(i) for i in np.linspace(0, count - 1, min(count, LOOKED_AT))})


def _small(frame: Picture) -> NDArray[np.float32]:
    height, width = frame.shape[:2]
    size = LOOK_WIDTH, max(16, round(LOOK_WIDTH * height / width))
    small = cv2.resize(np.ascontiguousarray(frame[..., :3]), size, interpolation=cv2.INTER_AREA)
    return np.asarray(cv2.cvtColor(small.astype(np.float32) / 255, cv2.COLOR_RGB2LAB), np.float32)
