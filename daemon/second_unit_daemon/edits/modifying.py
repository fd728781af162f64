# SPDX-License-Identifier: GPL-3.0-or-later
"""A clip changed inside a region: a grey picture, a clip of them, or one of one time that follows the surfaces."""

from __future__ import annotations

import re
from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np
from attrs import evolve, frozen
from numpy.typing import NDArray
from second_unit_protocol.errors import ErrorCode, SecondUnitError
from second_unit_protocol.grid import Rate, SceneRange
from second_unit_protocol.shot import Lineage, Reference, SceneFacts, ShotRequest, SourceClip, SourceUse

from ..conditioning.flow import flow, seen_at
from ..conditioning.framing import covering
from ..conditioning.pictures.pinned import PinnedPicture
from ..conditioning.shot_data import ShotData, pack_array
from ..post.clip import PICTURES, open_clip, read_picture
from .asking import BUILT_IN, Frame, Parts, Wish, planned, request_of
from .footage import Footage
from .gathered import Gathered
from .ground import CardGround, Ground, NoGround, TakeGround

STANDS_STILL = (0.0, 0.0, 0.0, 1.0)
HALF = 127  # of 255: lighter may be changed


@frozen(eq=False)
class Mask:
    """A file whose light pixels may be changed. ``frame``: the seen frame that it was drawn on; None: it stands for
    all, or, being a clip or a folder, its picture k for seen frame k. ``invert``: the dark ones instead."""

    path: Path
    frame: int | None = None
    invert: bool = False


def mask_of(words: str, invert: bool = False) -> Mask:
    """``MASK.png``, or ``MASK.png@24`` that was drawn on seen frame 24."""
    pinned = re.fullmatch(r"(.+)@(\d+)", words)
    if pinned and not Path(words).exists():
        return Mask(Path(pinned[1]).expanduser(), int(pinned[2]), invert)
    return Mask(Path(words).expanduser(), None, invert)


