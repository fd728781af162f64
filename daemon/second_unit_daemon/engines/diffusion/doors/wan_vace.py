# SPDX-License-Identifier: GPL-3.0-or-later
"""What a WanVACEPipeline is given.

``video`` (1, F, h, w, 3) float32 in 0 … 1 and ``mask`` (1, F, h, w, 1) float32, exactly 0 or 1: 1 = invent. Where
nothing is known the video is mid-grey, 127.5 of 255, which the pipeline's own scaling turns into exactly 0 (VACE's
published convention). With depth as control the video shows it where the mask is white. Layers, the later on top:
control, plates, true pictures, what stays of a source clip, frames that were made before.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
from attrs import define, field
from numpy.typing import NDArray
from second_unit_protocol.shot import SourceUse

from ....conditioning.moved import MovedParts
from ....conditioning.shot_data import ShotData
from ....conditioning.source_clip import inside_region, reached, source_frames
from ..families.wan_vace import DEPTH, PLATES
from ..family import Door, Window
from .fitting import framed, mask_to_model, to_model
from .pictures import depth_picture, picture_of
from .plates import Carried, Plate, pins_of, still
from .prompts import prompt_of

if TYPE_CHECKING:
    from ..planning import Decision

Picture = NDArray[np.uint8]
UNKNOWN = 0.5


def vace_door(shot: ShotData, decision: Decision, window: Window, before: Picture | None) -> Door:
    """``before`` (context, h, w, 3) stands at the window's first frames, or its last ones, known."""
    known = _Known(shot, decision, window)
    size = decision.size
    video = np.full((window.count, size.height, size.width, 3), UNKNOWN, np.float32)
    mask = np.ones((window.count, size.height, size.width, 1), np.float32)
    for place, frame in enumerate(window.frames):
        if decision.mode == DEPTH:
            video[place] = to_model(depth_picture(shot, frame), size).astype(np.float32) / 255.0
        layer = known(frame)
        if place in window.known and before is not None:
            made = before[place - window.known.start]
            video[place], mask[place] = made.astype(np.float32) / 255.0, 0.0
        elif layer is not None:
            there = mask_to_model(layer[1], size) > 0
            video[place][there] = to_model(layer[0], size)[there].astype(np.float32) / 255.0
            mask[place][there] = 0.0
    arguments = {
        "prompt": prompt_of(shot.request),
        "negative_prompt": shot.request.negative_prompt or None,
        "video": video[None],
        "mask": mask[None],
        "conditioning_scale": float(decision.options["control_strength"]),
        "width": size.width,
        "height": size.height,
        "num_frames": window.count,
        "max_sequence_length": decision.spec.prompt_tokens,
    }
    if shot.request.characters:
        arguments["reference_images"] = [picture_of(shot, c.image, c.name) for c in shot.request.characters]
    return Door(
        arguments,
        lambda place: known(window.start + place),
        known.notes,
        certain=frozenset(frame - window.start for frame in known.certain),
        outward=known.edits,
    )


@define
class _Known:
    """The known layer of any clip frame, at the capture's size."""

    shot: ShotData
    decision: Decision
    window: Window
    notes: tuple[str, ...] = ()
    _carried: Callable[[int], Plate] | None = field(init=False, default=None)
    _stills: dict[int, Plate] = field(init=False, factory=dict)
    _source: dict[int, Picture] = field(init=False, factory=dict)
    _uncovered: dict[int, Picture] = field(init=False, factory=dict)  # by parts that have moved

    def __attrs_post_init__(self) -> None:
        shot, size = self.shot, self.decision.size
        source = shot.request.source
        if self.decision.mode == PLATES:
            self._carried = Carried(shot, size)
        else:
            pins = pins_of(shot, nearest=True)
            self._stills = {frame: still(reference, shot, size) for frame, reference in pins.at.items()}
            if pins.moved:
                self.notes = (f"{', '.join(pins.moved)}: pinned between two clip frames, shown at the nearer one",)
        if source and (source.use is SourceUse.EXTEND or shot.request.region or shot.request.moving):
            reached(shot)  # raises where the clip shows nothing at all; a later window may well lie beyond it
            self._source = source_frames(shot, self.window.frames, lambda picture: framed(picture, shot, size))
        if source and shot.request.moving:
            parts = MovedParts(shot, lambda picture: framed(picture, shot, size))
            moved = {frame: parts.at(frame, picture) for frame, picture in self._source.items()}
            self._source = {frame: picture for frame, (picture, _) in moved.items()}
            self._uncovered = {frame: holes for frame, (_, holes) in moved.items()}
            self.notes += parts.notes()

    @property
    def edits(self) -> bool:
        """Whether a clip is changed inside a region: its pictures are there beyond what is known."""
        source = self.shot.request.source
        return source is not None and source.use is SourceUse.EDIT and bool(self._source)

    @property
    def certain(self) -> set[int]:
        """Frames of the window that are known as a whole."""
        whole = set(self._stills) | (set() if self.edits else set(self._source))
        return whole & set(self.window.frames)

    def __call__(self, frame: int) -> Plate | None:
        picture, pinned = self._source.get(frame), self._stills.get(frame)
        if picture is None:
            return pinned or (self._carried(frame) if self._carried else None)
        kept = self._kept(frame)
        if pinned is None:
            return picture, kept
        inside = inside_region(pinned[0], picture, np.asarray(255 - kept, np.uint8))
        return inside, np.full_like(kept, 255)

    def _kept(self, frame: int) -> Picture:
        """255 where the source clip stays as it is."""
        source, region = self.shot.request.source, self.shot.region(frame)
        kept = np.full(self._source[frame].shape[:2], 255, np.uint8)
        if frame in self._uncovered:
            kept[self._uncovered[frame] > 0] = 0
        if source is not None and source.use is SourceUse.EDIT and region is not None:
            kept[region > 0] = 0
        return kept
