# SPDX-License-Identifier: GPL-3.0-or-later
"""The shot's captured geometry, asked for by camera pose: exact along the asked-for path, searched for beside it."""

from __future__ import annotations

from collections import OrderedDict

import cv2
import numpy as np
from attrs import evolve

from .facts import ShotFacts
from .kernels import corrected
from .path import distances
from .view import Framing, Matrix, View, flat, make_view

# Views kept decoded: the frame in hand, its neighbours and the one that a straying clip is compared with.
VIEWS_KEPT = 4
# A camera that moves the picture by less than this share of its width is taken to be the asked-for one.
NEAR_SHARE = 0.02
SEARCH_STEPS = 4


class SceneViews:
    """Views of the scene from the asked-for cameras (``at_frame``) or from any pose near them (``at_pose``)."""

    def __init__(self, shot: ShotFacts):
        self.framing = Framing.of(shot)
        self._shot = shot
        self._views: OrderedDict[int, View] = OrderedDict()

    def at_frame(self, frame: int) -> View:
        """What the asked-for camera of a clip frame sees."""
        if frame in self._views:
            self._views.move_to_end(frame)
            return self._views[frame]
        view = self._seen(frame)
        self._views[frame] = view
        if len(self._views) > VIEWS_KEPT:
            self._views.popitem(last=False)
        return view

    def _seen(self, frame: int) -> View:
        """From the frame's own depth or, where only the first one's is known, from that."""
        c2w, intrinsics = self._shot.c2w[frame], self._shot.intrinsics[frame]
        depth = self._shot.depth(frame)
        if depth is not None:
            return make_view(self.framing, c2w, intrinsics, depth, self._shot.index(frame))
        size = self._shot.plane_width, self._shot.plane_height
        return _moved(self.at_frame(0), c2w, self.framing.intrinsics(intrinsics, *size))

    def nearest_frame(self, c2w: Matrix, hint: int) -> int:
        """The clip frame whose asked-for camera is most like ``c2w``; ``hint`` wins while it is near enough."""
        apart = distances(self._shot.c2w, c2w, self.at_frame(hint).typical_inverse)
        return hint if apart[hint] < NEAR_SHARE else int(np.argmin(apart))

    def at_pose(self, c2w: Matrix, intrinsics: Matrix, hint: int) -> View:
        """What a camera at ``c2w`` sees. Pixels whose surface no captured frame near it shows are not solid."""
        frame = self.nearest_frame(c2w, hint)
        source = self.at_frame(frame)
        if shift_share(source, c2w, intrinsics) < NEAR_SHARE and np.allclose(intrinsics, source.intrinsics):
            return source
        return _moved(source, c2w, intrinsics)


def shift_share(view: View, c2w: Matrix, intrinsics: Matrix) -> float:
    """Mean distance, as a share of the picture's width, by which another camera shows the view's surfaces elsewhere.

    A surface that leaves the other camera's sight counts as one whole width.
    """
    thin = view.samples
    x, y, inverse = thin.seen_from(c2w, intrinsics)
    known = thin.inverse > 0
    if not known.any():
        return 0.0
    with np.errstate(invalid="ignore"):
        away = np.hypot(x - thin.xs[None, :], y - thin.ys[:, None])[known]
        away[inverse[known] <= 0] = np.inf
    return float(np.minimum(away / view.framing.width, 1).mean())


def _moved(source: View, c2w: Matrix, intrinsics: Matrix) -> View:
    """Finds the surface under each lattice point of a camera beside ``source`` by walking along its ray.

    From a guess of 1/z the point is carried into ``source``; what that view shows there corrects the guess. Points for
    which the two do not meet within SEARCH_STEPS are not solid.
    """
    guess = evolve(source, c2w=c2w, intrinsics=intrinsics)
    for _ in range(SEARCH_STEPS):
        x, y, there = guess.seen_from(source.c2w, source.intrinsics)
        shown = cv2.remap(source.inverse, *source.places(x, y), cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
        guess = evolve(guess, inverse=corrected(guess.inverse, shown, there))
    x, y, there = guess.seen_from(source.c2w, source.intrinsics)
    met = source.agrees(x, y, there) & flat(guess.inverse)
    return evolve(guess, smooth=met, solid=met, things=None)
