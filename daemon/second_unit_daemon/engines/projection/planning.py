# SPDX-License-Identifier: GPL-3.0-or-later
"""What the projection engine would do with a shot: sums only, nothing heavy is imported."""

from __future__ import annotations

from second_unit_protocol.errors import REMEDY, ErrorCode, ErrorInfo
from second_unit_protocol.grid import FrameGrid
from second_unit_protocol.results import IgnoredInput, Input, Plan, PlanRequest
from second_unit_protocol.shot import MAX_SIDE, MIN_SIDE

from .info import IGNORED, INFO, NO_CLIP, NO_REGION

BASE_BYTES = 350_000_000
BYTES_PER_PIXEL = 120
BYTES_PER_REFERENCE_PIXEL = 60
SECONDS_PER_PIXEL = 5e-7  # two cores: projection, adherence and both files, measured on the demo
SECONDS_TO_START = 8.0  # a worker, its imports, and kernels that are compiled once


def make_plan(request: PlanRequest) -> Plan:
    """One clip frame for every scene frame of the delivery, at the delivered size."""
    frames = max(request.delivery.count, 1)
    pixels = request.width * request.height
    ignored = _ignored(request)
    return Plan(
        engine=INFO.name,
        grid=FrameGrid(request.delivery.first, frames, request.delivery.rate, request.delivery.rate),
        capture_width=request.width,
        capture_height=request.height,
        captures=INFO.captures,
        takes=tuple(kind for kind in INFO.takes if kind in request.given and kind not in ignored),
        ignores=tuple(IgnoredInput(kind, reason) for kind, reason in ignored.items()),
        memory_bytes=BASE_BYTES + pixels * (BYTES_PER_PIXEL + BYTES_PER_REFERENCE_PIXEL * request.reference_count),
        seconds=SECONDS_TO_START + SECONDS_PER_PIXEL * pixels * frames,
        warnings=_warnings(request),
        problem=_problem(request),
    )


def _ignored(request: PlanRequest) -> dict[Input, str]:
    found = {kind: reason for kind, reason in IGNORED.items() if kind in request.given}
    edited, region = Input.EDITED_CLIP in request.given, Input.REGION in request.given
    if edited and not region:
        found[Input.EDITED_CLIP] = NO_REGION
    if region and not edited:
        found[Input.REGION] = NO_CLIP
    return found


def _warnings(request: PlanRequest) -> tuple[str, ...]:
    inside = [f for f in request.reference_frames if request.delivery.first <= f <= request.delivery.last]
    if request.reference_frames and not inside:
        return ("No reference lies inside the shot's range: most of the picture will have to be filled",)
    return ()


def _problem(request: PlanRequest) -> ErrorInfo | None:
    if request.delivery.count < 1:
        return _error(
            ErrorCode.EMPTY_RANGE, f"The shot runs from frame {request.delivery.first} to {request.delivery.last}"
        )
    if not all(MIN_SIDE <= side <= MAX_SIDE for side in (request.width, request.height)):
        return _error(ErrorCode.BAD_SIZE, f"The shot's size is {request.width} × {request.height}")
    if request.reference_count < 1 and Input.EXTENDED_CLIP not in request.given:
        return _error(ErrorCode.NO_REFERENCE, "Projection needs a picture to carry along the camera")
    return None


def _error(code: ErrorCode, cause: str) -> ErrorInfo:
    return ErrorInfo(code, cause, REMEDY[code])
