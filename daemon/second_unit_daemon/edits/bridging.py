# SPDX-License-Identifier: GPL-3.0-or-later
"""From one clip to the next: the end of the first and the beginning of the second are known, what lies between is made.

The known frames and a gap become one source clip whose region is the gap. Models that know only a first and a last
picture get the two frames beside the gap as references.
"""

from __future__ import annotations

from fractions import Fraction

import cv2
import numpy as np
from attrs import evolve, frozen
from second_unit_protocol.errors import ErrorCode, SecondUnitError
from second_unit_protocol.grid import Rate, SceneRange
from second_unit_protocol.results import Input
from second_unit_protocol.shot import Lineage, Reference, SceneFacts, ShotRequest, SourceClip, SourceUse

from ..conditioning.framing import covering
from ..conditioning.shot_data import pack_array
from ..encode.master import MasterWriter
from ..engines import registry
from .asking import Frame, Gap, Parts, Wish, planned, request_of
from .footage import Footage
from .gathered import Gathered
from .ground import NoGround

KNOWN = 8  # frames of each clip beside the gap
GREY = 128
MORPH = "morph"


@frozen(eq=False)
class Bridge:
    """``frames`` new scene frames between two clips, the first of them at scene frame ``place``."""

    before: Footage
    after: Footage
    frames: int
    place: int


def bridge(asked: Bridge, rate: Rate, wish: Wish, frame: Frame, lineage: Lineage, blobs: Gathered) -> ShotRequest:
    """The request of a transition; both clips are taken frame by frame at the scene's rate. Its strip shows the gap."""
    if asked.frames < 1:
        raise _refused("There is no gap between the two clips", "Ask for at least one frame", frame)
    wish = evolve(wish, engine=wish.engine or MORPH)
    takes = registry.create(wish.engine).info.takes
    facts, known = SceneFacts(stand_in=True), NoGround()
    lineage = evolve(lineage, edit="bridge")
    last = asked.place + asked.frames - 1
    if Input.REGION in takes and Input.EDITED_CLIP in takes:
        before, after = min(KNOWN, asked.before.count), min(KNOWN, asked.after.count)
        delivery = SceneRange(asked.place - before, last + after, rate, before, after)
        path = blobs.folder / "bridge.mkv"
        _write(asked, path, frame, before, after, rate)
        source = SourceClip(blobs.file(path), float(delivery.first), rate, SourceUse.EDIT)
        regions = Gap(asked.place - Fraction(1, 2), last + Fraction(1, 2))
        parts = Parts(source, regions=regions, lineage=lineage, facts=facts)
    elif Input.REFERENCES in takes:
        delivery = SceneRange(asked.place - 1, last + 1, rate, 1, 1)
        references = tuple(
            _pinned(footage, frame, at, blobs)
            for footage, at in (
                (asked.before.part(asked.before.count - 1, 1), delivery.first),
                (asked.after.part(0, 1), delivery.last),
            )
        )
        parts = Parts(references=references, lineage=lineage, facts=facts)
    else:
        cause = f"{wish.engine} cannot meet two clips: it takes neither a region of a clip nor pictures"
        raise _refused(cause, f"Choose {MORPH}, Wan VACE or a model of first and last frames", frame)
    placed = evolve(frame, delivery=delivery)
    return request_of(wish, placed, known, parts, planned(wish, placed, known, parts), blobs)


def _write(asked: Bridge, path, frame: Frame, before: int, after: int, rate: Rate) -> None:
    with MasterWriter(path, frame.width, frame.height, rate, {"bridge": frame.shot_name}) as out:
        for picture in asked.before.part(asked.before.count - before, before).frames():
            out.write(covering(picture, frame.width, frame.height))
        for _ in range(asked.frames):
            out.write(np.full((frame.height, frame.width, 3), GREY, np.uint8))
        for picture in asked.after.part(0, after).frames():
            out.write(covering(picture, frame.width, frame.height))


def _pinned(footage: Footage, frame: Frame, at: int, blobs: Gathered) -> Reference:
    picture = covering(next(footage.frames()), frame.width, frame.height)
    encoded = cv2.imencode(".png", cv2.cvtColor(picture, cv2.COLOR_RGB2BGR))[1].tobytes()
    view = NoGround().view(Fraction(at), frame.width, frame.height)
    return Reference(
        name=f"{footage.path.name} at the gap",
        scene_frame=float(at),
        image=blobs.add(encoded),
        c2w=pack_array(view.c2w),
        intrinsics=pack_array(view.intrinsics),
        width=frame.width,
        height=frame.height,
    )


def _refused(cause: str, remedy: str, frame: Frame) -> SecondUnitError:
    return SecondUnitError(ErrorCode.BAD_REQUEST, cause, shot=frame.shot_name, remedy=remedy)
