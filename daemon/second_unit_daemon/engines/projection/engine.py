# SPDX-License-Identifier: GPL-3.0-or-later
"""A thin face over conditioning/projection: plan, stream of frames, figures."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from second_unit_protocol.results import DeviceInfo, EngineInfo, Plan, PlanRequest
from second_unit_protocol.shot import Scalar

from ..base import EngineFrame, JobControl
from .info import DISAGREE, DISAGREEMENT, INFO
from .planning import make_plan

if TYPE_CHECKING:
    from ...conditioning.shot_data import ShotData


class ProjectionEngine:
    """Backward projection of the references; holes from the colour plate, then from the background around them."""

    info: EngineInfo = INFO

    def __init__(self) -> None:
        self._figures: dict[str, float] = {}
        self._facts: dict[str, Scalar] = {}

    def plan(self, request: PlanRequest, device: DeviceInfo) -> Plan:
        return make_plan(request)

    def frames(self, shot: ShotData, control: JobControl) -> Iterator[EngineFrame]:
        # The kernels bring numba and cv2 with them, which the daemon's own process must not load.
        from .stream import project_shot

        self._figures, self._facts = {}, {}
        yield from project_shot(shot, control, self._figures, self._facts)

    def facts(self) -> dict[str, Scalar]:
        """How a clip in another look is made."""
        return dict(self._facts)

    def notes(self) -> tuple[str, ...]:
        """That the references do not agree, if so: no weighing of them can hide that."""
        differ = self._figures.get("references_differ", 0.0)
        return () if differ < DISAGREE or "style" in self._facts else (DISAGREEMENT.format(differ),)

    def figures(self) -> dict[str, float]:
        return dict(self._figures)
