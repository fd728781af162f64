# SPDX-License-Identifier: GPL-3.0-or-later
"""LTX-2: text, pictures at their times, the scene's depth through an in-context LoRA; sound comes with the picture."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, ClassVar

from attrs import frozen
from second_unit_protocol.errors import ErrorCode, ErrorInfo
from second_unit_protocol.results import Input, PlanRequest
from second_unit_protocol.shot import Lora, Scalar

from .. import weights
from ..family import Door, Family, Option, Review, Window
from ..spec import ModelSpec

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from ....conditioning.shot_data import ShotData
    from ..planning import Decision

TEXT, KEYFRAMES, DEPTH = "text", "keyframes", "depth"
PIPELINES = {TEXT: "LTX2Pipeline", KEYFRAMES: "LTX2ConditionPipeline", DEPTH: "LTX2InContextPipeline"}
STRIDE = 8  # clip frames from one latent frame to the next


@frozen
class Slot:
    """Where a picture can stand: latent frame ``index`` shows clip frame ``frame``."""

    index: int
    frame: int


def slot_of(position: float, frames: int) -> Slot:
    """The slot nearest to a clip position. Latent frame 0 is clip frame 0, latent frame i is (i - 1) · 8 + 1.

    Source: diffusers 0.42, ``LTX2ConditionPipeline.preprocess_conditions``; an index beyond the last is dropped there
    without an error.
    """
    last = (frames - 1) // STRIDE
    slots = [Slot(0, 0), *(Slot(i, (i - 1) * STRIDE + 1) for i in range(1, last + 1))]
    return min(slots, key=lambda slot: abs(slot.frame - position))


def shared_out(positions: Iterable[tuple[str, float]], frames: int) -> dict[str, Slot]:
    """A slot for each named position, the nearest one first; of two that want the same, the farther gets none."""
    taken: dict[str, Slot] = {}
    for name, position in sorted(positions, key=lambda p: abs(slot_of(p[1], frames).frame - p[1])):
        slot = slot_of(position, frames)
        if slot not in taken.values():
            taken[name] = slot
    return taken


class Ltx2(Family):
    name = "ltx2"
    runner = "ltx2:Ltx2Runner"
    takes = (
        Input.CAMERA, Input.DEPTH, Input.REFERENCES, Input.LORAS, Input.PROMPT, Input.NEGATIVE_PROMPT, Input.STYLE,
        Input.SEED, Input.MOTION_STRENGTH, Input.QUALITY,
    )  # fmt: skip
    captures = (Input.DEPTH,)
    reasons: ClassVar = {
        Input.COLOUR: "LTX-2 is steered by pictures and depth, not by the scene's own colours",
        Input.MOTION: "LTX-2 takes no motion of things; depth shows it where it steers",
        Input.EDITED_CLIP: "LTX-2 is not set up here to change a clip; Lucy Edit and Wan VACE do",
        Input.EXTENDED_CLIP: "LTX-2 is not set up here to go on from a clip; Wan VACE and SkyReels do",
        Input.REGION: "LTX-2 is not set up here to change a clip, so there is no region to change",
        Input.CHARACTERS: "LTX-2 takes no pictures of characters; show them in a reference frame",
    }
    options = (
        Option("control", "auto", "whether depth steers the picture", ("auto", DEPTH, "none")),
        Option("control_strength", 1.0, "how cleanly the depth is shown to the model, 0 to 1"),
        Option("depth_lora", "", "the in-context LoRA that reads depth, a file in the folder loras"),
        Option("two_stages", False, "half the size first, then twice it: for distilled models only"),
        Option("stg_block", 29, "block whose self-attention spatio-temporal guidance leaves out: the model's own"),
        Option("cross_timestep", True, "how sound and picture see each other's noise: false for LTX-2.0"),
    )

    def review(self, request: PlanRequest, spec: ModelSpec, options: dict[str, Scalar]) -> Review:
        lora = str(options["depth_lora"])
        there = bool(lora) and (weights.lora_folder() / f"{lora}.safetensors").is_file()
        steers = options["control"] != "none" and Input.DEPTH in request.given and there
        mode = DEPTH if steers else KEYFRAMES if Input.REFERENCES in request.given else TEXT
        problem = None
        if options["control"] == DEPTH and not steers:
            cause = "The option control is depth, but " + (
                f"the LoRA {lora or '(none is named)'} is not in {weights.lora_folder()}"
                if Input.DEPTH in request.given
                else "the shot has no depth"
            )
            problem = ErrorInfo(ErrorCode.BAD_REQUEST, cause, "Give it that, or set control to auto")
        elif options["two_stages"] and not spec.distilled:
            cause = f"{spec.label} is not distilled, and only distilled models work in two stages"
            problem = ErrorInfo(ErrorCode.BAD_REQUEST, cause, "Set two_stages to false")
        return Review(
            PIPELINES[mode],
            {} if steers else _unsteered(lora, there),
            _moved(request, spec) if Input.REFERENCES in request.given else (),
            problem,
            mode,
            (Lora(lora),) if steers else (),
        )

    def door(self, shot: ShotData, decision: Decision, window: Window, before: NDArray[np.uint8] | None) -> Door:
        from ..doors.ltx2 import ltx2_door

        return ltx2_door(shot, decision, window)


def _unsteered(lora: str, there: bool) -> dict[Input, str]:
    if there:
        why = "The option control leaves depth out"
    elif lora:
        why = f"LTX-2 reads depth through the LoRA {lora}, which is not in {weights.lora_folder()}"
    else:
        why = "LTX-2 reads depth through an in-context LoRA, and the option depth_lora names none"
    camera = "Only depth carries the camera in LTX-2, and it is not used here: the picture moves as the prompt says"
    return {Input.DEPTH: why, Input.CAMERA: camera}


def _moved(request: PlanRequest, spec: ModelSpec) -> tuple[str, ...]:
    """Warnings for references that cannot stand at their own time. The plan's frame count follows planning.grid_for."""
    rate, scene = spec.rate or request.delivery.rate, request.delivery.rate
    per_frame = float(rate.fraction / scene.fraction)
    frames = spec.frames.at_least(int(max(request.delivery.count - 1, 0) * per_frame + 0.999_999) + 1) or 1
    wanted = {f"{f:g}": (f - request.delivery.first) * per_frame for f in request.reference_frames}
    slots = shared_out(wanted.items(), frames)
    said = []
    for name, position in wanted.items():
        if name not in slots:
            said.append(f"The reference at frame {name} is left out: another one stands at the same eighth clip frame")
        elif abs(slots[name].frame - position) > 0.5:
            off = (slots[name].frame - position) / per_frame
            when = "later" if off > 0 else "earlier"
            said.append(
                f"LTX-2 holds pictures at its first and then at every eighth clip frame: the reference at frame {name} "
                f"is shown {abs(off):.3g} frames {when}"
            )
    return tuple(said)
