# SPDX-License-Identifier: GPL-3.0-or-later
"""Which engine is best for a shot on a device, at each quality, why, and what it would take to do better. Sums only."""

from __future__ import annotations

from attrs import evolve, frozen
from second_unit_protocol.errors import SecondUnitError
from second_unit_protocol.results import DeviceInfo, Input, Plan, PlanRequest
from second_unit_protocol.shot import Quality

from . import registry
from .diffusion import catalogue, memory, weights
from .diffusion.engine import DiffusionEngine
from .diffusion.memory import Load, Placement
from .diffusion.planning import size_for
from .diffusion.spec import ModelSpec
from .diffusion.timing import words

BUILT_IN = "projection"
PATIENCE_S = 1200.0
CARD_SIZES_GB = (8, 12, 16, 24, 32, 48, 80)
SMALLEST_CARD_MODEL = "wan-vace-1.3b"
OF_THE_SCENE = {Input.DEPTH, Input.MOTION, Input.REFERENCES, Input.CHARACTERS, Input.REGION}


@frozen
class Advice:
    """``better`` is empty where nothing known would do better."""

    quality: Quality
    engine: str
    label: str
    why: str
    better: str = ""

    def sentence(self) -> str:
        return f"{self.quality.capitalize()}: {self.label} ({self.why}){f'. {self.better}' if self.better else ''}"


@frozen
class _Candidate:
    engine: DiffusionEngine
    plan: Plan
    placement: Placement
    size: int  # parameters of the largest transformer: the only thing known of how well a model does
    here: bool
    ignored: int  # of what the scene gives


def advise(request: PlanRequest, device: DeviceInfo) -> tuple[Advice, ...]:
    """One for each quality. A model that ignores the camera, or references that are pinned, is never the best; one that
    ignores less of what the scene gives goes before one that ignores more."""
    models = _models()
    return tuple(_advise(evolve(request, quality=quality), device, models) for quality in Quality)


def _advise(request: PlanRequest, device: DeviceInfo, models: list[ModelSpec]) -> Advice:
    fitting = [found for found in _candidates(request, device, models) if found.plan.problem is None]
    best = _best([found for found in fitting if found.here], request.quality)
    wished = _best(fitting, request.quality)
    better = ""
    if wished and wished is not best and (best is None or wished.ignored < best.ignored or wished.size > best.size):
        better = f"{wished.engine.spec.label} would do more: second-unit models pull {wished.engine.spec.name}"
    elif device.kind == "cpu":
        better = _what_a_card_adds(request)
    if best is None:
        why = "it needs no weights and no card" if device.kind == "cpu" else "no model that follows the camera is here"
        return Advice(request.quality, BUILT_IN, "Projection", why, better)
    spec = best.engine.spec
    return Advice(request.quality, spec.name, spec.label, _why(best), better)


def _candidates(request: PlanRequest, device: DeviceInfo, models: list[ModelSpec]) -> list[_Candidate]:
    """Every model that would follow this shot's camera and references, those without weights on this disk as well."""
    found = []
    wanted = {Input.CAMERA, Input.REFERENCES} & {Input.CAMERA, *request.given}
    for spec in models:
        engine = DiffusionEngine(spec)
        plan = engine.plan(evolve(request, engine=spec.name, options={}), device)
        decision = engine.decision
        if decision is not None and wanted <= set(plan.takes):
            size = max((n for part, n in spec.parameters.items() if part.startswith("transformer")), default=0)
            here = not weights.unavailable(spec)
            ignored = len((OF_THE_SCENE & {*request.given}) - {*plan.takes})
            found.append(_Candidate(engine, plan, decision.need.placement, size, here, ignored))
    return found


def _models() -> list[ModelSpec]:
    try:
        return registry.models()
    except SecondUnitError:
        return []


def _best(candidates: list[_Candidate], quality: Quality) -> _Candidate | None:
    """A draft wants the quickest, a final the largest; between them, the largest that is done in good time."""
    least = min((c.ignored for c in candidates), default=0)
    candidates = [c for c in candidates if c.ignored == least]
    if quality is Quality.DRAFT:
        return min(candidates, key=lambda c: c.plan.seconds, default=None)
    if quality is Quality.STANDARD:
        in_time = [c for c in candidates if c.plan.seconds <= PATIENCE_S and c.placement is not Placement.GROUPS]
        candidates = in_time or candidates
    return max(candidates, key=lambda c: (c.size, -c.plan.seconds), default=None)


def _why(candidate: _Candidate) -> str:
    return f"about {words(candidate.plan.seconds)}; {memory.WORDS[candidate.placement]}"


def _what_a_card_adds(request: PlanRequest) -> str:
    """The smallest card on which the smallest model of the default family makes this shot."""
    spec = catalogue.model(SMALLEST_CARD_MODEL)
    size = size_for(spec, request.width, request.height)
    load = Load(size.width, size.height, spec.window)
    need = memory.need(spec, load, Placement.OFFLOAD, False, spec.dtype).total / memory.SPARE
    card = next((gb for gb in CARD_SIZES_GB if gb * 2**30 >= need), CARD_SIZES_GB[-1])
    return f"With a card of {card} GB, {spec.label} would invent what the references do not show"
