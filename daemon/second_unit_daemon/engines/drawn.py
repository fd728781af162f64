# SPDX-License-Identifier: GPL-3.0-or-later
"""One frame drawn in a look by the style network on the processor: a reference for those who have no card.

It draws over what is there, the scene's captured colours or a source picture, so the picture fits the scene; it invents
nothing. Light: what is heavy is imported when a frame is drawn.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from attrs import evolve
from second_unit_protocol.errors import ErrorCode, ErrorInfo, SecondUnitError
from second_unit_protocol.grid import FrameGrid
from second_unit_protocol.results import DeviceInfo, EngineInfo, IgnoredInput, Input, Plan, PlanRequest
from second_unit_protocol.shot import ShotRequest

from ..style import words
from .base import EngineFrame, JobControl

if TYPE_CHECKING:
    from ..conditioning.shot_data import ShotData
    from ..style.network import Look

STYLES = (Input.STYLE, Input.STYLE_PICTURE, Input.STYLE_STRENGTH)
INFO = EngineInfo(
    name="style-network",
    label="Style Network (built in)",
    description="Draws one frame's own colours in a look, by words or a picture; needs no card and invents nothing",
    takes=(Input.COLOUR, Input.EDITED_CLIP, Input.PROMPT, *STYLES),
    needs=(),
    captures=(Input.COLOUR,),
    licence="GPL-3.0-or-later; networks MIT",
    frame_rule="1",
)
IGNORED = {
    Input.CAMERA: "The frame is drawn over as it is seen",
    Input.DEPTH: "The frame is drawn over as it is: what it shows stays where it is",
    Input.MOTION: "Nothing moves in a picture",
    Input.MOTION_STRENGTH: "Nothing moves in a picture",
    Input.REFERENCES: "It draws over the scene's colours or a source picture; references have no part in it",
    Input.EXTENDED_CLIP: "A picture has no length that could be extended",
    Input.REGION: "The whole picture is drawn",
    Input.REGION_MOTION: "Nothing moves in a picture",
    Input.CHARACTERS: "It knows looks, not things: characters have no part in it",
    Input.LORAS: "The style network takes no LoRAs",
    Input.NEGATIVE_PROMPT: "It knows looks by name and nothing to keep clear of",
    Input.SEED: "It uses no random numbers: the same frame and look give the same picture",
    Input.QUALITY: "It always works at its full quality",
}
BYTES = 1_400_000_000
SECONDS_PER_PIXEL = 6e-6  # as the projection engine counts it
SECONDS_TO_START = 8.0


class StyleNetworkEngine:
    """A still; see the module."""

    def __init__(self) -> None:
        why = words.missing()
        self.info = evolve(INFO, available=not why, unavailable_reason=why)
        self._look = ""

    def plan(self, request: PlanRequest, device: DeviceInfo) -> Plan:
        delivery = request.delivery
        ignored = {kind: IGNORED[kind] for kind in request.given if kind in IGNORED}
        if Input.STYLE_PICTURE in request.given:
            pictured = "The style's picture says it all: words are not read beside it"
            ignored |= {kind: pictured for kind in (Input.STYLE, Input.PROMPT) if kind in request.given}
        return Plan(
            engine=INFO.name,
            grid=FrameGrid(delivery.first, max(delivery.count, 1), delivery.rate, delivery.rate),
            capture_width=request.width,
            capture_height=request.height,
            captures=INFO.captures,
            takes=tuple(kind for kind in request.given if kind not in ignored),
            ignores=tuple(IgnoredInput(kind, reason) for kind, reason in ignored.items()),
            memory_bytes=BYTES,
            seconds=SECONDS_TO_START + request.width * request.height * SECONDS_PER_PIXEL,
            warnings=(f"It knows these looks: {', '.join(words.names())}, and any picture's",),
            problem=_problem(request),
        )

    def frames(self, shot: ShotData, control: JobControl) -> Iterator[EngineFrame]:
        from ..style.sheet import restyled

        control.progress("loading weights", 0.0)
        look, (picture, strength) = _look(shot), _picture(shot)
        control.check()
        control.progress("drawing", 0.0)
        self._look = look.name
        (drawn,) = restyled([picture], look, strength)
        yield EngineFrame(drawn, drawn)

    def figures(self) -> dict[str, float]:
        return {}

    def facts(self) -> dict[str, str]:
        """The look, for the provenance."""
        return {"style": self._look}


def _problem(request: PlanRequest) -> ErrorInfo | None:
    if request.delivery.count > 1:
        cause = f"The style network draws one picture, and the shot has {request.delivery.count} frames"
        return ErrorInfo(ErrorCode.TOO_LONG, cause, "Make it one frame long, or choose an engine for video")
    if not {Input.STYLE, Input.STYLE_PICTURE, Input.PROMPT} & set(request.given):
        cause = "The style network needs a look, in words or as a picture"
        return ErrorInfo(ErrorCode.BAD_REQUEST, cause, f"Name one of {', '.join(words.names())}")
    return None


def _look(shot: ShotData) -> Look:
    """By the style's picture, else by its words, else by the prompt's. Raises SecondUnitError where none is known."""
    from ..conditioning.pictures.pinned import read_picture
    from ..style.network import Network

    request: ShotRequest = shot.request
    if request.style_picture is not None:
        return Network().like(read_picture(shot.blob_path(request.style_picture)), "a picture")
    return Network().by_name(words.find(request.style) or words.needed(f"{request.style} {request.prompt}"))


def _picture(shot: ShotData):
    """(what is drawn over at the delivered size, how far from it)."""
    from ..conditioning.framing import covering
    from ..conditioning.source_clip import none_shown, source_frames

    request = shot.request
    if request.source is not None:
        found = source_frames(shot, [0], lambda frame: covering(frame, request.width, request.height))
        if not found:
            raise none_shown(shot)
        return found[0], request.source.strength
    plate = shot.colour(0)
    if plate is None:
        cause = "The shot came without the scene's colours"
        raise SecondUnitError(ErrorCode.BAD_REQUEST, cause, shot=request.shot_name, remedy="Switch them on: Options")
    return plate, request.style_strength
