# SPDX-License-Identifier: GPL-3.0-or-later
"""Parts of a clip or a still that are to move: along a direction, along a drawn line, or swaying in their place."""

from __future__ import annotations

import re
from fractions import Fraction
from pathlib import Path

import numpy as np
from attrs import evolve, frozen
from numpy.typing import NDArray
from second_unit_cameras.moves import Ease, eased
from second_unit_protocol.errors import ErrorCode, SecondUnitError
from second_unit_protocol.grid import Rate, SceneRange
from second_unit_protocol.shot import Lineage, SceneFacts, ShotRequest

from ..conditioning.shot_data import ShotData
from .asking import Frame, Moving, Parts, Wish, planned, request_of
from .footage import Footage
from .gathered import Gathered
from .ground import Ground, NoGround, TakeGround
from .modifying import Mask, MaskRegions, mask_of, source_of

ENGINE = "parts"
PAIR = r"(-?\d+(?:\.\d+)?),(-?\d+(?:\.\d+)?)"
HOW = "Write for example deer.png go:40,0 or leaf.png sway:3,1:1.5 or boat.png along:0,0;60,10;90,40"


@frozen(eq=False)
class Part:
    """``speed_px`` a second, right and down; ``line`` (N, 2) pixels, followed from its first point over the clip's
    length; ``ease`` of either; ``sway_px`` to each side of where it is, once there and back in ``sway_s``."""

    mask: Mask
    speed_px: tuple[float, float] = (0.0, 0.0)
    line: NDArray[np.float64] | None = None
    ease: Ease = Ease.LINEAR
    sway_px: tuple[float, float] = (0.0, 0.0)
    sway_s: float = 2.0

    def gone(self, share: float, seconds: float) -> NDArray[np.float64]:
        """(2,) pixels after ``share`` 0 … 1 of a clip of ``seconds``."""
        way = eased(share, self.ease)
        straight = np.array(self.speed_px) * seconds * way
        if self.line is None:
            return straight
        steps = np.linalg.norm(np.diff(self.line, axis=0), axis=1)
        along = np.concatenate([[0.0], np.cumsum(steps)])
        at = [np.interp(way * along[-1], along, self.line[:, axis]) for axis in (0, 1)]
        return straight + np.array(at) - self.line[0]


def part_of(words: str) -> Part:
    """``MASK`` with one or more of ``go:RIGHT,DOWN[:EASE]``, ``along:X,Y;X,Y;…[:EASE]``, ``sway:RIGHT,DOWN[:SECONDS]``.

    Raises SecondUnitError for other words."""
    found = re.fullmatch(r"(.+?)((?: +(?:go|along|sway):\S+)+) *", words)
    if not found:
        raise _refused(f"{words!r} does not say how a part moves", HOW)
    part = Part(mask_of(found[1]))
    for word in found[2].split():
        kind, told = word.split(":", 1)
        part = {"go": _go, "along": _along, "sway": _sway}[kind](part, told)
    return part


def _go(part: Part, told: str) -> Part:
    found = re.fullmatch(rf"{PAIR}(?::(\w+))?", told)
    if not found:
        raise _refused(f"go:{told} is no direction", "Write pixels a second right and down: go:40,-10")
    return evolve(part, speed_px=(float(found[1]), float(found[2])), ease=_ease(found[3], Ease.LINEAR))


def _along(part: Part, told: str) -> Part:
    points, _, ease = told.partition(":")
    found = [re.fullmatch(PAIR, point) for point in points.split(";")]
    line = np.array([[float(p[1]), float(p[2])] for p in found if p])
    if len(line) < 2 or len(line) < len(found):
        raise _refused(f"along:{told} is no line", "Write points in pixels of the picture: along:10,40;80,20")
    return evolve(part, line=line, ease=_ease(ease, Ease.IN_OUT))


def _sway(part: Part, told: str) -> Part:
    found = re.fullmatch(rf"{PAIR}(?::(\d+(?:\.\d+)?))?", told)
    seconds = float(found[3]) if found and found[3] else 2.0
    if not found or seconds <= 0:
        raise _refused(f"sway:{told} is no sway", "Write pixels right and down, and seconds for a swing: sway:3,1:2")
    return evolve(part, sway_px=(float(found[1]), float(found[2])), sway_s=seconds)


def _ease(name: str | None, default: Ease) -> Ease:
    if not name:
        return default
    if name.upper() not in Ease.__members__:
        raise _refused(f"{name} is no ease", f"Choose one of {', '.join(e.value.lower() for e in Ease)}")
    return Ease[name.upper()]


def move_parts(
    footage: Footage, rate: Rate, wish: Wish, frame: Frame, parts: tuple[Part, ...], base: ShotData | None,
    lineage: Lineage, strength: float, blobs: Gathered,
) -> ShotRequest:  # fmt: skip
    """The request of a clip whose ``parts`` move; an engine of the wish that takes no such motion says so."""
    if not parts:
        raise _refused("No part is named that is to move", HOW)
    wish = evolve(wish, engine=wish.engine or ENGINE)
    ground: Ground = TakeGround(base) if base is not None else NoGround()
    source = source_of(footage, Rate.of(rate.fraction / footage.step), strength, frame, blobs)
    delivery = SceneRange(-int(-footage.start // 1), int(footage.last_time), rate)
    moving = tuple(_moving(part, footage, rate, frame, base) for part in parts)
    facts = SceneFacts(stand_in=not ground.has_camera)
    placed = evolve(frame, delivery=delivery)
    # References would show the parts where they were.
    whole = Parts(source, moving=moving, lineage=evolve(lineage, edit="motion"), facts=facts)
    return request_of(wish, placed, ground, whole, planned(wish, placed, ground, whole), blobs)


def _moving(part: Part, footage: Footage, rate: Rate, frame: Frame, base: ShotData | None) -> Moving:
    regions = MaskRegions(part.mask, footage, frame, base)
    span = max(footage.last_time - footage.start, footage.step)
    seconds = float(span / rate.fraction)

    def gone(time: Fraction) -> NDArray[np.float64]:
        return part.gone(float(min(max((time - footage.start) / span, Fraction(0)), Fraction(1))), seconds)

    return Moving(part.mask.path.stem, regions, gone, part.sway_px, part.sway_s)


def still_footage(picture: Path, frames: int, rate: Rate, place: int, folder: Path) -> Footage:
    """A still, held for ``frames``. Raises SecondUnitError where it cannot be read."""
    from ..conditioning.pictures.pinned import read_picture
    from ..encode.master import MasterWriter
    from .footage import open_footage

    image = read_picture(picture)
    height, width = image.shape[:2]
    path = folder / f"{picture.stem}.mkv"
    with MasterWriter(path, width, height, rate, {"held": picture.name}) as out:
        for _ in range(frames):
            out.write(image)
    return open_footage(path, rate, start=Fraction(place))[0]


def _refused(cause: str, remedy: str) -> SecondUnitError:
    return SecondUnitError(ErrorCode.BAD_REQUEST, cause, remedy=remedy)
