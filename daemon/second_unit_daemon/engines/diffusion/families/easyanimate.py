# SPDX-License-Identifier: GPL-3.0-or-later
"""EasyAnimate with control: the camera's rays, or the scene's depth, by the checkpoint; and the first picture."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from second_unit_protocol.errors import ErrorCode, ErrorInfo
from second_unit_protocol.results import Input, PlanRequest
from second_unit_protocol.shot import Scalar

from ..family import Door, Family, Option, Review, Window
from ..spec import ModelSpec
from .first_frame import on_first_frame, others_unused

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from ....conditioning.shot_data import ShotData
    from ..planning import Decision

CAMERA, DEPTH = "camera", "depth"


class EasyAnimate(Family):
    name = "easyanimate"
    runner = "easyanimate:EasyAnimateRunner"
    takes = (
        Input.CAMERA, Input.DEPTH, Input.REFERENCES, Input.PROMPT, Input.NEGATIVE_PROMPT, Input.STYLE, Input.SEED,
        Input.QUALITY,
    )  # fmt: skip
    captures = (Input.DEPTH,)
    reasons: ClassVar = {
        Input.COLOUR: "EasyAnimate is steered by rays or depth, not by the scene's own colours",
        Input.MOTION: "EasyAnimate takes no motion of things; depth shows it where it steers",
        Input.EDITED_CLIP: "EasyAnimate is not set up here to change a clip; Lucy Edit and Wan VACE do",
        Input.EXTENDED_CLIP: "EasyAnimate is not set up here to go on from a clip; Wan VACE does",
        Input.REGION: "EasyAnimate is not set up here to change a clip, so there is no region to change",
        Input.CHARACTERS: "EasyAnimate takes no pictures of characters; show them in the first frame's picture",
        Input.LORAS: "EasyAnimate's pipeline loads no LoRAs",
        Input.MOTION_STRENGTH: "EasyAnimate has no such control: the camera moves as it is animated",
    }
    options = (
        Option("control", CAMERA, "what the checkpoint reads: set by the model", (CAMERA, DEPTH)),
        Option("scene_scale", 1.0, "what the camera's metres are multiplied by in its rays"),
    )

    def review(self, request: PlanRequest, spec: ModelSpec, options: dict[str, Scalar]) -> Review:
        ignores: dict[Input, str] = {}
        problem = None
        if options["control"] == CAMERA:
            ignores[Input.DEPTH] = f"{spec.label} reads the camera's rays; its sibling reads depth"
        elif Input.DEPTH not in request.given:
            cause = f"{spec.label} is steered by depth, and the shot has none"
            problem = ErrorInfo(ErrorCode.BAD_REQUEST, cause, "Capture the shot again with this engine")
        if not on_first_frame(request, spec):
            ignores[Input.REFERENCES] = f"{spec.label} takes a picture of the first frame, and none is pinned there"
        mode = str(options["control"])
        return Review("EasyAnimateControlPipeline", ignores, others_unused(request, spec), problem, mode)

    def door(self, shot: ShotData, decision: Decision, window: Window, before: NDArray[np.uint8] | None) -> Door:
        from ..doors.easyanimate import easyanimate_door

        return easyanimate_door(shot, decision, window)
