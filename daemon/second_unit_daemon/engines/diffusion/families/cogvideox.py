# SPDX-License-Identifier: GPL-3.0-or-later
"""CogVideoX-Fun with control: the scene's depth, eight frames a second, for small cards."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from second_unit_protocol.errors import ErrorCode, ErrorInfo
from second_unit_protocol.results import Input, PlanRequest
from second_unit_protocol.shot import Scalar

from ....versions import installed
from .. import weights
from ..family import Door, Family, Review, Window
from ..spec import ModelSpec

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from ....conditioning.shot_data import ShotData
    from ..planning import Decision

READERS = ("sentencepiece", "protobuf")  # of a tokenizer that comes as spiece.model alone


class CogVideoXFun(Family):
    name = "cogvideox-fun"
    takes = (
        Input.CAMERA, Input.DEPTH, Input.LORAS, Input.PROMPT, Input.NEGATIVE_PROMPT, Input.STYLE, Input.SEED,
        Input.QUALITY,
    )  # fmt: skip
    captures = (Input.DEPTH,)
    reasons: ClassVar = {
        Input.COLOUR: "CogVideoX-Fun is steered by depth, not by the scene's own colours",
        Input.MOTION: "CogVideoX-Fun takes no motion of things; depth shows it",
        Input.REFERENCES: "CogVideoX-Fun's control pipeline takes no pictures; Wan VACE does",
        Input.EDITED_CLIP: "CogVideoX-Fun is not set up here to change a clip; Lucy Edit and Wan VACE do",
        Input.EXTENDED_CLIP: "CogVideoX-Fun cannot go on from a clip; SkyReels and Wan VACE do",
        Input.REGION: "CogVideoX-Fun is not set up here to change a clip, so there is no region to change",
        Input.CHARACTERS: "CogVideoX-Fun takes no pictures of characters: describe them in the prompt",
        Input.MOTION_STRENGTH: "CogVideoX-Fun has no such control: say in the prompt how much moves",
    }

    def review(self, request: PlanRequest, spec: ModelSpec, options: dict[str, Scalar]) -> Review:
        return Review("CogVideoXFunControlPipeline", problem=_no_depth(request, spec) or _unreadable(spec))

    def door(self, shot: ShotData, decision: Decision, window: Window, before: NDArray[np.uint8] | None) -> Door:
        from ..doors.cogvideox import cogvideox_door

        return cogvideox_door(shot, decision, window)


def _no_depth(request: PlanRequest, spec: ModelSpec) -> ErrorInfo | None:
    if Input.DEPTH in request.given:
        return None
    cause = f"{spec.label} is steered by depth, and the shot has none"
    return ErrorInfo(ErrorCode.BAD_REQUEST, cause, "Capture the shot again with this engine")


def _unreadable(spec: ModelSpec) -> ErrorInfo | None:
    """Its makers publish the tokenizer in a form that two packages read, which nothing else here needs."""
    place = weights.place_of(spec)
    lacking = [name for name in READERS if not installed(name)]
    if place is None or not lacking or (place / "tokenizer" / "tokenizer.json").is_file():
        return None
    cause = f"{spec.label} comes with a tokenizer that {' and '.join(lacking)} must read, and they are not installed"
    return ErrorInfo(ErrorCode.BAD_REQUEST, cause, f"In the daemon's environment: pip install {' '.join(lacking)}")
