# SPDX-License-Identifier: GPL-3.0-or-later
"""What image pipelines are given: pictures at the model's size, as PIL images.

Depth control is inverse depth from the picture's own smallest (black) to its largest (white: near), the form of the
monocular depth that depth ControlNets were trained on; edges are Canny's, white on black, of the colour plate. Where
references are carried, ``image`` has them on mid-grey and ``mask_image`` is white where something must be painted.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image
from second_unit_protocol.errors import ErrorCode, SecondUnitError

from ....conditioning.shot_data import ShotData
from ..families.stills import CARRY, EDGES, PAINT, RESTYLE, Stills
from ..family import Door, Window
from .editing import edited
from .fitting import mask_to_model, to_model
from .pictures import depth_picture
from .plates import Carried
from .prompts import prompt_of

if TYPE_CHECKING:
    from ..planning import Decision

CANNY = (100, 200)  # thresholds that edge ControlNets' annotators use
UNKNOWN = 128


def still_door(shot: ShotData, decision: Decision, window: Window, family: Stills) -> Door:
    size, mode = decision.size, decision.mode
    arguments: dict[str, Any] = {
        "prompt": prompt_of(shot.request),
        "negative_prompt": shot.request.negative_prompt or None,
        "width": size.width,
        "height": size.height,
    }
    if family.name == "z-image":
        arguments["max_sequence_length"] = decision.spec.prompt_tokens
    if mode != RESTYLE or family.restyles_with_control:
        # SDXL's plain pipeline calls its control "image"; every other one has a word of its own for it.
        word = "image" if mode == PAINT and family.name == "sdxl" else "control_image"
        arguments[word] = Image.fromarray(to_model(_control(shot, decision), size))
        arguments["controlnet_conditioning_scale"] = float(decision.options["control_strength"])
    if mode == RESTYLE:
        return _restyled(shot, decision, window, arguments)
    if mode == CARRY:
        return _carried(shot, decision, arguments)
    return Door(arguments)


def _control(shot: ShotData, decision: Decision) -> NDArray[np.uint8]:
    if decision.options["control"] != EDGES:
        return depth_picture(shot, 0)
    plate = shot.colour(0)
    if plate is None:
        raise SecondUnitError(ErrorCode.BAD_REQUEST, "The shot came without colours", shot=shot.request.shot_name)
    edges = cv2.Canny(cv2.cvtColor(plate, cv2.COLOR_RGB2GRAY), *CANNY)
    return np.repeat(edges[..., None], 3, axis=2).astype(np.uint8)


def _restyled(shot: ShotData, decision: Decision, window: Window, arguments: dict[str, Any]) -> Door:
    source = edited(shot, decision, window)
    asked = shot.request.source.strength if shot.request.source else 1.0
    strength = _whole_steps(asked, decision.effort.steps)
    picture = Image.fromarray(to_model(source.pictures[0], decision.size))
    return Door(arguments | {"image": picture, "strength": strength}, source.known, source.notes, outward=True)


def _whole_steps(strength: float, steps: int) -> float:
    """The strength that is a whole number of steps, at least one. Pipelines round what lies between, each its way."""
    count = min(max(round(strength * steps), 1), steps)
    exact = count / steps
    return exact if int(exact * steps) == count else float(np.nextafter(exact, 2.0))


def _carried(shot: ShotData, decision: Decision, arguments: dict[str, Any]) -> Door:
    size = decision.size
    picture, known = Carried(shot, size)(0)
    there = mask_to_model(known, size)
    image = np.where(there[..., None] > 0, to_model(picture, size), UNKNOWN).astype(np.uint8)
    given = {"image": Image.fromarray(image), "mask_image": Image.fromarray(np.asarray(255 - there, np.uint8))}
    return Door(arguments | given, lambda _: (picture, known))
