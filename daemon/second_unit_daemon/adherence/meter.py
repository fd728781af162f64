# SPDX-License-Identifier: GPL-3.0-or-later
"""Measures a clip's camera while the clip is being made, one frame at a time."""

from __future__ import annotations

from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor

import numpy as np
from attrs import evolve, frozen
from numpy.typing import NDArray
from second_unit_protocol.results import Adherence

from ..conditioning.shot_data import ReferenceData, ShotData
from .anchors import Anchor, Grey
from .errors import Poses, relative_to_first
from .facts import ShotFacts, facts_of
from .measured import Frame, PairFigures, adherence_of
from .pose import with_lens
from .scene import SceneViews, shift_share
from .search import Found, Guess, find
from .structure import depth_error
from .tracking import even_out
from .view import Framing, Matrix, make_view

# Frames of the clip that are kept as anchors once the view has left the references and frame 0.
FRAMES_KEPT = 8
# With less first-hand cover than this a frame becomes an anchor itself.
LEAST_FIRST_HAND = 0.4
# What a frame 0 must have in common with the colour plate to be measured by it.
PLATE_INLIERS = 0.6
PLATE_COVERAGE = 0.4

ENGINES_FRAMES = "the engine's own frames, before known pixels are put back"


@frozen(eq=False)
class MeasuredPath:
    """``c2w`` (M, 4, 4) of the clip frames ``numbers`` (M,)."""

    numbers: NDArray[np.intp]
    c2w: Poses


