# SPDX-License-Identifier: GPL-3.0-or-later
"""What the Cosmos pipelines are given.

Transfer 2.5: ``controls``, one picture a frame, inverse depth by the clip's range, near is white; longer clips go on in
chunks of the model's own length inside of the pipeline. Cosmos 3: ``action`` with the first picture and one step from
each frame to the next, (F - 1, 9): translation in metres and the first two columns of the rotation of Tᵢ⁻¹ Tᵢ₊₁.
Sources: diffusers 0.42, ``pipeline_cosmos2_5_transfer.py`` and ``pipeline_cosmos3_omni.py``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from attrs import field, frozen
from numpy.typing import NDArray
from PIL import Image
from second_unit_cameras.forms.cosmos import steps

from ....conditioning.shot_data import ShotData
from ..family import Door, Window
from .first_frame import first_picture, unused_references
from .fitting import to_model
from .pictures import clip_depth
from .prompts import prompt_of

if TYPE_CHECKING:
    from ..planning import Decision


@frozen(eq=False)
class CameraAction:
    """``picture`` (h, w, 3) uint8 of the first frame, ``moves`` (F - 1, 9) float32, and the size that it works at."""

    picture: NDArray[np.uint8] = field(repr=False)
    moves: NDArray[np.float32] = field(repr=False)
    tier: int


def transfer_door(shot: ShotData, decision: Decision, window: Window) -> Door:
    size = decision.size
    arguments: dict[str, Any] = {
        "prompt": prompt_of(shot.request),
        "negative_prompt": shot.request.negative_prompt or None,
        "controls": [Image.fromarray(to_model(picture, size)) for picture in clip_depth(shot, window.frames)],
        "controls_conditioning_scale": float(decision.options["control_strength"]),
        "width": size.width,
        "height": size.height,
        "num_frames": window.count,
        "num_frames_per_chunk": decision.spec.window,
        "max_sequence_length": decision.spec.prompt_tokens,
    }
    return Door(arguments)


def cosmos3_door(shot: ShotData, decision: Decision, window: Window) -> Door:
    moves = steps(shot.c2w)
    moves[:, :3] *= float(decision.options["scene_scale"])
    action = CameraAction(first_picture(shot, decision), moves.astype(np.float32), int(decision.options["tier"]))
    arguments = {
        "prompt": prompt_of(shot.request),
        "negative_prompt": shot.request.negative_prompt or None,
        "action": action,
        "fps": float(decision.grid.clip_rate),
    }
    return Door(arguments, notes=unused_references(shot, decision))
