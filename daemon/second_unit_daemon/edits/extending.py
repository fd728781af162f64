# SPDX-License-Identifier: GPL-3.0-or-later
"""Going on from a clip, forwards or back: the frames at its end are known, what follows is made along the camera.

The request shows some known frames and then the new ones. Its strip hides the known ones but those that go over into
the new (see engines/diffusion/seam.py), so that it can lie over the clip that it goes on from.
"""

from __future__ import annotations

from itertools import islice
from math import ceil

from attrs import evolve, frozen
from second_unit_protocol.errors import ErrorCode, SecondUnitError
from second_unit_protocol.grid import Rate, SceneRange
from second_unit_protocol.shot import Lineage, SceneFacts, ShotRequest, SourceClip, SourceUse

from .asking import BUILT_IN, Frame, Parts, Wish, planned, request_of
from .footage import Footage
from .gathered import Gathered
from .ground import CardGround, Ground, NoGround, picture_motion

CONTEXT = 17  # known frames that are shown to an engine
OVERLAP = 8  # of them, those over which the known goes over into the new
MOVING = 6  # frames over which the motion of a picture is taken
FINEST = 12  # scene frames by which the new part may be longer, to fall on the clip's own frames


@frozen
class Extension:
    """``seconds`` of new picture, after the last frame or (``back``) before the first."""

    seconds: float
    back: bool = False


def extend(
    footage: Footage, scene_rate: Rate, wish: Wish, extension: Extension, frame: Frame, ground: Ground | None,
    lineage: Lineage, blobs: Gathered,
) -> ShotRequest:  # fmt: skip
    """The request of an extension. ``frame``'s delivery is that of what is seen, and is replaced.

    ``ground`` None: nothing is known of a scene. The built-in engine then carries the end's picture on as it moved.
    """
    new = round(extension.seconds * float(scene_rate))
    if new < 1:
        cause = f"{extension.seconds:g} seconds at {float(scene_rate):g} frames a second are no frame"
        raise SecondUnitError(ErrorCode.BAD_REQUEST, cause, shot=frame.shot_name, remedy="Ask for a longer extension")
    context = _context(footage, extension.back)
    delivery = _before(context, new, scene_rate) if extension.back else _after(context, new, scene_rate)
    rate = Rate.of(scene_rate.fraction / footage.step)
    path = blobs.folder / "context.mkv"
    context.write(path, frame.width, frame.height, rate)
    source = SourceClip(blobs.file(path), float(context.start), rate, SourceUse.EXTEND)
    known = ground or (_card(context, extension.back) if (wish.engine or BUILT_IN) == BUILT_IN else NoGround())
    facts = SceneFacts(stand_in=ground is None)
    parts = Parts(source, known.references, lineage=evolve(lineage, edit="extend"), facts=facts)
    placed = evolve(frame, delivery=delivery)
    return request_of(wish, placed, known, parts, planned(wish, placed, known, parts), blobs)


def _context(footage: Footage, back: bool) -> Footage:
    """Known frames at one end of what is seen, beginning on a whole scene frame where there is one."""
    count = min(CONTEXT, footage.count)
    if not back:
        starts = range(footage.count - count, footage.count)
        first = next((k for k in starts if footage.time(k).denominator == 1), footage.count - count)
        return footage.part(first, footage.count - first)
    first = next((k for k in range(footage.count) if footage.time(k).denominator == 1), 0)
    return footage.part(first, min(count, footage.count - first))


def _overlap(context: Footage) -> int:
    """Scene frames at the end of the context that are seen."""
    return min(int(min(OVERLAP, context.count // 2) * context.step), max(int(context.last_time - context.start), 0))


def _after(context: Footage, new: int, rate: Rate) -> SceneRange:
    first, edge = ceil(context.start), int(context.last_time)
    return SceneRange(first, edge + new, rate, handle_before=max(edge - _overlap(context) + 1 - first, 0))


def _before(context: Footage, new: int, rate: Rate) -> SceneRange:
    first = ceil(context.start)
    new = next((n for n in range(new, new + FINEST) if (n / context.step).denominator == 1), new)
    last = int(context.last_time)
    return SceneRange(first - new, last, rate, handle_after=max(last - (first + _overlap(context) - 1), 0))


def _card(context: Footage, back: bool) -> CardGround:
    part = context.part(0 if back else max(context.count - MOVING, 0), min(MOVING, context.count))
    motion = picture_motion(list(islice(part.frames(), MOVING)))
    return CardGround(motion, context.start if back else context.last_time, context.step)