class AdherenceMeter:
    """Give it every clip frame in order with ``add``, then ask ``finish``. Memory does not grow with length.

    Frames are (height, width, 3) uint8 at the shot's delivered size: the engine's own pixels, before known ones are
    composited back; ``measured_on`` says so in the result. Each frame costs the reading of one captured depth plane.
    What it says with the frame before is measured in a thread beside, in which planes are read too.
    """

    def __init__(self, shot: ShotData | ShotFacts, measured_on: str = ENGINES_FRAMES):
        self._shot = shot if isinstance(shot, ShotFacts) else facts_of(shot)
        self._measured_on = measured_on
        self._frames: list[Frame] = []
        self._failed: list[int] = []
        self._inverse = 0.0  # typical 1/z in 1/m
        self._first_hand: list[Anchor] = []
        self._kept: deque[Anchor] = deque(maxlen=FRAMES_KEPT)
        if self._shot:
            self._scene = SceneViews(self._shot)
            self._pairs = PairFigures(self._shot)
            self._beside = ThreadPoolExecutor(1, thread_name_prefix="pairs")
            self._pair: Future[None] | None = None
            anchors = (_reference_anchor(r, self._scene.framing) for r in self._shot.references)
            self._first_hand = [a for a in anchors if a is not None]

    def add(self, index: int, frame: NDArray[np.uint8]) -> Frame | None:
        """Measures clip frame ``index``; None where its camera could not be found."""
        if self._shot is None:
            return None
        picture = even_out(self._scene.framing.picture(frame))
        self._pairs_measured()
        self._pair = self._beside.submit(self._pairs.add, index, picture, self._scene.at_frame(index))
        anchors = [*self._first_hand, *self._kept]
        asked = self._asked_lens(index)
        found = find(self._scene, anchors, picture, asked, self._guesses(index), index) if anchors else None
        if index == 0:
            self._begin(picture, found)
        elif found is None:
            self._failed.append(index)
            return None
        else:
            self._frames.append(self._measured(index, found))
            if found.expected.first_hand < LEAST_FIRST_HAND:
                lens = with_lens(asked, found.pose.lens)
                self._kept.append(self._clip_anchor(index, picture, found.pose.c2w, lens, first_hand=False))
        return self._frames[-1]

    def path(self) -> MeasuredPath:
        """The measured cameras, frame 0 laid on the asked-for one; after at least one ``add``."""
        assert self._shot is not None
        poses = np.array([f.c2w for f in self._frames])
        return MeasuredPath(np.array([f.number for f in self._frames]), self._shot.c2w[0] @ relative_to_first(poses))

    def finish(self) -> Adherence | None:
        """The figures over all frames measured; None where the shot brought no depth to measure by."""
        if self._shot is None or not self._frames:
            return None
        self._pairs_measured()
        self._beside.shutdown()
        return adherence_of(self._shot, self._frames, self._failed, self._pairs, self._inverse, self._measured_on)

    def _pairs_measured(self) -> None:
        """Waits for the last pair; raises what went wrong with it."""
        if self._pair is not None:
            self._pair.result()

    def _guesses(self, index: int) -> list[Guess]:
        """Where the camera may be: on from the last one found as was asked, on at its own pace, as asked."""
        assert self._shot is not None
        asked = self._shot.c2w
        if not self._frames:
            return [Guess(asked[index])]
        last = self._frames[-1]
        follows = Guess(last.c2w @ np.linalg.inv(asked[last.number]) @ asked[index], last.lens)
        if len(self._frames) < 2:
            return [follows]
        before = self._frames[-2]
        kept_lens = last.lens * self._shot.intrinsics[last.number, 0, 0] / self._shot.intrinsics[index, 0, 0]
        coasts = Guess(last.c2w @ np.linalg.inv(before.c2w) @ last.c2w, kept_lens)
        return [follows, coasts, Guess(asked[index])]

    def _measured(self, index: int, found: Found) -> Frame:
        assert self._shot is not None
        pose, view, asked = found.pose, self._scene.at_frame(index), self._shot.c2w
        first = self._frames[0].c2w if self._frames else pose.c2w
        own_lens = with_lens(view.intrinsics, pose.lens)
        laid_on = asked[0] @ np.linalg.inv(first) @ pose.c2w
        made_view = evolve(found.expected.view, c2w=pose.c2w, intrinsics=own_lens)
        first_lens = with_lens(self._asked_lens(0), self._frames[0].lens if self._frames else pose.lens)
        return Frame(
            number=index,
            c2w=pose.c2w,
            lens=pose.lens,
            lens_seen=pose.lens_seen,
            inlier_ratio=found.inlier_ratio,
            coverage=found.coverage,
            depth_error=depth_error(pose, found.matches, view.intrinsics),
            shift=shift_share(view, laid_on, own_lens),
            pose_shift=shift_share(view, laid_on, view.intrinsics),
            lens_shift=shift_share(view, view.c2w, own_lens),
            asked=shift_share(view, asked[0], self._asked_lens(0)),
            made=shift_share(made_view, first, first_lens),
        )

    def _begin(self, picture: Grey, found: Found | None) -> None:
        assert self._shot is not None
        found = found or self._found_in_plate(picture)
        self._frames.append(self._measured(0, found) if found else Frame.by_definition(self._shot.c2w[0]))
        first = self._frames[0]
        lens = with_lens(self._asked_lens(0), first.lens)
        self._first_hand.append(self._clip_anchor(0, picture, first.c2w, lens, first_hand=True))
        self._inverse = self._scene.at_frame(0).typical_inverse

    def _found_in_plate(self, picture: Grey) -> Found | None:
        """Where no reference shows frame 0, the scene's own colours may: it then need not be taken on trust.

        A clip in another style than the plate's agrees with it by chance only, so more is asked for here.
        """
        assert self._shot is not None
        plate = self._shot.colour(0)
        if plate is None:
            return None
        view = self._scene.at_frame(0)
        shown = even_out(self._scene.framing.picture(np.ascontiguousarray(self._scene.framing.crop(plate))))
        anchor = Anchor("plate 0", shown, view.c2w, view.intrinsics, view)
        found = find(self._scene, [anchor], picture, view.intrinsics, [Guess(view.c2w)], 0)
        sure = found and found.inlier_ratio > PLATE_INLIERS and found.coverage > PLATE_COVERAGE
        return found if sure else None

    def _clip_anchor(self, index: int, picture: Grey, c2w: Matrix, lens: Matrix, *, first_hand: bool) -> Anchor:
        view = self._scene.at_pose(c2w, lens, index)
        return Anchor(f"frame {index}", picture, c2w, lens, view, first_hand)

    def _asked_lens(self, index: int) -> Matrix:
        """(3, 3) in working pixels."""
        assert self._shot is not None
        size = self._shot.plane_width, self._shot.plane_height
        return self._scene.framing.intrinsics(self._shot.intrinsics[index], *size)


def _reference_anchor(reference: ReferenceData, framing: Framing) -> Anchor | None:
    if reference.depth is None:
        return None
    view = make_view(framing, reference.c2w, reference.intrinsics, reference.depth, reference.index)
    picture = even_out(framing.picture(reference.image))
    return Anchor(reference.name, picture, view.c2w, view.intrinsics, view)
