# SPDX-License-Identifier: GPL-3.0-or-later
"""Whole frames of a clip that are its region are filled from those before and after them; the others stay."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from second_unit_protocol.errors import ErrorCode, ErrorInfo, SecondUnitError
from second_unit_protocol.grid import FrameGrid
from second_unit_protocol.results import DeviceInfo, EngineInfo, IgnoredInput, Input, Plan, PlanRequest

from ..base import EngineFrame, Frame, JobControl

if TYPE_CHECKING:
    from ...conditioning.shot_data import ShotData

OPTION = "dissolve"
BYTES_PER_PIXEL = 200
SECONDS_PER_PIXEL = 4e-7
INFO = EngineInfo(
    name="morph",
    label="Morph (built in)",
    description="Fills the gap between two clips along the motion from one to the other; invents nothing new",
    takes=(Input.EDITED_CLIP, Input.REGION),
    needs=(Input.EDITED_CLIP, Input.REGION),
    captures=(),
    licence="GPL-3.0-or-later",
)


class MorphEngine:
    """The option ``dissolve`` mixes the two pictures where they are, and moves nothing."""

    info: EngineInfo = INFO

    def __init__(self) -> None:
        self._figures: dict[str, float] = {}

    def plan(self, request: PlanRequest, device: DeviceInfo) -> Plan:
        frames = max(request.delivery.count, 1)
        pixels = request.width * request.height
        problem = None
        if not {Input.EDITED_CLIP, Input.REGION} <= set(request.given):
            cause = "Morph fills a gap between two clips, and there is none"
            problem = ErrorInfo(ErrorCode.BAD_REQUEST, cause, "Bridge two strips, or choose another engine")
        unread = "Morph knows two clips and the gap between them, and reads nothing else"
        return Plan(
            engine=INFO.name,
            grid=FrameGrid(request.delivery.first, frames, request.delivery.rate, request.delivery.rate),
            capture_width=request.width,
            capture_height=request.height,
            captures=INFO.captures,
            takes=tuple(kind for kind in INFO.takes if kind in request.given),
            ignores=tuple(IgnoredInput(kind, unread) for kind in request.given if kind not in INFO.takes),
            memory_bytes=300_000_000 + pixels * BYTES_PER_PIXEL,
            seconds=3.0 + SECONDS_PER_PIXEL * pixels * frames,
            problem=problem,
        )

    def frames(self, shot: ShotData, control: JobControl) -> Iterator[EngineFrame]:
        import numpy as np

        from ...conditioning.source_clip import SourceStream

        stream, gap, before = SourceStream(shot), 0, None
        made = 0
        for index in range(len(shot)):
            control.check()
            control.progress("Morphing", index / len(shot))
            region, picture = shot.region(index), stream.at(index)
            if region is None or picture is None:
                raise self._refused(shot, f"The clip does not reach its frame {index}")
            if region.all():
                gap += 1
                continue
            if region.any():
                raise self._refused(shot, "Morph fills whole frames, and the region is a part of one")
            if gap:
                made += gap
                yield from self._between(before, picture, gap, bool(shot.request.options.get(OPTION, False)), shot)
                gap = 0
            known = np.zeros(picture.shape[:2], np.uint8)
            yield EngineFrame(picture, picture, known)
            before = picture
        if gap:
            raise self._refused(shot, "There is no clip after the gap")
        self._figures = {"hole_fraction": made / len(shot)}

    def figures(self) -> dict[str, float]:
        return dict(self._figures)

    def _between(
        self, before: Frame | None, after: Frame, count: int, dissolve: bool, shot: ShotData
    ) -> Iterator[EngineFrame]:
        import numpy as np

        if before is None:
            raise self._refused(shot, "There is no clip before the gap")
        holes = np.full(after.shape[:2], 255, np.uint8)
        picture_at = _dissolved(before, after) if dissolve else _morphed(before, after)
        for number in range(1, count + 1):
            image = picture_at(number / (count + 1))
            yield EngineFrame(image, image, holes)

    def _refused(self, shot: ShotData, cause: str) -> SecondUnitError:
        return SecondUnitError(ErrorCode.BAD_REQUEST, cause, shot=shot.request.shot_name)


def _dissolved(before: Frame, after: Frame) -> Callable[[float], Frame]:
    import cv2
    import numpy as np

    return lambda time: np.asarray(cv2.addWeighted(before, 1 - time, after, time, 0), np.uint8)


def _morphed(before: Frame, after: Frame) -> Callable[[float], Frame]:
    from ...post.interpolate.flow import FlowBetween

    between = FlowBetween()
    between.begin(0, before, after)
    return between.at
