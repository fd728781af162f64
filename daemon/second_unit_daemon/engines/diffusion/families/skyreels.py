# SPDX-License-Identifier: GPL-3.0-or-later
"""SkyReels-V2 with diffusion forcing: a clip goes on from its last frames, as the words say. It follows no camera."""

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


class SkyReels(Family):
    name = "skyreels"
    runner = "skyreels:SkyReelsRunner"
    takes = (
        Input.EXTENDED_CLIP, Input.LORAS, Input.PROMPT, Input.NEGATIVE_PROMPT, Input.STYLE, Input.SEED, Input.QUALITY,
    )  # fmt: skip
    needs = (Input.EXTENDED_CLIP,)
    reasons: ClassVar = {
        Input.CAMERA: "SkyReels reads no camera: the clip goes on as it likes. Wan VACE continues it along the camera",
        Input.DEPTH: "SkyReels takes no depth; Wan VACE does",
        Input.COLOUR: "SkyReels takes no plates of the scene",
        Input.MOTION: "SkyReels does not know how the scene's things move; it sees how they moved so far",
        Input.REFERENCES: "SkyReels goes on from the clip and takes no pictures; Wan VACE does",
        Input.EDITED_CLIP: "SkyReels makes a clip longer and changes nothing in it; Lucy Edit and Wan VACE do",
        Input.REGION: "SkyReels makes whole frames, so there is no region to change",
        Input.CHARACTERS: "SkyReels takes no pictures of characters; it sees them in the clip",
        Input.MOTION_STRENGTH: "SkyReels has no such control: say in the prompt how much moves",
    }
    overlap = 17  # frames; the pipeline's makers recommend 17 or 37

    def review(self, request: PlanRequest, spec: ModelSpec, options: dict[str, Scalar]) -> Review:
        problem = None
        if Input.EXTENDED_CLIP not in request.given:
            cause = f"{spec.label} makes a clip longer, and the shot has no clip to go on from"
            problem = ErrorInfo(ErrorCode.BAD_REQUEST, cause, "Start from a take (Extend), or choose another engine")
        return Review("SkyReelsV2DiffusionForcingVideoToVideoPipeline", problem=problem)

    def door(self, shot: ShotData, decision: Decision, window: Window, before: NDArray[np.uint8] | None) -> Door:
        from ..doors.skyreels import skyreels_door

        return skyreels_door(shot, decision, window, before)
