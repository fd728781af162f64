# SPDX-License-Identifier: GPL-3.0-or-later
"""What an EasyAnimateControlPipeline is given, as float32 arrays.

``control_camera_video`` (1, 6, F, h, w): CameraCtrl's rays through the pixels' centres (o × d, then unit d), relative
to the first frame; the pipeline itself shrinks them and multiplies by 6. Or ``control_video`` (1, 3, F, h, w) in 0 … 1:
inverse depth by the clip's range, near is white. ``ref_image`` (1, 3, 1, h, w) in 0 … 1: the first frame's picture.
Sources: diffusers 0.42, ``pipeline_easyanimate_control.py``; EasyAnimate's ``process_pose_file``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from second_unit_cameras.forms.plucker import cameractrl_frame
from second_unit_cameras.track import CameraTrack, inverse

from ....conditioning.shot_data import ShotData
from ..families.easyanimate import CAMERA
from ..family import Door, Window
from .first_frame import first_picture, first_reference, unused_references
from .fitting import model_intrinsics, to_model
from .pictures import clip_depth
from .prompts import prompt_of

if TYPE_CHECKING:
    from ..planning import Decision


def easyanimate_door(shot: ShotData, decision: Decision, window: Window) -> Door:
    size = decision.size
    arguments: dict[str, Any] = {
        "prompt": prompt_of(shot.request),
        "negative_prompt": shot.request.negative_prompt,  # its tokenizer takes no None
        "width": size.width,
        "height": size.height,
        "num_frames": window.count,
    }
    if decision.mode == CAMERA:
        arguments["control_camera_video"] = _rays(shot, decision)
    else:
        arguments["control_video"] = _channels_first([to_model(p, size) for p in clip_depth(shot, window.frames)])
    notes: tuple[str, ...] = ()
    if first_reference(shot) is not None:
        arguments["ref_image"] = _channels_first([first_picture(shot, decision)])
        notes = unused_references(shot, decision)
    return Door(arguments, notes=notes)


def _rays(shot: ShotData, decision: Decision) -> NDArray[np.float32]:
    size = decision.size
    poses = inverse(shot.c2w[0]) @ shot.c2w
    poses[:, :3, 3] *= float(decision.options["scene_scale"])
    rate = float(decision.grid.clip_rate)
    track = CameraTrack.at_rate(poses, model_intrinsics(shot, size), size.width, size.height, rate)
    return np.stack([cameractrl_frame(track, frame) for frame in range(len(track))], 1)[None]


def _channels_first(pictures: list[NDArray[np.uint8]]) -> NDArray[np.float32]:
    """(1, 3, F, h, w) in 0 … 1."""
    return np.stack(pictures).transpose(3, 0, 1, 2)[None].astype(np.float32) / 255.0
