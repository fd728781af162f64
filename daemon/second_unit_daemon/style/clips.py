# SPDX-License-Identifier: GPL-3.0-or-later
"""A clip on disk in another look: along its shot's exact motion where that is known, else along its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from functools import partial
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np
from second_unit_protocol.errors import ErrorCode, SecondUnitError

from ..conditioning.projection.finishing import finished
from ..conditioning.projection.projector import Projector
from ..conditioning.projection.references import delivered
from ..encode.delivery import DeliveryWriter
from ..post.clip import SourceClip
from ..post.conform import conform
from ..post.finish import Finished, Told, carried_on, format_of
from ..post.target import check_target
from .footage import Footage
from .keys import in_look
from .network import Look, Picture

if TYPE_CHECKING:
    from ..conditioning.shot_data import ShotData

DISAGREES = 16.0  # levels, median after a blur: the clip does not show what its shot's geometry says
PROBES = 4


def restyle(
    source: SourceClip,
    look: Look,
    strength: float,
    out: Path,
    shot: ShotData | None = None,
    told: Told = lambda done, total: None,
) -> Finished:
    """Writes ``source`` in ``look`` to ``out``, as long and as fast, with its sound and alpha.

    ``shot`` is what the whole clip was shot from, also where a part of it is asked for. Raises SecondUnitError where
    the clip is not of that shot.
    """
    if out.resolve() == source.path.resolve():
        raise SecondUnitError(ErrorCode.BAD_REQUEST, f"{out.name} is the clip itself", remedy="Name another file")
    stream, form = source.stream, format_of(out)
    check_target(out, form.suffix, form.what)
    motion = "exact" if shot else "estimated (DIS)"
    facts: dict[str, Any] = {"step": "restyle", "style": look.name, "strength": strength, "motion": motion}
    frames = _of_shot(source, look, strength, shot, facts) if shot else _of_footage(source, look, strength, facts)
    heard = source.sound()
    before = carried_on(source, [facts])
    size = stream.width, stream.height
    writer = DeliveryWriter(out, form, *size, stream.rate, before, alpha=stream.alpha, sound=heard)
    with closing(frames), writer:
        for done, frame in enumerate(_with_alpha(frames, source), 1):
            writer.write(frame)
            told(done, stream.frames)
    return Finished(out, stream, carried_on(source, [facts]), writer.lost_alpha, heard is not None and not form.sound)


def _of_footage(source: SourceClip, look: Look, strength: float, facts: dict[str, Any]):
    footage = Footage(look, strength, float(source.stream.rate))
    yield from footage.run(_opaque(source))
    facts |= {"key_frames": footage.done.keys, "drawn_in_part": footage.done.drawn}


def _of_shot(source: SourceClip, look: Look, strength: float, shot: ShotData, facts: dict[str, Any]):
    """Clip frames that the source shows are keys; the source is at the engine's rate, or the delivery's. A part of it
    is drawn with the keys of the whole, so that it looks as it does there."""
    first, count = source.stream.first, source.stream.frames
    source = source.part(0, source.stream.of)
    place = _places(source, shot)
    request = shot.request
    size = request.width, request.height

    def frame_of(i: int) -> Picture:
        picture = next(islice(_opaque(source), place(i), None))
        return _sized(picture, *size)

    keyed = in_look(
        shot, (0, len(shot) - 1), frame_of, look, strength, lambda stage, share: None, lambda: None,
        partial(_agree, frame_of),
    )  # fmt: skip
    facts["key_frames"] = len(keyed.references)
    projector = Projector(keyed)
    made = (finished(projector, i)[0] for i in range(len(shot)))
    if source.stream.frames != len(shot):
        made = conform(made, request.grid, request.delivery)
    for picture in islice(made, first, first + count):
        yield _sized(picture, source.stream.width, source.stream.height)


def _agree(frame_of: Callable[[int], Picture], keyed: ShotData) -> None:
    """Raises SecondUnitError where the clip's frames are not what its keys look like along the shot's motion."""
    projector = Projector(keyed)
    frames = np.linspace(0, len(keyed) - 1, PROBES + 2)[1:-1].round().astype(int)
    apart = []
    for frame in dict.fromkeys(frames.tolist()):
        p = projector.frame(frame)
        known = delivered(keyed, p.known) > 0
        if known.any():
            off = _soft(delivered(keyed, p.image)) - _soft(frame_of(frame))
            apart.append(float(np.median(np.abs(off).max(-1)[known])))
    if apart and float(np.median(apart)) > DISAGREES:
        raise SecondUnitError(
            ErrorCode.BAD_REQUEST,
            f"The clip does not move as its shot does: {np.median(apart):.0f} levels apart along the shot's motion",
            shot=keyed.request.shot_name,
            remedy="Leave --shot out, or Exact Motion: the clip's own motion is then estimated",
        )


def _places(source: SourceClip, shot: ShotData) -> Callable[[int], int]:
    """Which frame of the source shows a clip frame of the shot."""
    grid, delivery, count = shot.request.grid, shot.request.delivery, source.stream.frames
    if count == grid.count:
        return lambda i: i
    if count == delivery.count:
        return lambda i: min(max(round(float(grid.scene_frame(i))) - delivery.first, 0), count - 1)
    cause = f"The clip has {count} frames; the shot has {grid.count}, delivered as {delivery.count}"
    remedy = "Give a clip of this shot, or leave --shot out, or Exact Motion"
    raise SecondUnitError(ErrorCode.BAD_REQUEST, cause, shot=shot.request.shot_name, remedy=remedy)


def _sized(picture: Picture, width: int, height: int) -> Picture:
    if picture.shape[:2] == (height, width):
        return picture
    how = cv2.INTER_AREA if picture.shape[1] > width else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(picture, (width, height), interpolation=how), np.uint8)


def _opaque(source: SourceClip) -> Iterator[Picture]:
    return (np.ascontiguousarray(frame[..., :3]) for frame in source.frames())


def _with_alpha(frames: Iterator[Picture], source: SourceClip) -> Iterator[Picture]:
    if not source.stream.alpha:
        yield from frames
        return
    for picture, own in zip(frames, source.frames(), strict=True):
        yield np.dstack((picture, own[..., 3]))


def _soft(picture: Picture):
    return cv2.GaussianBlur(picture.astype(np.float32), (0, 0), 2.0)
