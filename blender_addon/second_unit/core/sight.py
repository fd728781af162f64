# SPDX-License-Identifier: GPL-3.0-or-later
"""What references' planes leave in doubt of what their cameras see, and what rays answer. No bpy.

A reference's depth is known at samples; whether a point that falls between samples of two surfaces was seen turns on
where between them the silhouette runs. That is asked for those pixels of the clip's frames alone that no reference
surely sees: they decide what is a hole.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Matrix = NDArray[np.float64]

HIDDEN, SEEN, DOUBT, AWAY = 0, 1, 2, 3  # what a reference's planes say of a point; AWAY: its picture does not reach it
UNTOLD = 255
BEND = np.float32(0.002)  # relative: samples of one surface are this near to a line; else a silhouette or a crease
AGREES = np.float32(0.003)  # relative, between inverse depths of one surface at places a sample apart
ROUGHLY = np.float32(0.02)  # the same a pixel apart, where surfaces are smooth
REACHED = 1e-4  # relative: a ray that comes this near to its goal has not been stopped
PROBES = 256  # rays to samples whose depth is known
SAME = 0.005  # relative: a probe met the surface that was drawn
LEAST_ALIKE = 0.97  # of the probes, for rays to be believed
_ROWS = 32  # of pixels that are looked at together, so that what is computed meanwhile stays in the cache

Cast = Callable[[Sequence[float], float], float]
"""(unit direction, metres) → how far a ray from the camera gets, in metres: less than asked where it is stopped, inf
where it is not, nan where what it met cannot be judged by rays."""


class Instant(NamedTuple):
    """A time at which all is known: ``c2w`` (4, 4), ``intrinsics`` (3, 3) for the clip's planes, ``matrices``
    (N, 4, 4) of what moves, object-to-world in metres."""

    c2w: Matrix
    intrinsics: Matrix
    matrices: NDArray[np.float64]


class Outlook:
    """What a reference's finer depth says of the points before its camera: all samples beside silhouettes, one for a
    pixel elsewhere."""

    def __init__(self, depth_m: NDArray[np.float32], fineness: int):
        """``depth_m`` (k H, k W), k = ``fineness``; +inf where there is nothing."""
        k, (height, width) = fineness, (side // fineness for side in depth_m.shape)
        self.shape, self._fineness = (height, width), k
        self.inverse = np.empty((height, width), np.float32)
        self.busy = np.zeros((height, width), bool)
        for top in range(0, height, _ROWS):
            rows = slice(top, min(top + _ROWS, height))
            first, end = max(k * rows.start - 1, 0), min(k * rows.stop + 1, len(depth_m))
            w = _inverse(depth_m[first:end])
            own = slice(k * rows.start - first, k * rows.stop - first)
            self.inverse[rows] = w[own][k // 2 :: k, k // 2 :: k]
            self.busy[rows] = _bent(w)[own].reshape(-1, k, width, k).any((1, 3))
        grade = _steps(self.inverse) + _steps(self.inverse.T).T
        # What may be seen of a texel without a silhouette; in the others, nothing.
        self._low = np.where(self.busy, np.inf, (self.inverse - grade) / (1 + ROUGHLY)).astype(np.float32)
        self._high = ((self.inverse + grade) / (1 - ROUGHLY)).astype(np.float32)
        kept = _grown(self.busy)
        self._start = np.cumsum(kept.ravel(), dtype=np.int32).reshape(kept.shape) - np.int32(1)
        blocks = depth_m.reshape(height, k, width, k).transpose(0, 2, 1, 3)[kept]
        self._samples = _inverse(blocks.reshape(-1))

    def says(self, u: NDArray, v: NDArray, w: NDArray) -> NDArray[np.uint8]:
        """HIDDEN, SEEN, DOUBT or AWAY of points at pixels (u, v) with inverse depth ``w``, all (P,)."""
        height, width = self.shape
        inside = (u >= 0) & (u <= width) & (v >= 0) & (v <= height) & (w >= 0)
        if not inside.all():
            says = np.full(u.shape, AWAY, np.uint8)
            if inside.any():
                says[inside] = self.says(u[inside], v[inside], w[inside])
            return says
        x, y = np.minimum(u.astype(np.int32), width - 1), np.minimum(v.astype(np.int32), height - 1)
        at = y * np.int32(width) + x
        low = self._low.take(at)
        says = ((w >= low) & (w <= self._high.take(at))).view(np.uint8)  # SEEN, or else HIDDEN
        rest = np.flatnonzero(says == HIDDEN)
        says[rest[w[rest] > low[rest]]] = DOUBT  # it lies before what is there
        busy = rest[self.busy.take(at[rest])]
        says[busy] = self._between(u[busy], v[busy], w[busy])
        return says

    def _between(self, u: NDArray, v: NDArray, w: NDArray) -> NDArray[np.uint8]:
        """The same by the four samples around each point."""
        k, (height, width) = np.int32(self._fineness), self.shape

        def texels(place: NDArray, side: int) -> list[tuple[NDArray, NDArray]]:
            """Of the samples before and after a place on an axis: (texel, which of its samples)."""
            first = np.floor(place * k - np.float32(0.5)).astype(np.int32)
            samples = np.maximum(first, 0), np.minimum(first + np.int32(1), k * side - 1)
            return [(at, sample - at * k) for sample in samples for at in (sample // k,)]

        limit, seen = w * (1 + AGREES), np.zeros(u.shape, np.uint8)
        columns = texels(u, width)
        for y, row in texels(v, height):
            for x, column in columns:
                block = self._start.take(y * np.int32(width) + x)
                seen += self._samples.take((block * k + row) * k + column) <= limit
        return np.array([HIDDEN, DOUBT, DOUBT, DOUBT, SEEN], np.uint8)[seen]

    def probes(self) -> tuple[NDArray, NDArray, NDArray]:
        """(u, v, inverse depth) of samples beside silhouettes, evenly taken from all of them."""
        k = self._fineness
        rows, columns = np.nonzero(self.busy)
        chosen = np.unique(np.linspace(0, len(rows) - 1, PROBES).astype(int)) if len(rows) else np.zeros(0, int)
        rows, columns = rows[chosen], columns[chosen]
        part = np.arange(len(rows)) * 7 % (k * k)  # another one of the samples in each pixel
        w = self._samples[self._start[rows, columns] * k * k + part]
        return columns + (part % k + 0.5) / k, rows + (part // k + 0.5) / k, w


class _Doubts(NamedTuple):
    """Of one clip frame: ``pixels`` (n,) with ``depth`` and ``things``; ``asked`` and ``told`` (R, n)."""

    at: Instant
    pixels: NDArray[np.int64]
    depth: NDArray[np.float32]
    things: NDArray[np.intp]
    asked: NDArray[np.bool_]
    told: NDArray[np.uint8]


class Inquiry:
    """Takes all references' planes, then the clip's frames as they come; then rays are cast for each reference."""

    def __init__(self, references: Sequence[Instant], rigid: NDArray[np.bool_], fineness: int):
        """``rigid`` (N,): which of the moving things their matrices carry; no other's points are asked for."""
        self._references = references
        self._rigid = np.concatenate([[True], rigid])
        self._fineness = fineness
        self._outlooks: dict[int, Outlook] = {}
        self._doubts: dict[int, _Doubts] = {}

    def reference(self, r: int, depth_m: NDArray[np.float32]) -> None:
        """The finer depth of reference r."""
        self._outlooks[r] = Outlook(depth_m, self._fineness)

    def frame(self, i: int, at: Instant, depth_m: NDArray[np.float32], index: NDArray[np.uint16] | None) -> None:
        """Clip frame i, (H, W), after all references: notes what no reference surely sees, and one might."""
        inverse, things = _inverse(depth_m), np.zeros(depth_m.shape, np.uint16) if index is None else index
        nearest = sorted(self._outlooks, key=lambda r: np.linalg.norm(self._references[r].c2w - at.c2w))
        maps = {r: self._maps(r, at) for r in nearest}
        pixels, asked = [], []
        for top in range(0, len(depth_m), _ROWS):
            left, doubt = self._left_of(maps, top, inverse[top : top + _ROWS], things[top : top + _ROWS])
            pixels.append(left + top * depth_m.shape[1])
            asked.append(doubt)
        pixels, asked = np.concatenate(pixels), np.concatenate(asked, 1)
        if pixels.size:
            told = np.full(asked.shape, UNTOLD, np.uint8)
            own = things.ravel()[pixels].astype(np.intp)
            self._doubts[i] = _Doubts(at, pixels, depth_m.ravel()[pixels], own, asked, told)

    def _left_of(self, maps: dict, top: int, inverse: NDArray, things: NDArray) -> tuple[NDArray, NDArray]:
        """Of some rows from ``top`` on: pixels (n,) that no reference surely sees and one might, and which (R, n)."""
        height, width = inverse.shape
        x = np.tile(np.arange(width, dtype=np.float32) + np.float32(0.5), height)
        y = np.repeat(np.arange(top, top + height, dtype=np.float32) + np.float32(0.5), width)
        w, own = inverse.ravel(), things.ravel()
        left = np.arange(w.size)
        doubt = np.zeros((len(self._references), w.size), bool)
        for r, placing in maps.items():
            says = self._outlooks[r].says(*_placed(placing, x, y, w, own))
            doubt[r, left[says == DOUBT]] = True
            open_ = np.flatnonzero(says != SEEN)
            left, x, y, w, own = left[open_], x[open_], y[open_], w[open_], own[open_]
            if not left.size:
                break
        asked = doubt[:, left]
        chosen = asked.any(0)
        return left[chosen], asked[:, chosen]

    def asks(self, r: int) -> bool:
        """Whether anything is asked of reference r."""
        return r in self._outlooks and any(doubts.asked[r].any() for doubts in self._doubts.values())

    def asking(self, r: int, cast: Cast) -> Iterator[None]:
        """Casts rays from reference r's camera through the scene as it stands at its time, one a step.

        What is seen already is not asked again. Where rays do not meet what was drawn (hair, leaves cut from a picture,
        surfaces that only the renderer displaces) nothing is told.
        """
        if not self.asks(r):
            return
        believed = yield from self._probed(r, cast)
        if not believed:
            return
        for doubts in self._doubts.values():
            chosen = np.flatnonzero(doubts.asked[r] & ~(doubts.told == SEEN).any(0))
            directions, lengths = self._rays(r, doubts, chosen)
            for n, direction, length in zip(chosen.tolist(), directions.tolist(), lengths.tolist(), strict=True):
                got = cast(direction, length * (1 - REACHED))
                if got == got:
                    doubts.told[r, n] = SEEN if got == np.inf else HIDDEN
                yield

    def told(self) -> NDArray[np.uint32]:
        """(N, 4) clip frame, pixel, reference, and 1 where it sees the pixel's surface, 0 where it does not."""
        rows = [np.zeros((0, 4), np.uint32)]
        for i, doubts in sorted(self._doubts.items()):
            references, which = np.nonzero(doubts.told != UNTOLD)
            columns = np.full(which.size, i), doubts.pixels[which], references, doubts.told[references, which]
            rows.append(np.stack(columns, 1).astype(np.uint32))
        return np.concatenate(rows)

    def _moves(self, r: int, at: Instant) -> NDArray[np.float64]:
        """(N + 1, 4, 4) from the frame's camera axes to the reference's for what stands still, and for each thing."""
        there = self._references[r]
        moves = np.full((len(self._rigid), 4, 4), np.nan)
        moves[0] = np.eye(4)
        carried = np.flatnonzero(self._rigid[1:])
        with np.errstate(all="ignore"):
            flat = np.abs(np.linalg.det(at.matrices[carried])) < 1e-18
        carried = carried[~flat]  # a thing without volume is nowhere
        moves[1 + carried] = there.matrices[carried] @ np.linalg.inv(at.matrices[carried])
        return np.linalg.inv(there.c2w) @ moves @ at.c2w

    def _maps(self, r: int, at: Instant) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """How the places that move alike lie in the reference's picture: (N + 1, 3, 3) and (N + 1, 3), see _placed."""
        moves, lens = self._moves(r, at), self._references[r].intrinsics
        turned = lens @ moves[:, :3, :3] @ np.linalg.inv(at.intrinsics)
        return turned.astype(np.float32), (moves[:, :3, 3] @ lens.T).astype(np.float32)

    def _rays(self, r: int, doubts: _Doubts, chosen: NDArray[np.intp]) -> tuple[NDArray, NDArray]:
        """World directions (n, 3) from the reference's camera to the points, and how far they are: inf in the sky."""
        width = self._outlooks[r].shape[1]
        y, x = np.divmod(doubts.pixels[chosen], width)
        rays = np.stack([x + 0.5, y + 0.5, np.ones(len(chosen))], 1) @ np.linalg.inv(doubts.at.intrinsics).T
        moves, depth = self._moves(r, doubts.at)[doubts.things[chosen]], doubts.depth[chosen].astype(float)[:, None]
        turned = np.einsum("nij,nj->ni", moves[:, :3, :3], rays)
        finite = np.isfinite(depth)
        local = np.where(finite, turned * np.where(finite, depth, 1.0) + moves[:, :3, 3], turned)
        lengths = np.linalg.norm(local, axis=1)
        directions = local / lengths[:, None] @ self._references[r].c2w[:3, :3].T
        return directions, np.where(finite[:, 0], lengths, np.inf)

    def _probed(self, r: int, cast: Cast) -> Iterator[None]:
        """Whether rays meet what was drawn, by samples whose depth is known."""
        u, v, inverse = self._outlooks[r].probes()
        there = self._references[r]
        local = np.stack([u, v, np.ones(len(u))], 1) @ np.linalg.inv(there.intrinsics).T
        planar = 1.0 / np.linalg.norm(local, axis=1)  # what a metre along the ray gains in depth
        directions = local * planar[:, None] @ there.c2w[:3, :3].T
        alike = 0
        for direction, gain, w in zip(directions.tolist(), planar.tolist(), inverse.tolist(), strict=True):
            got = cast(direction, np.inf) * gain
            alike += bool(abs(got * w - 1) <= SAME) if w > 0 else got == np.inf
            yield
        return alike >= LEAST_ALIKE * len(u)


