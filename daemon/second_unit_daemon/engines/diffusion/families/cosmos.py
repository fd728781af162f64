# SPDX-License-Identifier: GPL-3.0-or-later
"""NVIDIA Cosmos: Transfer 2.5 paints over the scene's depth; Cosmos 3 moves the camera from one picture on."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from second_unit_protocol.errors import ErrorCode, ErrorInfo
from second_unit_protocol.results import Input, PlanRequest
from second_unit_protocol.shot import Scalar

from ....versions import installed
from ..family import Door, Family, Option, Review, Window
from ..spec import ModelSpec
from .first_frame import no_first_frame, others_unused

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from ....conditioning.shot_data import ShotData
    from ..planning import Decision

GUARD = "cosmos_guardrail"
SCENE_SCALE = Option(
    "scene_scale",
    1.0,
    "what the camera's metres are multiplied by; Cosmos counts in metres, so 1 as a rule",
)


class CosmosTransfer(Family):
    name = "cosmos-transfer"
    runner = "cosmos:TransferRunner"
    takes = (
        Input.CAMERA, Input.DEPTH, Input.PROMPT, Input.NEGATIVE_PROMPT, Input.STYLE, Input.SEED, Input.QUALITY,
    )  # fmt: skip
    needs = (Input.CAMERA, Input.DEPTH)
    captures = (Input.DEPTH,)
    reasons: ClassVar = {
        Input.REFERENCES: "Cosmos Transfer takes no pictures: words and depth make the clip",
        Input.COLOUR: "Cosmos Transfer is steered by depth here, not by the scene's own colours",
        Input.MOTION: "The depth video already shows how things move",
        Input.EDITED_CLIP: "Cosmos Transfer is steered by depth here; Lucy Edit and Wan VACE change clips",
        Input.EXTENDED_CLIP: "Cosmos Transfer does not go on from a clip; Wan VACE does",
        Input.REGION: "Cosmos Transfer changes no clip, so there is no region to change",
        Input.CHARACTERS: "Cosmos Transfer takes no pictures of characters; describe them in the prompt",
        Input.LORAS: "Cosmos Transfer's pipeline loads no LoRAs",
        Input.MOTION_STRENGTH: "Things move as the depth video shows",
    }
    options = (Option("control_strength", 1.0, "how strictly the depth is followed"),)

    def review(self, request: PlanRequest, spec: ModelSpec, options: dict[str, Scalar]) -> Review:
        problem = None
        if not installed(GUARD):
            cause = f"{spec.label} may by its licence only run with NVIDIA's guard, and the package {GUARD} is missing"
            problem = ErrorInfo(ErrorCode.BAD_REQUEST, cause, f"pip install {GUARD}, and accept its models on the hub")
        elif Input.DEPTH not in request.given:
            cause = f"{spec.label} is steered by depth, and the shot has none"
            problem = ErrorInfo(ErrorCode.BAD_REQUEST, cause, "Capture the shot again with this engine")
        return Review("Cosmos2_5_TransferPipeline", problem=problem)

    def door(self, shot: ShotData, decision: Decision, window: Window, before: NDArray[np.uint8] | None) -> Door:
        from ..doors.cosmos import transfer_door

        return transfer_door(shot, decision, window)


class Cosmos3(Family):
    name = "cosmos3"
    runner = "cosmos:Cosmos3Runner"
    takes = (
        Input.CAMERA, Input.REFERENCES, Input.PROMPT, Input.NEGATIVE_PROMPT, Input.STYLE, Input.SEED, Input.QUALITY,
    )  # fmt: skip
    needs = (Input.CAMERA, Input.REFERENCES)
    reasons: ClassVar = {
        Input.DEPTH: "Cosmos 3 sees the scene in its first picture alone; it takes no depth",
        Input.COLOUR: "Cosmos 3 sees the scene in its first picture alone; it takes no plates",
        Input.MOTION: "Cosmos 3 takes the camera's motion only; things move as it imagines",
        Input.EDITED_CLIP: "Cosmos 3 is not set up here to change a clip; Lucy Edit and Wan VACE do",
        Input.EXTENDED_CLIP: "Cosmos 3 starts from one picture here, not from a clip",
        Input.REGION: "Cosmos 3 changes no clip here, so there is no region to change",
        Input.CHARACTERS: "Cosmos 3 takes no pictures of characters; show them in the first frame's picture",
        Input.LORAS: "Cosmos 3's pipeline loads no LoRAs",
        Input.MOTION_STRENGTH: "Cosmos 3 has no such control: the camera moves as it is animated",
    }
    options = (SCENE_SCALE, Option("tier", 480, "the height that the model works at", (256, 480, 704, 720)))

    def review(self, request: PlanRequest, spec: ModelSpec, options: dict[str, Scalar]) -> Review:
        words = () if installed(GUARD) else (f"NVIDIA's guard ({GUARD}) is not installed: prompts are not checked",)
        lens = "Cosmos 3 is told how the camera moves, not its lens: the picture has to show that"
        warnings = (*others_unused(request, spec), lens, *words)
        return Review("Cosmos3OmniPipeline", warnings=warnings, problem=no_first_frame(request, spec))

    def door(self, shot: ShotData, decision: Decision, window: Window, before: NDArray[np.uint8] | None) -> Door:
        from ..doors.cosmos import cosmos3_door

        return cosmos3_door(shot, decision, window)
