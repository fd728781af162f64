# SPDX-License-Identifier: GPL-3.0-or-later
"""Image models: one picture that fits the scene's geometry, a picture restyled, the same look at another camera.

A still is a shot of one frame. What it is made from decides how: a source picture is restyled with its strength; a
reference pinned to another time is carried to this camera and its gaps are painted; otherwise text and depth alone.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, ClassVar

from second_unit_protocol.errors import ErrorCode, ErrorInfo
from second_unit_protocol.results import Input, PlanRequest
from second_unit_protocol.shot import Scalar

from ..family import Door, Family, Option, Review, Window
from ..spec import ModelSpec

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from ....conditioning.shot_data import ShotData
    from ..planning import Decision

PAINT, RESTYLE, CARRY = "paint", "restyle", "carry"
DEPTH, EDGES = "depth", "edges"
NEEDS = {DEPTH: Input.DEPTH, EDGES: Input.COLOUR}


class Stills(Family):
    """Base: ``pipelines`` by mode; ``restyles_with_control``: whether restyling is steered by depth as well."""

    pipelines: ClassVar[dict[str, str]]
    restyles_with_control: ClassVar[bool] = True
    runner = "stills:StillRunner"
    takes = (
        Input.CAMERA, Input.DEPTH, Input.COLOUR, Input.MOTION, Input.REFERENCES, Input.EDITED_CLIP, Input.REGION,
        Input.LORAS, Input.PROMPT, Input.NEGATIVE_PROMPT, Input.STYLE, Input.SEED, Input.QUALITY,
    )  # fmt: skip
    captures = (Input.DEPTH, Input.COLOUR, Input.MOTION)
    reasons: ClassVar = {
        Input.EXTENDED_CLIP: "A picture has no length that could be extended",
        Input.CHARACTERS: "This image model takes no pictures of characters; describe them in the prompt",
        Input.MOTION_STRENGTH: "Nothing moves in a picture",
    }
    options = (
        Option("control", DEPTH, "what of the scene the picture must fit", (DEPTH, EDGES)),
        Option("control_strength", 0.75, "how strictly it must fit, 0 to 1"),
    )

    def review(self, request: PlanRequest, spec: ModelSpec, options: dict[str, Scalar]) -> Review:
        mode = mode_of(request.given)
        control = str(options["control"])
        steered = mode != RESTYLE or self.restyles_with_control
        return Review(
            self.pipelines[mode],
            _without_effect(request.given, mode, control, steered),
            (f"How the picture is made: {_WORDS[mode]}",),
            _problem(request, spec, control, steered),
            mode,
        )

    def door(self, shot: ShotData, decision: Decision, window: Window, before: NDArray[np.uint8] | None) -> Door:
        from ..doors.stills import still_door

        return still_door(shot, decision, window, self)


class ZImage(Stills):
    name = "z-image"
    restyles_with_control = False
    pipelines: ClassVar = {
        PAINT: "ZImageControlNetPipeline",
        RESTYLE: "ZImageImg2ImgPipeline",
        CARRY: "ZImageControlNetInpaintPipeline",
    }


class Sdxl(Stills):
    name = "sdxl"
    pipelines: ClassVar = {
        PAINT: "StableDiffusionXLControlNetPipeline",
        RESTYLE: "StableDiffusionXLControlNetImg2ImgPipeline",
        CARRY: "StableDiffusionXLControlNetInpaintPipeline",
    }


_WORDS = {
    PAINT: "from the words, fitted to the scene",
    RESTYLE: "from the source picture, as far from it as its strength says",
    CARRY: "from the references, carried to this camera; what they do not show is painted",
}


def mode_of(given: Collection[Input]) -> str:
    if Input.EDITED_CLIP in given:
        return RESTYLE
    return CARRY if Input.REFERENCES in given and Input.DEPTH in given else PAINT


def _problem(request: PlanRequest, spec: ModelSpec, control: str, steered: bool) -> ErrorInfo | None:
    if request.delivery.count > 1:
        cause = f"{spec.label} makes one picture, and the shot has {request.delivery.count} frames"
        return ErrorInfo(ErrorCode.TOO_LONG, cause, "Make it one frame long, or choose an engine for video")
    if steered and NEEDS[control] not in request.given:
        cause = f"{spec.label} fits the picture to the scene's {control}, and there is no {NEEDS[control].value} plane"
        return ErrorInfo(ErrorCode.BAD_REQUEST, cause, "Capture the shot again with this engine")
    return None


def _without_effect(given: Collection[Input], mode: str, control: str, steered: bool) -> dict[Input, str]:
    found: dict[Input, str] = {}
    if mode != CARRY:
        found[Input.MOTION] = "Nothing is carried from another time here, so motion has no part in the picture"
    if control != EDGES or not steered:
        found[Input.COLOUR] = "The scene's colours are read for edges only (the option control)"
    if not steered:
        found[Input.CAMERA] = found[Input.DEPTH] = "Restyled by its strength alone: the source picture has the geometry"
    elif control == EDGES and mode != CARRY:
        found[Input.DEPTH] = "The option control is edges"
    if mode == RESTYLE:
        found[Input.REFERENCES] = "The source picture is restyled; references have no part in it"
    elif mode == PAINT:
        found[Input.REFERENCES] = "References are carried by depth, and there is none"
    if mode != RESTYLE:
        found[Input.REGION] = "A region says where a source picture may be changed; there is none"
    return found
