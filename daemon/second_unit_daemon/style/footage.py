# SPDX-License-Identifier: GPL-3.0-or-later
"""Any clip in another look, without a scene: key frames are drawn, and carried to the frames between by optical flow.

Between two keys a frame asks both where its surfaces are (DIS flow from frame to frame, added up, then corrected
against the key itself) and takes what can be trusted: what the flow leads to and back from, and what looks the same
there. Where neither key shows a surface the frame is drawn itself. A key takes over from the one before what both show,
so that strokes stay; it is drawn beside the shot's first frame, for the same statistics (sheet.py).
"""

from __future__ import annotations

from collections.abc import Generator, Iterator
from itertools import pairwise
from typing import TYPE_CHECKING

import cv2
import numpy as np
from attrs import define, field
from numpy.typing import NDArray

from ..post.cuts import CutFinder
from ..post.interpolate.flow import consistent
from .network import Look
from .sheet import restyled

if TYPE_CHECKING:
    from .network import Picture

Place = NDArray[np.float32]  # (H, W, 2) pixels, x and y
Trust = NDArray[np.float32]  # (H, W), 0 … 1
Moved = tuple[Place, Trust]

KEY_EVERY_S = 0.5
FLOW_WIDTH = 960  # pixels; in larger pictures motion is found at this width
SOFT_PX = 2.0
LIKE = 22.0  # levels, after a blur: a place in the key that differs more shows something else
VERY_LIKE = 12.0  # where the flow on the way did not lead there and back
FEATHER_PX = 4.0
LEAST_SHARE = 1e-3
DRAWN_FROM = 0.01  # share of a picture that no key shows: less is left to what lies beside it


@define
class Drawn:
    """What was done: numbers for the provenance."""

    keys: int = 0
    frames: int = 0
    drawn: int = 0  # frames between keys of which a part had to be drawn


@define(eq=False)
class _Key:
    """``frame`` as it was, ``look`` as it is drawn."""

    frame: Picture = field(repr=False)
    look: Picture = field(repr=False)


class Footage:
    """Call ``run`` once. Holds the frames between two keys, no more."""

    def __init__(self, look: Look, strength: float, rate: float):
        self.done = Drawn()
        self._look, self._strength = look, strength
        self._every = max(2, round(KEY_EVERY_S * rate))

    def run(self, frames: Iterator[Picture]) -> Iterator[Picture]:
        """Every frame (H, W, 3) in the look, in order."""
        cuts = CutFinder()
        span: list[Picture] = []  # from the last key on
        key: _Key | None = None
        first: Picture | None = None  # of what lies between two cuts
        for frame in frames:
            if cuts.is_cut(frame) and key is not None:
                yield from self._rest(key, span)
                key = None
            if key is None or first is None:
                first, span = frame, [frame]
                key = self._begin(frame)
                yield self._counted(key.look)
                continue
            span.append(frame)
            if len(span) > self._every:
                key = yield from self._spanned(first, key, span)
                span = [frame]
        if key is not None:
            yield from self._rest(key, span)

    def _rest(self, key: _Key, span: list[Picture]) -> Iterator[Picture]:
        """What follows the last key: its last frame is a key, too."""
        if len(span) > 1:
            yield from self._spanned(span[0], key, span)

    def _spanned(self, first: Picture, key: _Key, span: list[Picture]) -> Generator[Picture, None, _Key]:
        """The frames after the span's first, the last of them as a key; returns that."""
        flow = _Flow(span)
        *forth, end = flow.along()
        following = self._next(first, key, span[-1], *end)
        yield from self._between(key, following, span, forth, list(flow.along(backwards=True))[-2::-1])
        yield self._counted(following.look)
        return following

    def _counted(self, picture: Picture) -> Picture:
        self.done.frames += 1
        return picture

    def _begin(self, frame: Picture) -> _Key:
        self.done.keys += 1
        return _Key(frame, restyled([frame], self._look, self._strength)[0])

    def _next(self, first: Picture, key: _Key, frame: Picture, place: Place, trust: Trust) -> _Key:
        """``frame`` as a key, with the strokes of the one before where both show a surface."""
        self.done.keys += 1
        own = restyled([first, frame], self._look, self._strength)[1].astype(np.float32)
        sure = _larger(trust, frame)[..., None]
        return _Key(frame, _bytes(own + sure * (_moved(key.look, _larger(place, frame)) - own)))

    def _between(
        self, key: _Key, following: _Key, span: list[Picture], forth: list[Moved], back: list[Moved]
    ) -> Iterator[Picture]:
        """The frames after the span's first and before its last."""
        for n, (a, b) in enumerate(zip(forth, back, strict=True), 1):
            time, frame = n / (len(span) - 1), span[n]
            first, second = _larger(a[1], frame) * (1 - time), _larger(b[1], frame) * time
            total = (first + second)[..., None]
            from_key = _moved(key.look, _larger(a[0], frame))
            mixed = first[..., None] * from_key + second[..., None] * _moved(following.look, _larger(b[0], frame))
            carried = np.where(total > LEAST_SHARE, mixed / np.maximum(total, LEAST_SHARE), from_key)
            seen = np.minimum(total / min(time, 1 - time), 1)
            if (seen < 0.5).mean() > DRAWN_FROM:
                self.done.drawn += 1
                own = restyled([span[0], frame], self._look, self._strength)[1]
                carried = own + seen * (carried - own)
            yield self._counted(_bytes(carried))


