# SPDX-License-Identifier: GPL-3.0-or-later
"""Wan VACE: known pixels in, missing ones invented. Warped plates with their holes, or a depth video, steer it."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, ClassVar

from second_unit_protocol.errors import ErrorCode, ErrorInfo
from second_unit_protocol.results import Input, PlanRequest
from second_unit_protocol.shot import Scalar

from ..family import PARTLY, Door, Family, Option, Review, Window
from ..spec import ModelSpec

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from ....conditioning.shot_data import ShotData
    from ..planning import Decision

PLATES, DEPTH, NONE = "plates", "depth", "none"
NO_REGION = (
    "Wan VACE changes a clip inside a region; without one only its geometry would steer, which the depth does better. "
    "Give the shot a region, or restyle the clip with a Wan text-to-video model"
)


class WanVace(Family):
    name = "wan-vace"
    takes = (
        Input.CAMERA, Input.DEPTH, Input.MOTION, Input.REFERENCES, Input.EDITED_CLIP, Input.EXTENDED_CLIP,
        Input.REGION, Input.REGION_MOTION, Input.CHARACTERS, Input.LORAS, Input.PROMPT, Input.NEGATIVE_PROMPT,
        Input.STYLE, Input.SEED, Input.QUALITY,
    )  # fmt: skip
    captures = (Input.DEPTH, Input.MOTION)
    reasons: ClassVar = {
        Input.COLOUR: "Wan VACE is steered by references and depth, not by the scene's own colours",
        Input.MOTION_STRENGTH: "Wan VACE has no such control: things move as in the scene, the rest as the prompt says",
    }
    options = (
        Option("control", "auto", "what steers the picture", ("auto", PLATES, DEPTH, NONE)),
        Option("control_strength", 1.0, "how strictly the control is followed; 1 is what the model was trained with"),
    )
    overlap = 17

    def review(self, request: PlanRequest, spec: ModelSpec, options: dict[str, Scalar]) -> Review:
        control, why = control_of(request.given, str(options["control"]))
        words = f"What steers the picture: {control} ({why})"
        problem = _problem(request.given, control)
        return Review("WanVACEPipeline", _without_effect(request.given, control), (words,), problem, control)

    def door(self, shot: ShotData, decision: Decision, window: Window, before: NDArray[np.uint8] | None) -> Door:
        from ..doors.wan_vace import vace_door

        return vace_door(shot, decision, window, before)


def control_of(given: Collection[Input], wanted: str) -> tuple[str, str]:
    """(control, why it is that one)."""
    if wanted != "auto":
        return wanted, "as the option says"
    if Input.EDITED_CLIP in given and PARTLY & set(given):
        return NONE, "the clip around the region does it"
    if Input.REFERENCES in given and Input.DEPTH in given:
        return PLATES, "the references, carried along the camera; what they do not show is invented"
    if Input.DEPTH in given:
        return DEPTH, "the scene's depth; there is no reference to carry along"
    return NONE, "there is neither depth nor a reference with depth"


def _problem(given: Collection[Input], control: str) -> ErrorInfo | None:
    missing = {
        PLATES: [kind for kind in (Input.REFERENCES, Input.DEPTH) if kind not in given],
        DEPTH: [kind for kind in (Input.DEPTH,) if kind not in given],
    }.get(control)
    if not missing:
        return None
    cause = f"The option control is {control}, but the shot has no {' and no '.join(missing)}"
    return ErrorInfo(ErrorCode.BAD_REQUEST, cause, "Give it that, or set control to auto")


def _without_effect(given: Collection[Input], control: str) -> dict[Input, str]:
    found: dict[Input, str] = {}
    if control == DEPTH:
        found[Input.MOTION] = "The depth video already shows how things move"
    if control == NONE:
        found[Input.CAMERA] = "Nothing carries the camera here: it needs references, or depth (the option control)"
        found[Input.DEPTH] = found[Input.MOTION] = "The option control, as it stands, does not use it"
    if not PARTLY & set(given):
        found[Input.EDITED_CLIP] = NO_REGION
    if Input.EDITED_CLIP not in given:
        found[Input.REGION] = "A region says where a clip may be changed; the shot has no clip to change"
        found[Input.REGION_MOTION] = "It moves parts of a clip, and the shot has no clip to change"
    return found