def _placed(maps: tuple[NDArray, NDArray], x, y, inverse, things) -> tuple[NDArray, NDArray, NDArray]:
    """(u, v, inverse depth) in the reference's pixels of points at pixels (x, y), each (P,) float32; NaN behind it.

    A pixel p with inverse depth w lies at turn @ p + w shift.
    """
    turns, shifts = maps

    def placed(x, y, w, m, e):
        a, b, s = (m[..., n, 0] * x + m[..., n, 1] * y + (w * e[..., n] + m[..., n, 2]) for n in range(3))
        with np.errstate(divide="ignore", invalid="ignore"):
            ahead = np.float32(1) / s
            ahead[~(s > 0)] = np.nan
            return a * ahead, b * ahead, w * ahead

    u, v, w = placed(x, y, inverse, turns[0], shifts[0])
    moving = np.flatnonzero(things)
    if moving.size:
        own = things[moving]
        u[moving], v[moving], w[moving] = placed(x[moving], y[moving], inverse[moving], turns[own], shifts[own])
    return u, v, w


def _inverse(depth_m: NDArray[np.float32]) -> NDArray[np.float32]:
    """Inverse depths, 0 where there is nothing."""
    with np.errstate(divide="ignore"):
        return np.where(depth_m > 0, np.float32(1) / depth_m, np.float32(0))


