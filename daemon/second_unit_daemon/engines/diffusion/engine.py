# SPDX-License-Identifier: GPL-3.0-or-later
"""The engine over one model of the registry. Light: the daemon's own process makes it to plan."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from second_unit_protocol.errors import ErrorCode, SecondUnitError
from second_unit_protocol.results import DeviceInfo, EngineInfo, Plan, PlanRequest
from second_unit_protocol.shot import Scalar

from ..base import EngineFrame, EngineSound, JobControl
from . import families, weights
from .planning import Decision, decide
from .spec import ModelSpec

if TYPE_CHECKING:
    from ...conditioning.shot_data import ShotData


class DiffusionEngine:
    """``plan`` decides; ``frames`` then does what was decided last."""

    # Shares of a job before its first frame (executors/progress.py).
    stages = {"loading weights": 0.12, "preparing": 0.03, "denoising": 0.75, "decoding": 0.05}  # noqa: RUF012

    def __init__(self, spec: ModelSpec):
        self.spec = spec
        self.family = families.family(spec.family)
        self.info: EngineInfo = info_of(spec)
        self.decision: Decision | None = None  # what the last plan decided
        self._figures: dict[str, float] = {}
        self._notes: list[str] = []
        self._facts: dict[str, Scalar] = {}
        self._sound: list[EngineSound] = []

    def plan(self, request: PlanRequest, device: DeviceInfo) -> Plan:
        self.decision = decide(self.spec, self.family, request, device)
        return self.decision.plan

    def frames(self, shot: ShotData, control: JobControl) -> Iterator[EngineFrame]:
        from .making import Said, make  # torch

        if self.decision is None:
            raise SecondUnitError(ErrorCode.INTERNAL, "A shot is planned before it is made")
        self._figures, self._notes, self._facts, self._sound = {}, [], {}, []
        said = Said(self._figures, self._notes, self._facts, self._sound)
        yield from make(shot, self.decision, control, said)

    def figures(self) -> dict[str, float]:
        return dict(self._figures)

    def sound(self) -> EngineSound | None:
        return self._sound[0] if self._sound else None

    def notes(self) -> tuple[str, ...]:
        """What came up in the last run and belongs to the take, as sentences."""
        return tuple(self._notes)

    def facts(self) -> dict[str, Scalar]:
        """How the last run was made, for the provenance; complete with its first frame."""
        return dict(self._facts)


def info_of(spec: ModelSpec) -> EngineInfo:
    """The model as a user chooses it. Raises SecondUnitError for a family that is not there."""
    family = families.family(spec.family)
    reason = weights.unavailable(spec)
    parts = (spec.description, f"Reads {spec.languages}" if spec.languages else "")
    return EngineInfo(
        name=spec.name,
        label=spec.label,
        description=". ".join(part for part in parts if part),
        takes=family.takes,
        needs=family.needs,
        captures=family.captures,
        licence=spec.licence.name,
        frame_rule=spec.frames.text,
        size_multiple=spec.multiple,
        native_rate=spec.rate,
        available=not reason,
        unavailable_reason=reason,
    )
