# SPDX-License-Identifier: GPL-3.0-or-later
"""What a file says of how it was shot: from its own metadata, or from the sidecar beside it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from attrs import define, field, frozen
from second_unit_protocol.errors import ErrorCode, SecondUnitError
from second_unit_protocol.shot import PostStep, Scalar

from ..encode.read import read_provenance
from . import catalogue
from .clip import PART

DELIVER = "deliver"
COMPARED = ("camera", "motion", "depth", "colour", "index", "references")


def origin_of(path: Path) -> dict[str, Any]:
    """The provenance of a delivered file or folder, of its sidecar, or of what ``second-unit fetch`` wrote.

    Raises SecondUnitError: FILE_GONE where there is nothing, BAD_REQUEST where nobody wrote down how it was shot.
    """
    if not path.exists():
        raise SecondUnitError(ErrorCode.FILE_GONE, f"{path} is not there", remedy="Name another file")
    sidecar = path if path.suffix.lower() == ".json" else path.with_name(path.name + ".json")
    found = _from_json(sidecar) if sidecar.is_file() else {}
    if not found and path.is_file() and path != sidecar:
        try:
            found = read_provenance(path)
        except SecondUnitError:
            found = {}
    if "shot_id" not in found:
        cause = f"{path.name} does not say how it was shot"
        raise SecondUnitError(
            ErrorCode.BAD_REQUEST, cause, remedy="Name a file that Second Unit made, or the .json that came with it"
        )
    return found


def recipe(origin: dict[str, Any]) -> dict[str, object]:
    """How to shoot it again by hand, label by label."""
    facts, delivery, grid = (origin.get(key) or {} for key in ("facts", "delivery", "grid"))
    rate = delivery.get("rate") or {}
    references = (origin.get("inputs") or {}).get("references") or []
    told = {
        "shot": origin.get("shot", ""),
        "file": facts.get("blend_file", ""),
        "scene": facts.get("scene", ""),
        "camera": facts.get("camera", ""),
        "frames": f"{delivery.get('first')} to {delivery.get('last')}" if delivery else "",
        "rate": f"{rate['num']}/{rate['den']}" if rate else "",
        "clip rate": grid.get("clip_rate", ""),
        "size": f"{origin.get('width')} x {origin.get('height')}",
        "references": ", ".join(f"{r['name']} at frame {r['scene_frame']:g}" for r in references),
        "engine": f"{origin.get('engine', '')} {origin.get('engine_version', '')}".strip(),
        "seed": str(origin.get("seed", "")),
        "prompt": origin.get("prompt", ""),
        "avoid": origin.get("negative_prompt", ""),
        "style": origin.get("style", ""),
        "quality": origin.get("quality", ""),
        "options": ", ".join(f"{k} {v}" for k, v in (origin.get("options") or {}).items()),
        "finishing": ", ".join(str(step.get("step", "")) for step in origin.get("finishing") or []),
    }
    return {label: value for label, value in told.items() if value}


@define
class Stage:
    """Steps of finishing that were run over one clip, and what of it was taken (``FIRST:COUNT``, frames a second)."""

    part: str = ""
    fps: str = ""
    steps: list[PostStep] = field(factory=list)


@frozen
class Since:
    """What became of a take: stages, how it was delivered or nothing, and steps that nothing does again by itself."""

    stages: list[Stage]
    delivered: dict[str, Any]
    left_out: list[str]


def since_shot(origin: dict[str, Any], with_shot: int) -> Since:
    """``with_shot``: how many of the steps the shot itself asked for. There is a stage at least; the last delivery
    counts."""
    done = list(origin.get("finishing") or [])[with_shot:]
    delivered = next((told for told in reversed(done) if told.get("step") == DELIVER), {})
    stages, left_out = [Stage()], []
    for told in done:
        name = str(told.get("step", ""))
        if name == PART:
            stages.append(Stage(str(told.get("part", "")), str(told.get("fps", ""))))
        elif name in catalogue.STEPS:
            stages[-1].steps.append(_step(told))
        elif told is not delivered:
            left_out.append(name)
    first = 1 if len(stages) > 1 and not stages[0].steps else 0
    return Since(stages[first:], delivered, left_out)


def _step(told: dict[str, Any]) -> PostStep:
    """A step without what it found out, which is written down beside its options."""
    name = str(told["step"])
    options: dict[str, Scalar] = {k: v for k, v in told.items() if k in catalogue.STEPS[name].options}
    return PostStep(name, options)


def same_shot(origin: dict[str, Any], inputs: dict[str, Any]) -> bool:
    """Whether a request with these inputs is what the file was made from: the same camera, depth, motion, pictures."""
    own = origin.get("inputs") or {}
    return bool(own) and all(own.get(key) == inputs.get(key) for key in COMPARED)


def _from_json(path: Path) -> dict[str, Any]:
    try:
        told = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    if not isinstance(told, dict):
        return {}
    inner = told.get("provenance")
    return inner if isinstance(inner, dict) else told
