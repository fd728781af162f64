# SPDX-License-Identifier: GPL-3.0-or-later
"""SANA-WM: the camera itself, as poses and lens, from one picture on."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from second_unit_protocol.results import Input, PlanRequest
from second_unit_protocol.shot import Scalar

from ..family import Door, Family, Option, Review, Window
from ..spec import ModelSpec
from .first_frame import no_first_frame, others_unused

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from ....conditioning.shot_data import ShotData
    from ..planning import Decision


class SanaWm(Family):
    name = "sana-wm"
    takes = (
        Input.CAMERA, Input.REFERENCES, Input.PROMPT, Input.NEGATIVE_PROMPT, Input.STYLE, Input.SEED, Input.QUALITY,
    )  # fmt: skip
    needs = (Input.CAMERA, Input.REFERENCES)
    reasons: ClassVar = {
        Input.DEPTH: "SANA-WM sees the scene in its first picture alone; it takes no depth",
        Input.COLOUR: "SANA-WM sees the scene in its first picture alone; it takes no plates",
        Input.MOTION: "SANA-WM takes the camera's motion only; things move as it imagines",
        Input.EDITED_CLIP: "SANA-WM cannot change a clip",
        Input.EXTENDED_CLIP: "SANA-WM starts from one picture, not from a clip",
        Input.REGION: "SANA-WM cannot change a clip, so there is no region to change",
        Input.CHARACTERS: "SANA-WM takes no pictures of characters; show them in the first frame's picture",
        Input.LORAS: "SANA-WM's pipeline loads no LoRAs",
        Input.MOTION_STRENGTH: "SANA-WM has no such control: the camera moves as it is animated",
    }
    options = (
        Option(
            "scene_scale",
            1.0,
            "what the camera's metres are multiplied by; its poses were metric in training, so 1 unless a scene is not",
        ),
    )

    def review(self, request: PlanRequest, spec: ModelSpec, options: dict[str, Scalar]) -> Review:
        return Review("SanaWMPipeline", warnings=others_unused(request, spec), problem=no_first_frame(request, spec))

    def door(self, shot: ShotData, decision: Decision, window: Window, before: NDArray[np.uint8] | None) -> Door:
        from ..doors.sana_wm import sana_door

        return sana_door(shot, decision, window)
