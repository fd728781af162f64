# SPDX-License-Identifier: GPL-3.0-or-later
"""What LTX-2's pipelines are given.

``conditions``: pictures at the model's size with the **latent** index of their slot and their strength, sent as they
are (the runner asks the pipeline not to recompress them). ``reference_conditions``: one depth video of the window, near
is white, from the clip's own nearest to its farthest. ``motion_speed``: motion strength 0, ½, 1 gives ½, 1, 2, the
exponential in between. ``frame_rate`` is the clip's own. Without guidance all of LTX-2's kinds of it are off. Sources:
diffusers 0.42, ``pipeline_ltx2_condition.py``, ``pipeline_ltx2_ic_lora.py``, ``ltx2/utils.py``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from attrs import field, frozen
from numpy.typing import NDArray

from ....conditioning.shot_data import ShotData
from ..families.ltx2 import DEPTH, TEXT, shared_out
from ..family import Door, Window
from .fitting import framed, to_model
from .pictures import clip_depth
from .prompts import prompt_of

if TYPE_CHECKING:
    from ..planning import Decision

# The distilled models' own noise levels (diffusers, ltx2/utils.py, after Lightricks' constants.py).
DISTILLED_SIGMAS = (1.0, 0.99375, 0.9875, 0.98125, 0.975, 0.909375, 0.725, 0.421875)
NO_GUIDANCE = {
    "stg_scale": 0.0,
    "modality_scale": 1.0,
    "guidance_rescale": 0.0,
    "audio_guidance_scale": 1.0,
    "audio_stg_scale": 0.0,
    "audio_modality_scale": 1.0,
    "audio_guidance_rescale": 0.0,
}


@frozen(eq=False)
class Keyframe:
    """One picture, (1, h, w, 3) uint8, at a latent index."""

    frames: NDArray[np.uint8] = field(repr=False)
    index: int
    strength: float


@frozen(eq=False)
class Control:
    """A video that is shown beside the clip, (F, h, w, 3) uint8."""

    frames: NDArray[np.uint8] = field(repr=False)
    strength: float


def ltx2_door(shot: ShotData, decision: Decision, window: Window) -> Door:
    size, options = decision.size, decision.options
    arguments: dict[str, Any] = {
        "prompt": prompt_of(shot.request),
        "negative_prompt": shot.request.negative_prompt or None,
        "width": size.width,
        "height": size.height,
        "num_frames": window.count,
        "frame_rate": float(decision.grid.clip_rate),
        "motion_speed": 2.0 ** (2.0 * shot.request.motion_strength - 1.0),
        "use_cross_timestep": bool(options["cross_timestep"]),
        "max_sequence_length": decision.spec.prompt_tokens,
        "two_stages": bool(options["two_stages"]),
    }
    if decision.effort.guidance <= 1:
        arguments |= NO_GUIDANCE
    else:
        arguments["spatio_temporal_guidance_blocks"] = [int(options["stg_block"])]
    if (decision.spec.distilled or decision.draft_lora) and decision.effort.steps == len(DISTILLED_SIGMAS):
        arguments["sigmas"] = list(DISTILLED_SIGMAS)
    if decision.mode == TEXT:
        return Door(arguments)
    arguments["conditions"], notes = _keyframes(shot, decision, window)
    if decision.mode == DEPTH:
        video = np.array([to_model(picture, size) for picture in clip_depth(shot, window.frames)])
        arguments["reference_conditions"] = [Control(video, float(options["control_strength"]))]
        arguments["control_lora"] = decision.loras[0].name
    return Door(arguments, notes=notes)


def _keyframes(shot: ShotData, decision: Decision, window: Window) -> tuple[list[Keyframe] | None, tuple[str, ...]]:
    references = {str(n): r for n, r in enumerate(shot.references) if r.strength > 0}
    inside = {n: r for n, r in references.items() if -0.5 <= r.clip_position < window.count}
    slots = shared_out(((n, r.clip_position) for n, r in inside.items()), window.count)
    found = []
    for number, slot in sorted(slots.items(), key=lambda item: item[1].index):
        reference = inside[number]
        picture = to_model(framed(reference.image, shot, decision.size), decision.size)
        found.append(Keyframe(picture[None], slot.index, reference.strength))
    left_out = [r.name for n, r in references.items() if n not in slots]
    return found or None, (f"{', '.join(left_out)} had no part in the shot",) if left_out else ()
