# SPDX-License-Identifier: GPL-3.0-or-later
"""What a LucyEditPipeline is given: the source clip's frames at the model's size, and the instruction.

Source: diffusers 0.42, ``pipeline_lucy_edit.py``. What lies outside the region is put back afterwards.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PIL import Image

from ....conditioning.shot_data import ShotData
from ..family import Door, Window
from .editing import edited
from .fitting import to_model
from .prompts import prompt_of

if TYPE_CHECKING:
    from ..planning import Decision


def lucy_door(shot: ShotData, decision: Decision, window: Window) -> Door:
    source, size = edited(shot, decision, window), decision.size
    arguments = {
        "prompt": prompt_of(shot.request),
        "negative_prompt": shot.request.negative_prompt or None,
        "video": [Image.fromarray(to_model(picture, size)) for picture in source.pictures],
        "width": size.width,
        "height": size.height,
        "num_frames": window.count,
        "max_sequence_length": decision.spec.prompt_tokens,
    }
    return Door(arguments, source.known, source.notes, outward=True)
