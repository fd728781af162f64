# SPDX-License-Identifier: GPL-3.0-or-later
"""Measures a clip's camera while the clip is being made, one frame at a time."""

from __future__ import annotations

from collections import deque

import numpy as np
from attrs import evolve, frozen
from numpy.typing import NDArray
from second_unit_protocol.results import Adherence

from ..conditioning.shot_data import ReferenceData, ShotData
from .anchors import Anchor, Grey
from .errors import path_errors
from .scene import SceneViews, shift_share, typical_inverse
from .search import Found, find
from .tracking import even_out
from .verdict import Drift, verdict
from .view import Framing, Matrix, make_view

# Frames of the clip that are kept as anchors once the view has left the references and frame 0.
FRAMES_KEPT = 8
# With less first-hand cover than this a frame becomes an anchor itself.
LEAST_FIRST_HAND = 0.4
# Translations are never divided by less than this share of the typical distance (see errors.path_errors).
LEAST_TRAVEL = 1e-3
# Beyond this share of the width much of the view has left frame 0's sight, and movement can no longer be compared.
COMPARABLE_SHIFT = 0.6


@frozen(eq=False)
class _Frame:
    """One measured frame. The shares of the width are those of verdict.Drift."""

    number: int
    c2w: Matrix
    inlier_ratio: float  # NaN for a frame 0 that is the definition, not a measurement
    coverage: float
    shift: float
    asked: float
    made: float


class AdherenceMeter:
    """Give it every clip frame in order with ``add``, then ask ``finish``. Memory does not grow with length.

    Frames are (height, width, 3) uint8 at the shot's delivered size: the engine's own pixels, before known ones are
    composited back. Each frame costs the reading of one captured depth plane.
    """

    def __init__(self, shot: ShotData):
        self._shot = shot
        self._frames: list[_Frame] = []
        self._least_travel_m = 0.0
        self._failed: list[int] = []
        self._first_hand: list[Anchor] = []
        self._kept: deque[Anchor] = deque(maxlen=FRAMES_KEPT)
        self._scene = SceneViews(shot) if shot.request.depth is not None else None
        if self._scene:
            anchors = (_reference_anchor(r, self._scene.framing) for r in shot.references)
            self._first_hand = [a for a in anchors if a is not None]

    def add(self, index: int, frame: NDArray[np.uint8]) -> None:
        """Measures clip frame ``index``."""
        if self._scene is None:
            return
        picture = even_out(self._scene.framing.picture(frame))
        anchors = [*self._first_hand, *self._kept]
        guesses = self._guesses(index)
        intrinsics = self._intrinsics(index)
        found = find(self._scene, anchors, picture, intrinsics, guesses, index) if anchors else None
        if index == 0:
            self._begin(picture, found)
        elif found is None:
            self._failed.append(index)
        else:
            self._remember(index, found)
            if found.expected.first_hand < LEAST_FIRST_HAND:
                self._kept.append(self._clip_anchor(index, picture, found.pose.c2w, first_hand=False))

    def finish(self) -> Adherence | None:
        """The figures over all frames measured; None where the shot brought no depth to measure by."""
        if self._scene is None or not self._frames:
            return None
        numbers = [f.number for f in self._frames]
        asked, made = self._shot.c2w[numbers], np.array([f.c2w for f in self._frames])
        errors = path_errors(asked, made, self._least_travel_m)
        measured = [f for f in self._frames if not np.isnan(f.inlier_ratio)]
        moved = [f for f in self._frames[1:] if max(f.asked, f.made) < COMPARABLE_SHIFT] or self._frames
        drift = Drift(
            shift=float(np.mean([f.shift for f in self._frames])),
            asked=float(np.mean([f.asked for f in moved])),
            made=float(np.mean([f.made for f in moved])),
            width=self._shot.request.width,
        )
        return Adherence(
            rot_err_rad=float(errors.rot_rad.sum()),
            trans_err=errors.trans,
            trans_err_m=float(errors.trans_m.sum()),
            cam_mc=errors.cam_mc,
            frames=len(numbers),
            failed_frames=tuple(self._failed),
            inlier_ratio=float(np.mean([f.inlier_ratio for f in measured])) if measured else 0.0,
            coverage=float(np.mean([f.coverage for f in measured])) if measured else 0.0,
            rot_curve_rad=tuple(errors.rot_rad.tolist()),
            trans_curve_m=tuple(errors.trans_m.tolist()),
            verdict=verdict(drift, len(self._failed), len(numbers) + len(self._failed)),
        )

    def _guesses(self, index: int) -> list[Matrix]:
        """Where the camera may be: on from the last one found as was asked, on at its own pace, as asked."""
        asked = self._shot.c2w
        if not self._frames:
            return [asked[index]]
        last = self._frames[-1]
        follows = last.c2w @ np.linalg.inv(asked[last.number]) @ asked[index]
        if len(self._frames) < 2:
            return [follows]
        before = self._frames[-2]
        coasts = last.c2w @ np.linalg.inv(before.c2w) @ last.c2w
        return [follows, coasts, asked[index]]

    def _remember(self, index: int, found: Found) -> None:
        assert self._scene is not None
        asked, first = self._shot.c2w, self._frames[0].c2w
        view = self._scene.at_frame(index)
        laid_on = asked[0] @ np.linalg.inv(first) @ found.pose.c2w
        made_view = evolve(found.expected.view, c2w=found.pose.c2w)
        self._frames.append(
            _Frame(
                number=index,
                c2w=found.pose.c2w,
                inlier_ratio=found.inlier_ratio,
                coverage=found.coverage,
                shift=shift_share(view, laid_on, view.intrinsics),
                asked=shift_share(view, asked[0], self._intrinsics(0)),
                made=shift_share(made_view, first, self._intrinsics(0)),
            )
        )

    def _begin(self, picture: Grey, found: Found | None) -> None:
        assert self._scene is not None
        c2w = found.pose.c2w if found else self._shot.c2w[0]
        ratio, coverage = (found.inlier_ratio, found.coverage) if found else (np.nan, np.nan)
        self._frames.append(_Frame(0, c2w, ratio, coverage, shift=0.0, asked=0.0, made=0.0))
        self._first_hand.append(self._clip_anchor(0, picture, c2w, first_hand=True))
        inverse = typical_inverse(self._scene.at_frame(0))
        self._least_travel_m = LEAST_TRAVEL / inverse if inverse > 0 else 0.0

    def _clip_anchor(self, index: int, picture: Grey, c2w: Matrix, *, first_hand: bool) -> Anchor:
        assert self._scene is not None
        view = self._scene.at_pose(c2w, self._intrinsics(index), index)
        return Anchor(f"frame {index}", picture, c2w, self._intrinsics(index), view, first_hand)

    def _intrinsics(self, index: int) -> Matrix:
        planes = self._shot.request.depth
        assert self._scene is not None and planes is not None
        return self._scene.framing.intrinsics(self._shot.intrinsics[index], planes.width, planes.height)


def _reference_anchor(reference: ReferenceData, framing: Framing) -> Anchor | None:
    if reference.depth is None:
        return None
    view = make_view(framing, reference.c2w, reference.intrinsics, reference.depth, reference.index)
    picture = even_out(framing.picture(reference.image))
    return Anchor(reference.name, picture, view.c2w, view.intrinsics, view)
