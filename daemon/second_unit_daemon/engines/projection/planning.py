# SPDX-License-Identifier: GPL-3.0-or-later
"""What the projection engine would do with a shot: sums only, nothing heavy is imported."""

from __future__ import annotations

from second_unit_protocol.errors import REMEDY, ErrorCode, ErrorInfo
from second_unit_protocol.grid import FrameGrid
from second_unit_protocol.limits import MAX_SIDE, MIN_SIDE
from second_unit_protocol.results import IgnoredInput, Input, Plan, PlanRequest

from ...style import words
from .info import IGNORED, INFO, NO_CLIP, NO_REGION, NO_STYLE

BASE_BYTES = 350_000_000
BYTES_PER_PIXEL = 120
BYTES_PER_REFERENCE_PIXEL = 60
# Of references' finer geometry, and how many samples it has: five times along a pixel's sides, three where that is more
# than FINE_SAMPLES in all (the add-on's core/sizes.py).
BYTES_PER_SAMPLE, FINE_SAMPLES = 10, 64_000_000
SECONDS_PER_PIXEL = 5e-7  # two cores: projection, adherence and both files, measured on the demo
STYLES = (Input.STYLE, Input.STYLE_PICTURE, Input.STYLE_STRENGTH)
STYLE_BYTES = 1_300_000_000  # one run of the style network over its largest sheet
EXTRA_KEYS = 4  # frames that are drawn in a style beside those with references, as a rule
SECONDS_PER_STYLED_PIXEL = 6e-6
SECONDS_TO_START = 8.0  # a worker, its imports, and kernels that are compiled once


def make_plan(request: PlanRequest) -> Plan:
    """One clip frame for every scene frame of the delivery, at the delivered size."""
    frames = max(request.delivery.count, 1)
    pixels = request.width * request.height
    ignored = _ignored(request)
    styled = wears_style(request, ignored)
    keys = request.reference_count + EXTRA_KEYS if styled else 0
    return Plan(
        engine=INFO.name,
        grid=FrameGrid(request.delivery.first, frames, request.delivery.rate, request.delivery.rate),
        capture_width=request.width,
        capture_height=request.height,
        captures=INFO.captures,
        takes=tuple(kind for kind in INFO.takes if kind in request.given and kind not in ignored),
        ignores=tuple(IgnoredInput(kind, reason) for kind, reason in ignored.items()),
        memory_bytes=BASE_BYTES
        + pixels * (BYTES_PER_PIXEL + BYTES_PER_REFERENCE_PIXEL * (request.reference_count + keys))
        + BYTES_PER_SAMPLE * _fine_samples(pixels * request.reference_count)
        + (STYLE_BYTES if styled else 0),
        seconds=SECONDS_TO_START + pixels * (SECONDS_PER_PIXEL * frames + SECONDS_PER_STYLED_PIXEL * keys),
        warnings=_warnings(request),
        problem=_problem(request),
    )


def _fine_samples(pixels: int) -> int:
    """At most; ``pixels`` of all references."""
    return min(5**2 * pixels, max(FINE_SAMPLES, 3**2 * pixels))


def wears_style(request: PlanRequest, ignored: dict[Input, str]) -> bool:
    """Whether the clip is drawn in another look."""
    return any(kind in request.given and kind not in ignored for kind in (Input.STYLE, Input.STYLE_PICTURE))


def _ignored(request: PlanRequest) -> dict[Input, str]:
    found = {kind: reason for kind, reason in IGNORED.items() if kind in request.given}
    edited, region = Input.EDITED_CLIP in request.given, Input.REGION in request.given
    if edited and not region:
        found[Input.EDITED_CLIP] = NO_REGION
    if region and not edited:
        found[Input.REGION] = NO_CLIP
    return found | {kind: reason for kind, reason in _ignored_style(request).items() if kind in request.given}


def _ignored_style(request: PlanRequest) -> dict[Input, str]:
    if why := words.missing():
        return dict.fromkeys(STYLES, why)
    if Input.EXTENDED_CLIP in request.given:
        return dict.fromkeys(STYLES, NO_STYLE)
    reasons = {}
    if Input.STYLE_PICTURE in request.given:
        reasons[Input.STYLE] = "The style's picture says it all: its words are not read beside it"
    elif words.find(request.style) is None:
        reasons[Input.STYLE] = f"Projection draws these looks: {', '.join(words.names())}, and any picture's"
    if not {Input.STYLE, Input.STYLE_PICTURE} & (set(request.given) - set(reasons)):
        reasons[Input.STYLE_STRENGTH] = "There is no style that it could weaken"
    return reasons


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
