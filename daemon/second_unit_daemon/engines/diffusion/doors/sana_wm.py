# SPDX-License-Identifier: GPL-3.0-or-later
"""What a SanaWMPipeline is given.

``image``: the first frame's picture, already at the model's size, so that the pipeline neither scales nor crops it and
the lens stays exact. ``c2w`` (F, 4, 4) float32, OpenCV axes, relative to the first frame (which the pipeline does
again, changing nothing: but metres far from the origin would lose digits in float32 first). ``intrinsics`` (F, 4)
float32, fx fy cx cy in pixels of ``image``, one for every frame. Source: diffusers 0.42, ``pipeline_sana_wm.py`` and
``cam_utils.py``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PIL import Image
from second_unit_cameras.track import inverse, vectors_of

from ....conditioning.shot_data import ShotData
from ..family import Door, Window
from .first_frame import first_picture, unused_references
from .fitting import model_intrinsics
from .prompts import prompt_of

if TYPE_CHECKING:
    from ..planning import Decision


def sana_door(shot: ShotData, decision: Decision, window: Window) -> Door:
    poses = inverse(shot.c2w[0]) @ shot.c2w
    poses[:, :3, 3] *= float(decision.options["scene_scale"])
    size = decision.size
    arguments = {
        "prompt": prompt_of(shot.request),
        "negative_prompt": shot.request.negative_prompt or None,
        "image": Image.fromarray(first_picture(shot, decision)),
        "c2w": poses.astype(np.float32),
        "intrinsics": vectors_of(model_intrinsics(shot, size)).astype(np.float32),
        "width": size.width,
        "height": size.height,
        "num_frames": window.count,
        "fps": round(float(decision.grid.clip_rate)),
        "max_sequence_length": decision.spec.prompt_tokens,
    }
    return Door(arguments, notes=unused_references(shot, decision))
