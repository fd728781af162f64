# SPDX-License-Identifier: GPL-3.0-or-later
"""What models that start from one picture, that of the first frame, say about references. Sums only."""

from __future__ import annotations

from second_unit_protocol.errors import REMEDY, ErrorCode, ErrorInfo
from second_unit_protocol.results import PlanRequest

from ..spec import ModelSpec


def on_first_frame(request: PlanRequest, spec: ModelSpec) -> bool:
    """Whether a reference is pinned to what the first clip frame shows, or less than half a clip frame off it."""
    rate = spec.rate or request.delivery.rate
    half = float(request.delivery.rate.fraction / rate.fraction) / 2
    return any(abs(frame - request.delivery.first) < half for frame in request.reference_frames)


def no_first_frame(request: PlanRequest, spec: ModelSpec) -> ErrorInfo | None:
    """The problem of a shot without a picture of its first frame."""
    if on_first_frame(request, spec):
        return None
    pinned = ", ".join(f"{frame:g}" for frame in request.reference_frames)
    cause = f"{spec.label} starts from a picture of the shot's first frame, {request.delivery.first}; " + (
        f"the references are pinned to {pinned}" if pinned else "the shot has no reference"
    )
    return ErrorInfo(ErrorCode.NO_REFERENCE, cause, REMEDY[ErrorCode.NO_REFERENCE])


def others_unused(request: PlanRequest, spec: ModelSpec) -> tuple[str, ...]:
    """The warning that only one of several references is used."""
    if len(request.reference_frames) < 2:
        return ()
    return (
        f"{spec.label} takes one picture, that of the first frame; the other "
        f"{len(request.reference_frames) - 1} have no part in the shot",
    )