def _bent(w: NDArray[np.float32]) -> NDArray[np.bool_]:
    """(H, W): where inverse depth is no straight line over a sample and its neighbours, across or down."""
    found = np.zeros(w.shape, bool)
    for here, lines in ((found, w), (found.T, w.T)):
        middle = lines[:, 1:-1]
        off = np.abs(lines[:, :-2] - middle - middle + lines[:, 2:])
        here[:, 1:-1] |= off > BEND * np.maximum(middle, np.maximum(lines[:, :-2], lines[:, 2:]))
    # A silhouette that lies beside the first or the last sample of a line bends there, too.
    for here in (found, found.T):
        here[:, 0] |= here[:, 1]
        here[:, -1] |= here[:, -2]
    return found


def _steps(w: NDArray[np.float32]) -> NDArray[np.float32]:
    """(H, W): how far it is to the next inverse depth across, on the side where that is nearer."""
    steps = np.pad(np.abs(np.diff(w, axis=1)), ((0, 0), (1, 1)), "edge")
    return np.minimum(steps[:, :-1], steps[:, 1:])


def _grown(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """(H, W): the mask and all pixels beside it."""
    grown = mask.copy()
    grown[1:] |= mask[:-1]
    grown[:-1] |= mask[1:]
    across = grown.copy()
    across[:, 1:] |= grown[:, :-1]
    across[:, :-1] |= grown[:, 1:]
    return across
