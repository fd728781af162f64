# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether a shot can be rendered: asked when it is submitted, so that it does not fail an hour later.

That its arrays and planes have the right shapes is the protocol's own check (``second_unit_protocol.shot_check``).
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from attrs import fields
from second_unit_protocol.errors import ErrorCode, SecondUnitError
from second_unit_protocol.results import Input, PlanRequest
from second_unit_protocol.shot import ShotRequest, SourceUse

MAX_PROMPT = 20_000  # characters; prompts go into the clip's metadata
MAX_REFERENCES = 256
DEFAULTS = fields(ShotRequest)


def plan_request_of(shot: ShotRequest) -> PlanRequest:
    """The question that a captured shot asks of its engine. A setting counts as given where it is not the default."""
    return PlanRequest(
        engine=shot.engine,
        delivery=shot.delivery,
        width=shot.width,
        height=shot.height,
        given=tuple(_given(shot)),
        reference_count=len(shot.references),
        reference_frames=tuple(reference.scene_frame for reference in shot.references),
        quality=shot.quality,
        options=shot.options,
        style=shot.style,
        post=shot.post,
    )


def check_content(shot: ShotRequest) -> None:
    """Raises SecondUnitError(BAD_REQUEST) naming what cannot be rendered as it stands."""
    for problem in _problems(shot):
        raise SecondUnitError(ErrorCode.BAD_REQUEST, problem, shot=shot.shot_name)


def _given(shot: ShotRequest) -> Iterator[Input]:
    optional = {
        Input.CAMERA: shot.depth or shot.facts.camera or not shot.facts.stand_in,
        Input.DEPTH: shot.depth,
        Input.COLOUR: shot.colour,
        Input.MOTION: shot.motion,
        Input.REFERENCES: shot.references,
        Input.EDITED_CLIP: shot.source and shot.source.use is SourceUse.EDIT,
        Input.EXTENDED_CLIP: shot.source and shot.source.use is SourceUse.EXTEND,
        Input.REGION: shot.region,
        Input.REGION_MOTION: shot.moving,
        Input.CHARACTERS: shot.characters,
        Input.LORAS: shot.loras,
        Input.PROMPT: shot.prompt.strip(),
        Input.NEGATIVE_PROMPT: shot.negative_prompt.strip(),
        Input.STYLE: shot.style.strip(),
        Input.STYLE_PICTURE: shot.style_picture,
        Input.STYLE_STRENGTH: shot.style_strength != DEFAULTS.style_strength.default,
        Input.SEED: shot.seed,
        Input.MOTION_STRENGTH: shot.motion_strength != DEFAULTS.motion_strength.default,
        Input.QUALITY: shot.quality is not DEFAULTS.quality.default,
    }
    yield from (name for name, value in optional.items() if value)


def _post_problem(shot: ShotRequest) -> str:
    """Why the finishing cannot be done as asked; empty where it can."""
    from ..post import catalogue

    names = [step.step for step in shot.post]
    if len(set(names)) < len(names):
        return "The finishing names a step twice"
    try:
        catalogue.check(shot.post)
    except SecondUnitError as error:
        return error.info.cause
    rates = [step.options.get("rate") for step in shot.post if step.step == "interpolate"]
    return "Frames in between are made at the scene's rate in a shot; leave the rate empty" if any(rates) else ""


def _problems(shot: ShotRequest) -> Iterator[str]:
    if problem := _post_problem(shot):
        yield problem
    handles = shot.delivery.handle_before + shot.delivery.handle_after
    if handles >= shot.delivery.count:
        yield f"Handles of {handles} frames leave nothing of the shot's {shot.delivery.count}"
    for frame in (shot.delivery.first, shot.delivery.last):
        time = frame * shot.grid.scene_rate.fraction / shot.delivery.rate.fraction
        if abs(shot.grid.clip_position(time) - shot.grid.nearest(time)) > Fraction(1, 2):
            yield f"The clip's {shot.grid.count} frames do not reach scene frame {frame} of the shot"
    for name, text in (("prompt", shot.prompt), ("negative prompt", shot.negative_prompt), ("style", shot.style)):
        if len(text) > MAX_PROMPT:
            yield f"The {name} has {len(text)} characters; {MAX_PROMPT} are the most"
    if len(shot.references) > MAX_REFERENCES:
        yield f"The shot has {len(shot.references)} references; {MAX_REFERENCES} are the most"
