# SPDX-License-Identifier: GPL-3.0-or-later
"""What a CogVideoXFunControlPipeline is given: one depth video, PIL images, near is white, by the clip's own range.

The pipeline makes as many frames as the video has. Source: diffusers 0.42, ``pipeline_cogvideox_fun_control.py``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PIL import Image

from ....conditioning.shot_data import ShotData
from ..family import Door, Window
from .fitting import to_model
from .pictures import clip_depth
from .prompts import prompt_of

if TYPE_CHECKING:
    from ..planning import Decision


def cogvideox_door(shot: ShotData, decision: Decision, window: Window) -> Door:
    size = decision.size
    return Door(
        {
            "prompt": prompt_of(shot.request),
            "negative_prompt": shot.request.negative_prompt or None,
            "control_video": [Image.fromarray(to_model(p, size)) for p in clip_depth(shot, window.frames)],
            "width": size.width,
            "height": size.height,
            "max_sequence_length": decision.spec.prompt_tokens,
        }
    )