class _Flow:
    """Where the surfaces of a run of frames lie in its first one, or its last; at no more than FLOW_WIDTH."""

    def __init__(self, frames: list[Picture]) -> None:
        self._dis = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM)
        self._dis.setUseSpatialPropagation(True)
        small = [_small(frame) for frame in frames]
        self._soft = [cv2.GaussianBlur(frame, (0, 0), SOFT_PX) for frame in small]
        self._greys = [np.asarray(cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY), np.uint8) for frame in small]
        self._steps = {}
        for n in range(1, len(frames)):
            self._steps[n, n - 1], self._steps[n - 1, n] = self._found(n, n - 1), self._found(n - 1, n)

    def along(self, *, backwards: bool = False) -> Iterator[Moved]:
        """For every frame after the first (before the last, from there on): places in that one, and trust in them."""
        order = range(len(self._greys))[:: -1 if backwards else 1]
        height, width = self._greys[0].shape
        y, x = np.indices((height, width), np.float32)
        here, home = np.dstack((x, y)), order[0]
        total = np.zeros((height, width, 2), np.float32)
        sure = np.ones((height, width), np.float32)
        for before, n in pairwise(order):
            step = self._steps[n, before]
            total = step + _moved(total, here + step)
            kept = consistent(step, self._steps[before, n])
            sure = np.where(kept, _moved(sure, here + step), 0).astype(np.float32)
            total = np.asarray(self._dis.calc(self._greys[n], self._greys[home], total.copy()), np.float32)
            place = here + total
            inside = (place >= 0).all(-1) & (place[..., 0] <= width - 1) & (place[..., 1] <= height - 1)
            apart = np.abs(self._soft[n] - _moved(self._soft[home], place)).max(-1)
            good = (inside & (apart < np.where(sure > 0.5, LIKE, VERY_LIKE))).astype(np.uint8)
            good = cv2.morphologyEx(good, cv2.MORPH_OPEN, np.ones((3, 3), np.uint8))
            trust = np.minimum(cv2.distanceTransform(good, cv2.DIST_L2, 3) / FEATHER_PX, 1)
            yield place, np.asarray(trust, np.float32)

    def _found(self, frame: int, other: int) -> NDArray[np.float32]:
        return np.asarray(self._dis.calc(self._greys[frame], self._greys[other], None), np.float32)  # type: ignore[call-overload]


def _small(frame: Picture) -> Picture:
    height, width = frame.shape[:2]
    if width <= FLOW_WIDTH:
        return frame
    size = FLOW_WIDTH, max(1, round(height * FLOW_WIDTH / width))
    return np.asarray(cv2.resize(frame, size, interpolation=cv2.INTER_AREA), np.uint8)


def _larger(values: NDArray[np.float32], frame: Picture) -> NDArray[np.float32]:
    """Places (H, W, 2) or trust (H, W) found at the flow's size, for ``frame``'s own."""
    height, width = frame.shape[:2]
    if values.shape[:2] == (height, width):
        return values
    made = cv2.resize(values, (width, height), interpolation=cv2.INTER_LINEAR)
    if made.ndim == 3:
        scale = np.array((width / values.shape[1], height / values.shape[0]))
        made = (made + 0.5) * scale - 0.5
    return np.asarray(made, np.float32)


def _moved(values: NDArray, place: NDArray[np.float32]) -> NDArray[np.float32]:
    """``values`` (H, W, …) at places (H, W, 2)."""
    how = cv2.INTER_CUBIC if values.dtype == np.uint8 else cv2.INTER_LINEAR
    moved = cv2.remap(values, place[..., 0], place[..., 1], how, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(moved, np.float32)


def _bytes(values: NDArray) -> Picture:
    return np.asarray(np.clip(np.round(values), 0, 255), np.uint8)
