# SPDX-License-Identifier: GPL-3.0-or-later
"""Wan without VACE: words, pictures of the first and last frame, restyling. None of these models follows a camera."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from second_unit_protocol.errors import ErrorInfo
from second_unit_protocol.results import Input, PlanRequest
from second_unit_protocol.shot import Scalar

from ..family import Door, Family, Review, Window
from ..spec import ModelSpec
from .first_frame import no_first_frame, on_first_frame

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from ....conditioning.shot_data import ShotData
    from ..planning import Decision

TEXT, IMAGE, BOTH_ENDS, RESTYLE = "text", "first frame", "first and last frame", "restyle"
PIPELINES = {
    TEXT: "WanPipeline",
    IMAGE: "WanImageToVideoPipeline",
    BOTH_ENDS: "WanImageToVideoPipeline",
    RESTYLE: "WanVideoToVideoPipeline",
}
WORDS = (Input.LORAS, Input.PROMPT, Input.NEGATIVE_PROMPT, Input.STYLE, Input.SEED, Input.QUALITY)
NO_CAMERA = "This model reads no camera and will move as it likes: choose Wan VACE to follow the animated one"
REASONS = {
    Input.CAMERA: NO_CAMERA,
    Input.DEPTH: "This model takes no depth; Wan VACE does",
    Input.COLOUR: "This model takes no plates of the scene",
    Input.MOTION: "This model does not know how the scene's things move",
    Input.EXTENDED_CLIP: "This model cannot continue a clip; Wan VACE can",
    Input.REGION: "This model changes whole clips; Wan VACE changes a region",
    Input.CHARACTERS: "This model takes no pictures of characters; Wan VACE does",
    Input.MOTION_STRENGTH: "This model has no such control: say in the prompt how much moves",
}
NO_PICTURES = "This model starts from words alone; Wan image to video and Wan VACE take pictures"
NO_EDIT = "This model cannot restyle a clip; Wan 2.1 text to video can, and Wan VACE inside a region"


class Wan(Family):
    """What the three have in common."""

    needs = ()

    def door(self, shot: ShotData, decision: Decision, window: Window, before: NDArray[np.uint8] | None) -> Door:
        from ..doors.wan import wan_door

        return wan_door(shot, decision, window)


class WanText(Wan):
    name = "wan-text"
    takes = (*WORDS, Input.EDITED_CLIP)
    reasons: ClassVar = REASONS | {Input.REFERENCES: NO_PICTURES}

    def review(self, request: PlanRequest, spec: ModelSpec, options: dict[str, Scalar]) -> Review:
        experts = "transformer_2" in spec.parameters  # the restyling pipeline has room for one transformer
        ignores = {Input.EDITED_CLIP: NO_EDIT} if experts else {}
        mode = RESTYLE if Input.EDITED_CLIP in request.given and not experts else TEXT
        return Review(PIPELINES[mode], ignores, mode=mode)


class WanImage(Wan):
    name = "wan-image"
    takes = (*WORDS, Input.REFERENCES)
    needs = (Input.REFERENCES,)
    reasons: ClassVar = REASONS | {Input.EDITED_CLIP: NO_EDIT}
    spans = True

    def review(self, request: PlanRequest, spec: ModelSpec, options: dict[str, Scalar]) -> Review:
        ends = (request.delivery.first, request.delivery.last)
        mode = BOTH_ENDS if _pinned(request, ends[1]) and ends[1] > ends[0] else IMAGE
        return Review(
            PIPELINES[mode], warnings=_unused(request, spec, mode), problem=_no_start(request, spec), mode=mode
        )


class WanTextImage(Wan):
    name = "wan-text-image"
    takes = (*WORDS, Input.REFERENCES)
    reasons: ClassVar = REASONS | {Input.EDITED_CLIP: NO_EDIT}

    def review(self, request: PlanRequest, spec: ModelSpec, options: dict[str, Scalar]) -> Review:
        mode = IMAGE if on_first_frame(request, spec) else TEXT
        why = f"{spec.label} takes a picture of the first frame, {request.delivery.first}; none is pinned there"
        ignores = {Input.REFERENCES: why} if mode == TEXT else {}
        return Review(PIPELINES[mode], ignores, _unused(request, spec, mode) if mode == IMAGE else (), mode=mode)


def _pinned(request: PlanRequest, frame: int) -> bool:
    return any(abs(pinned - frame) < 0.5 for pinned in request.reference_frames)


def _no_start(request: PlanRequest, spec: ModelSpec) -> ErrorInfo | None:
    return None if _pinned(request, request.delivery.first) else no_first_frame(request, spec)


def _unused(request: PlanRequest, spec: ModelSpec, mode: str) -> tuple[str, ...]:
    used = 2 if mode == BOTH_ENDS else 1
    others = request.reference_count - used
    if others <= 0:
        return ()
    whose = "first and last frame" if mode == BOTH_ENDS else "first frame"
    return (f"{spec.label} takes pictures of the {whose}; {others} other reference{'s'[: others > 1]} has no part",)
