# SPDX-License-Identifier: GPL-3.0-or-later
"""Between the capture's planes and rays: which pixels no reference surely sees, and what Blender's rays say of them."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from fractions import Fraction

import bpy
import numpy as np
from numpy.typing import NDArray

from ..core.sight import Inquiry, Instant
from ..protocol.shot import PlaneKind, TrackKind
from ..scene.camera import View
from ..scene.motion import MotionFacts
from ..scene.rays import Rays
from .base import Drawing, Planes

MOST_S, MOST_EACH_S = 1.0, 0.05  # of casting rays: in all, and more for each clip frame; the rest stays in doubt


class Doubts:
    """Reads planes as they come, in the writer's thread; casts rays a while at a time, in Blender's own."""

    def __init__(
        self,
        views: dict[Fraction, View],
        motion: MotionFacts,
        pinned: Sequence[Fraction],
        frames: dict[Fraction, int],
        fineness: int,
    ):
        """``views`` are those of all sampled times, in order, as ``motion`` has its matrices; ``pinned`` are the times
        of the references as they come, ``frames`` the clip frames by theirs."""
        self._views, self._frames = views, frames
        self._pinned = pinned
        self._moments = sorted(set(pinned))
        instants = zip(views.items(), motion.matrices, strict=True)
        self._instants = {moment: Instant(view.c2w, view.intrinsics, there) for (moment, view), there in instants}
        rigid = np.array([track.kind is TrackKind.RIGID for track in motion.tracks], bool)
        self._inquiry = Inquiry([self._instants[moment] for moment in self._moments], rigid, fineness)
        self._asking: Iterator[None] | None = None
        self._rays: Rays | None = None
        self._left_s = MOST_S + MOST_EACH_S * len(frames)

    def noting(self, moment: Fraction, drawing: Drawing, *, pinned: bool) -> Drawing:
        """The same drawing, whose planes are looked at once they are made. All references' come first."""
        if moment in self._moments and not pinned:
            return drawing  # at a reference's time its picture stands

        def planes() -> Planes:
            made = drawing()
            depth = made.get(PlaneKind.DEPTH)
            if depth is not None and pinned:
                self._inquiry.reference(self._moments.index(moment), depth)
            elif depth is not None:
                self._inquiry.frame(self._frames[moment], self._instants[moment], depth, made.get(PlaneKind.INDEX))
            return made

        return planes

    @property
    def casting(self) -> bool:
        """Whether a camera's rays are half cast."""
        return self._asking is not None

    def any_at(self, moment: Fraction) -> bool:
        """Whether the camera of that time is to be asked, and there is time left for it."""
        return self._left_s > 0.0 and self._inquiry.asks(self._moments.index(moment))

    def ask(self, moment: Fraction, scene: bpy.types.Scene, layer: bpy.types.ViewLayer, seconds: float) -> bool:
        """Casts rays from the camera at that time, at which the scene stands, for about so long; whether all are cast.

        Where all of them together take too long, no more are.
        """
        view = self._views[moment]
        eye = view.c2w[:3, 3] / view.unit_scale
        clip = view.clip_start, view.clip_end
        self._rays = Rays(scene, layer, eye, view.c2w[:3, 2], clip, view.unit_scale)
        if self._asking is None:
            self._asking = self._inquiry.asking(self._moments.index(moment), self._cast)
        begun = now = time.monotonic()
        until, done = begun + min(seconds, self._left_s), False
        while now < until and not done:
            done = next(self._asking, True) is True
            now = time.monotonic()
        self._rays = None  # nothing of bpy is held between steps
        self._left_s -= now - begun
        if self._left_s > 0.0 and not done:
            return False
        self._asking = None
        return True

    def _cast(self, direction: Sequence[float], most_m: float) -> float:
        return self._rays.cast(direction, most_m)  # those of this step

    def told(self) -> NDArray[np.uint32]:
        """(N, 4) as a request's ``seen`` has it."""
        rows = self._inquiry.told()
        own = [rows[rows[:, 2] == self._moments.index(moment)] for moment in self._pinned]
        for place, part in enumerate(own):
            part[:, 2] = place
        return np.concatenate([rows[:0], *own])
