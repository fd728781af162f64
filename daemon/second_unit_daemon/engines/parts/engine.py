# SPDX-License-Identifier: GPL-3.0-or-later
"""Parts of a clip move as they are asked to; what they uncover comes from other frames or from around it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from second_unit_protocol.errors import ErrorCode, ErrorInfo, SecondUnitError
from second_unit_protocol.grid import FrameGrid
from second_unit_protocol.results import DeviceInfo, EngineInfo, IgnoredInput, Input, Plan, PlanRequest

from ..base import EngineFrame, JobControl

if TYPE_CHECKING:
    from ...conditioning.shot_data import ShotData

NEEDS = (Input.EDITED_CLIP, Input.REGION_MOTION)
TAKES = (*NEEDS, Input.CAMERA, Input.DEPTH, Input.MOTION)
UNREAD = "Parts moves what the clip shows as it is asked to, and reads nothing else"
BYTES_PER_PIXEL = 150
SECONDS_TO_START = 4.0
SECONDS_PER_PIXEL = 4e-7
INFO = EngineInfo(
    name="parts",
    label="Parts (built in)",
    description="Moves parts of a clip or a still along drawn paths, or lets them sway; invents nothing new",
    takes=TAKES,
    needs=NEEDS,
    captures=(Input.DEPTH,),
    licence="GPL-3.0-or-later",
)


class PartsEngine:
    info: EngineInfo = INFO

    def __init__(self) -> None:
        self._figures: dict[str, float] = {}
        self._notes: tuple[str, ...] = ()

    def plan(self, request: PlanRequest, device: DeviceInfo) -> Plan:
        frames, pixels = max(request.delivery.count, 1), request.width * request.height
        problem = None
        if not set(NEEDS) <= set(request.given):
            cause = "Parts moves regions of a clip, and no region with a motion is named"
            problem = ErrorInfo(ErrorCode.BAD_REQUEST, cause, "Use Move Parts on a strip, or second-unit motion")
        return Plan(
            engine=INFO.name,
            grid=FrameGrid(request.delivery.first, frames, request.delivery.rate, request.delivery.rate),
            capture_width=request.width,
            capture_height=request.height,
            captures=INFO.captures,
            takes=tuple(kind for kind in TAKES if kind in request.given),
            ignores=tuple(IgnoredInput(kind, UNREAD) for kind in request.given if kind not in TAKES),
            memory_bytes=300_000_000 + pixels * BYTES_PER_PIXEL,
            seconds=SECONDS_TO_START + SECONDS_PER_PIXEL * pixels * frames,
            problem=problem,
        )

    def frames(self, shot: ShotData, control: JobControl) -> Iterator[EngineFrame]:
        import numpy as np

        from ...conditioning.moved import MovedParts
        from ...conditioning.source_clip import SourceStream

        stream, moved, invented = SourceStream(shot), MovedParts(shot), 0
        for index in range(len(shot)):
            control.check()
            control.progress("Moving parts", index / len(shot))
            picture = stream.at(index)
            if picture is None:
                cause = f"The clip does not reach its frame {index}"
                raise SecondUnitError(ErrorCode.BAD_REQUEST, cause, shot=shot.request.shot_name)
            image, holes = moved.at(index, picture)
            invented += np.count_nonzero(holes)
            yield EngineFrame(image, image, holes)
        self._figures = {"hole_fraction": invented / (len(shot) * shot.request.width * shot.request.height)}
        self._notes = moved.notes()

    def figures(self) -> dict[str, float]:
        return dict(self._figures)

    def notes(self) -> tuple[str, ...]:
        return self._notes