class MaskRegions:
    """Region planes at any time of what is seen; with a captured shot a mask of one frame follows its surfaces."""

    def __init__(self, mask: Mask, footage: Footage, frame: Frame, base: ShotData | None):
        self._mask, self._footage, self._frame, self._base = mask, footage, frame, base
        size = frame.width, frame.height
        if mask.path.suffix.lower() in PICTURES:
            self._pictures = [_light(read_picture(mask.path), size, mask.invert)]
        else:
            self._pictures = [_light(picture, size, mask.invert) for picture in open_clip(mask.path).frames()]
        if not any(picture.any() for picture in self._pictures):
            cause = f"{mask.path.name} has no {'dark' if mask.invert else 'light'} part, so that nothing would change"
            raise SecondUnitError(ErrorCode.BAD_REQUEST, cause, remedy="Paint white what may be changed")

    def plane(self, time: Fraction, width: int, height: int) -> NDArray[np.uint8]:
        seen = round((time - self._footage.start) / self._footage.step)
        inner = self._at(min(max(seen, 0), self._footage.count - 1), time)
        top, left = (height - inner.shape[0]) // 2, (width - inner.shape[1]) // 2
        return np.pad(inner, ((top, height - inner.shape[0] - top), (left, width - inner.shape[1] - left)))

    def _at(self, seen: int, time: Fraction) -> NDArray[np.uint8]:
        if len(self._pictures) > 1:
            # One for each seen frame; where they are not as many, one for each scene frame, as Blender renders masks.
            place = seen if len(self._pictures) == self._footage.count else round(time - self._footage.start)
            return self._pictures[min(max(place, 0), len(self._pictures) - 1)]
        if self._mask.frame is None or self._base is None or self._base.request.depth is None:
            return self._pictures[0]
        return self._followed(time)

    def _followed(self, time: Fraction) -> NDArray[np.uint8]:
        """Where the surfaces that the mask covers at its own time are now."""
        base = self._base
        assert base is not None and self._mask.frame is not None and base.request.depth is not None
        grid = base.request.grid
        here, there = grid.nearest(time), grid.nearest(self._footage.time(self._mask.frame))
        if here == there:
            return self._pictures[0]
        moved = flow(base, here, there)
        planes = base.request.depth
        whole = np.zeros((planes.height, planes.width), np.uint8)
        inside = _middle(planes.width, planes.height, self._frame)
        whole[inside] = self._pictures[0]
        y, x = np.indices(whole.shape, np.float32)
        place = np.dstack([x, y]) + moved.vectors
        found = cv2.remap(whole, place[..., 0], place[..., 1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT)
        seen = np.where(seen_at(base, moved, there) & (found > HALF), 255, 0).astype(np.uint8)
        closed = cv2.morphologyEx(seen, cv2.MORPH_CLOSE, np.ones((3, 3), np.uint8))
        return np.ascontiguousarray(np.asarray(closed, np.uint8)[inside])


def modify(
    footage: Footage, rate: Rate, wish: Wish, frame: Frame, mask: Mask, painted: tuple[PinnedPicture, ...],
    base: ShotData | None, lineage: Lineage, strength: float, blobs: Gathered,
) -> ShotRequest:  # fmt: skip
    """The request of a change inside ``mask``. ``painted``: pictures that show it done, pinned to seen frames."""
    ground: Ground = _ground(wish, base)
    clip_rate = Rate.of(rate.fraction / footage.step)
    source = source_of(footage, clip_rate, strength, frame, blobs)
    first, last = footage.start, footage.last_time
    delivery = SceneRange(-int(-first // 1), int(last), rate)
    regions = MaskRegions(mask, footage, frame, base)
    references = tuple(_reference(p, footage, frame, ground, blobs) for p in painted)
    if not references and (wish.engine or BUILT_IN) == BUILT_IN:
        if not wish.style:
            raise SecondUnitError(
                ErrorCode.BAD_REQUEST,
                "The built-in engine invents nothing, and no picture shows the change",
                shot=frame.shot_name,
                remedy="Give a frame with the change painted in, a style, or choose a model that reads words",
            )
        references = ground.references  # drawn in the style. A model would bring back with them how it was
    parts = Parts(
        source,
        references,
        regions,
        evolve(lineage, edit="modify"),
        SceneFacts(stand_in=base is None),
    )
    placed = evolve(frame, delivery=delivery)
    return request_of(wish, placed, ground, parts, planned(wish, placed, ground, parts), blobs)


def _ground(wish: Wish, base: ShotData | None) -> Ground:
    if base is not None:
        return TakeGround(base)
    if (wish.engine or BUILT_IN) == BUILT_IN:
        return CardGround(STANDS_STILL, Fraction(0), Fraction(1))
    return NoGround()


def source_of(footage: Footage, rate: Rate, strength: float, frame: Frame, blobs: Gathered) -> SourceClip:
    """The file itself where it can be read as it is seen; else a lossless copy of what is seen."""
    start = float(footage.start - footage.first * footage.step)
    if footage.steady is None and not footage.backwards and (footage.width, footage.height) == (
        frame.width, frame.height,
    ):  # fmt: skip
        ref = blobs.file(footage.path)
        return SourceClip(ref, start, rate, SourceUse.EDIT, strength, footage.first, footage.count)
    path = blobs.folder / "source.mkv"
    footage.write(path, frame.width, frame.height, rate)
    return SourceClip(blobs.file(path), float(footage.start), rate, SourceUse.EDIT, strength)


def _reference(painted: PinnedPicture, footage: Footage, frame: Frame, ground: Ground, blobs: Gathered) -> Reference:
    if painted.frame >= footage.count:
        cause = f"{painted.name} is pinned to frame {painted.frame}; {footage.count} frames are seen"
        raise SecondUnitError(ErrorCode.REFERENCE_OUTSIDE, cause, remedy="Pin it to one of them, counted from 0")
    time = footage.time(painted.frame)
    view = ground.view(time, frame.width, frame.height)
    encoded = cv2.imencode(".png", cv2.cvtColor(painted.image, cv2.COLOR_RGB2BGR))[1].tobytes()
    return Reference(
        name=painted.name,
        scene_frame=float(time),
        image=blobs.add(encoded),
        c2w=pack_array(view.c2w),
        intrinsics=pack_array(view.intrinsics),
        width=frame.width,
        height=frame.height,
        depth=None if view.depth is None else blobs.plane(view.depth),
        index=None if view.index is None else blobs.plane(view.index),
        matrices=pack_array(view.matrices) if ground.tracks else None,
    )


def _middle(width: int, height: int, frame: Frame) -> tuple[slice, slice]:
    top, left = (height - frame.height) // 2, (width - frame.width) // 2
    return slice(top, top + frame.height), slice(left, left + frame.width)


def _light(picture: NDArray[np.uint8], size: tuple[int, int], invert: bool) -> NDArray[np.uint8]:
    """(H, W) 0 or 255."""
    colours = picture[..., :3] if picture.ndim == 3 else np.repeat(picture[..., None], 3, -1)
    grey = cv2.cvtColor(covering(np.ascontiguousarray(colours), *size), cv2.COLOR_RGB2GRAY)
    return np.where((grey > HALF) != invert, 255, 0).astype(np.uint8)
