# SPDX-License-Identifier: GPL-3.0-or-later
"""Lucy Edit: a clip changed by an instruction. The clip keeps its own camera."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from second_unit_protocol.errors import ErrorCode, ErrorInfo
from second_unit_protocol.results import Input, PlanRequest
from second_unit_protocol.shot import Scalar

from ..family import Door, Family, Review, Window
from ..spec import ModelSpec

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from ....conditioning.shot_data import ShotData
    from ..planning import Decision


class LucyEdit(Family):
    name = "lucy-edit"
    takes = (
        Input.EDITED_CLIP, Input.REGION, Input.LORAS, Input.PROMPT, Input.NEGATIVE_PROMPT, Input.STYLE, Input.SEED,
        Input.QUALITY,
    )  # fmt: skip
    needs = (Input.EDITED_CLIP, Input.PROMPT)
    reasons: ClassVar = {
        Input.CAMERA: "Lucy Edit keeps the camera of the clip that it changes",
        Input.DEPTH: "Lucy Edit sees the clip that it changes, and takes no depth",
        Input.COLOUR: "Lucy Edit sees the clip that it changes, and takes no plates",
        Input.MOTION: "Things move as they do in the clip that is changed",
        Input.REFERENCES: "Lucy Edit takes no pictures: say in the prompt what is to change",
        Input.CHARACTERS: "Lucy Edit takes no pictures of characters: describe them in the prompt",
        Input.EXTENDED_CLIP: "Lucy Edit changes a clip and cannot make it longer; Wan VACE does",
        Input.MOTION_STRENGTH: "Things move as they do in the clip that is changed",
    }

    def review(self, request: PlanRequest, spec: ModelSpec, options: dict[str, Scalar]) -> Review:
        problem = None
        if Input.EDITED_CLIP not in request.given:
            cause = f"{spec.label} changes a clip by an instruction, and the shot has no clip to change"
            problem = ErrorInfo(ErrorCode.BAD_REQUEST, cause, "Start from a take (Modify), or choose another engine")
        elif Input.PROMPT not in request.given:
            cause = f"{spec.label} changes a clip by an instruction, and the prompt is empty"
            problem = ErrorInfo(ErrorCode.BAD_REQUEST, cause, "Say in the prompt what is to change")
        words = ("Lucy Edit follows the instruction alone: how far an edit may go (strength) has no part in it",)
        return Review("LucyEditPipeline", warnings=words, problem=problem)

    def door(self, shot: ShotData, decision: Decision, window: Window, before: NDArray[np.uint8] | None) -> Door:
        from ..doors.lucy import lucy_door

        return lucy_door(shot, decision, window)
