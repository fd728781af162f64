# SPDX-License-Identifier: GPL-3.0-or-later
"""What Wan's pipelines without VACE are given: words; PIL images of the first and last frame; a clip to restyle.

The clip is (1, F, h, w, 3) float32 in 0 … 1 at the shot's clip frames; ``strength`` is the source's own: the share of
the noise schedule that is run (diffusers 0.42, ``pipeline_wan_video2video.py``, ``get_timesteps``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image
from second_unit_protocol.errors import ErrorCode, SecondUnitError

from ....conditioning.shot_data import ReferenceData, ShotData
from ....conditioning.source_clip import none_shown, source_frames
from ..families.wan import BOTH_ENDS, IMAGE, RESTYLE
from ..family import Door, Window
from .fitting import framed, to_model
from .prompts import prompt_of

if TYPE_CHECKING:
    from ..planning import Decision

LEAST_STRENGTH = 0.02  # below one step of fifty nothing would be run


def wan_door(shot: ShotData, decision: Decision, window: Window) -> Door:
    size = decision.size
    arguments: dict[str, Any] = {
        "prompt": prompt_of(shot.request),
        "negative_prompt": shot.request.negative_prompt or None,
        "width": size.width,
        "height": size.height,
        "max_sequence_length": decision.spec.prompt_tokens,
    }
    if decision.mode == RESTYLE:
        clip, notes = _clip(shot, decision, window)
        source = shot.request.source
        assert source is not None
        steps = max(decision.effort.steps, 1)
        return Door(
            arguments | {"video": clip, "strength": max(source.strength, LEAST_STRENGTH, 1.01 / steps)}, notes=notes
        )
    arguments["num_frames"] = window.count
    if decision.mode in (IMAGE, BOTH_ENDS):
        arguments["image"] = _picture(shot, decision, 0)
    if decision.mode == BOTH_ENDS:
        arguments["last_image"] = _picture(shot, decision, len(shot) - 1)
    return Door(arguments)


def _picture(shot: ShotData, decision: Decision, frame: int) -> Image.Image:
    """The reference nearest to a clip frame, at the model's size."""
    near = [r for r in shot.references if r.strength > 0 and abs(r.clip_position - frame) < 1.0]
    if not near:
        cause = f"{decision.spec.label} needs a picture of clip frame {frame}, and there is none"
        raise SecondUnitError(ErrorCode.NO_REFERENCE, cause, shot=shot.request.shot_name)
    nearest: ReferenceData = min(near, key=lambda r: abs(r.clip_position - frame))
    return Image.fromarray(to_model(framed(nearest.image, shot, decision.size), decision.size))


def _clip(shot: ShotData, decision: Decision, window: Window) -> tuple[np.ndarray, tuple[str, ...]]:
    """The source at every frame; frames beyond its ends repeat the nearest one that it has."""
    size = decision.size
    found = source_frames(shot, window.frames, lambda picture: to_model(framed(picture, shot, size), size))
    if not found:
        raise none_shown(shot)
    nearest = [min(found, key=lambda have: abs(have - frame)) for frame in window.frames]
    missing = len(nearest) - len(found)
    notes = (f"The source clip has no picture for {missing} of the {window.count} frames; the nearest was used",)
    clip = np.array([found[frame] for frame in nearest], np.float32) / 255.0
    return clip[None], notes if missing else ()
