# SPDX-License-Identifier: GPL-3.0-or-later
"""Pictures whose cameras are known, and what they say a camera at some pose should see.

The references are true pictures at true poses. Frames of the clip itself serve too, but only at the pose at which
they were *measured*, never at the one that was asked for: a clip that strays must not be allowed to confirm itself.
"""

from __future__ import annotations

from functools import cached_property

import cv2
import numpy as np
from attrs import field, frozen
from numpy.typing import NDArray

from .view import Bits, Matrix, Plane, View

Grey = NDArray[np.uint8]

# Half the side of a tracking window, in lattice steps: a window must not reach over the rim of what is known.
RIM = 4
ENOUGH = 0.9
MOST_ANCHORS = 3
SIFT_POINTS = 1500


def sift_features(picture: Grey, mask: Grey | None) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Pixels (N, 2), centres at +0, and descriptors (N, 128) of a picture's strongest features (Lowe, 2004)."""
    keys, described = cv2.SIFT.create(SIFT_POINTS).detectAndCompute(picture, mask)  # pyright: ignore
    if described is None:
        return np.zeros((0, 2), np.float32), np.zeros((0, 128), np.float32)
    return np.array([key.pt for key in keys], np.float32), np.asarray(described, np.float32)


@frozen(eq=False)
class Anchor:
    """``picture`` (h, w) evened grey at the working size, taken at ``c2w``; ``sight`` says what was visible there.

    ``sight`` is a view at ``c2w`` itself or, for a frame of the clip, the asked-for camera's nearby one.
    """

    name: str
    picture: Grey = field(repr=False)
    c2w: Matrix
    intrinsics: Matrix
    sight: View = field(repr=False)
    first_hand: bool = True

    @cached_property
    def features(self) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """SIFT features on still surfaces: pixels (N, 2), centres at +0, and descriptors (N, 128)."""
        solid = np.asarray(
            cv2.resize(self.sight.solid.astype(np.uint8), self.picture.shape[::-1], interpolation=cv2.INTER_NEAREST),
            np.uint8,
        )
        return sift_features(self.picture, solid)

    @property
    def exact(self) -> bool:
        """Whether ``sight`` is this very camera's view, and not one beside it."""
        return self.sight.c2w is self.c2w

    def visible(self, view: View) -> tuple[Plane, Plane, Bits]:
        """Where the view's lattice lies in this picture (x, y in working pixels) and where it is truly seen."""
        x, y, inverse = view.seen_from(self.c2w, self.intrinsics)
        if self.exact:
            return x, y, view.solid & self.sight.agrees(x, y, inverse)
        framing = view.framing
        with np.errstate(invalid="ignore"):
            inside = (x > 1) & (y > 1) & (x < framing.width - 1) & (y < framing.height - 1) & (inverse > 0)
        seen = self.sight.agrees(*view.seen_from(self.sight.c2w, self.sight.intrinsics))
        return x, y, view.solid & inside & seen

    def worth(self, view: View) -> float:
        """0 … 1: how much of the view this anchor shows, less where its distance to it is another."""
        thin = view.samples
        seen = self.visible(thin)[2]
        if not seen.any():
            return 0.0
        _, _, inverse = thin.seen_from(self.c2w, self.intrinsics)
        zoom = np.log(inverse[seen] * self.intrinsics[0, 0] / (thin.inverse[seen] * thin.intrinsics[0, 0]))
        return float(seen.mean() * np.exp(-np.abs(zoom).mean()))


@frozen(eq=False)
class Expectation:
    """The picture that a camera at ``view`` should show: ``picture`` (h, w) grey, valid where ``known`` (h, w) is 255.

    ``source`` (rows, columns) of the view's lattice is the place in ``centres`` (A, 3), world metres, of the camera
    whose picture was taken there. ``share`` of the view's solid surfaces is known, ``first_hand`` of them from anchors
    that are not measured frames.
    """

    view: View
    picture: Grey = field(repr=False)
    known: Grey = field(repr=False)
    source: Grey = field(repr=False)
    centres: NDArray[np.float64] = field(repr=False)
    share: float
    first_hand: float

    def origins_at(self, pixels: NDArray) -> NDArray[np.float64]:
        """(N, 3) in the view's axes: where the cameras stood that showed these pixels (N, 2), centres at +0."""
        rows, columns = self.source.shape
        column = ((pixels[:, 0] + 0.5) * columns / self.view.framing.width).astype(int)
        row = ((pixels[:, 1] + 0.5) * rows / self.view.framing.height).astype(int)
        chosen = self.source[np.clip(row, 0, rows - 1), np.clip(column, 0, columns - 1)]
        to_view = np.linalg.inv(self.view.c2w)
        return (self.centres @ to_view[:3, :3].T + to_view[:3, 3])[chosen]


def expect(view: View, anchors: list[Anchor]) -> Expectation:
    """Composes the expected picture from the anchors that show most of the view, first-hand ones before the rest."""
    size = view.framing.width, view.framing.height
    picture = np.full(size[::-1], 128, np.uint8)
    known = np.zeros(size[::-1], np.uint8)
    open_ = view.solid.copy()
    total = max(int(open_.sum()), 1)
    source = np.zeros(view.solid.shape, np.uint8)
    first_hand, centres = 0, []
    ranked = sorted(((a.first_hand, a.worth(view), i) for i, a in enumerate(anchors)), reverse=True)
    for _, _, i in [entry for entry in ranked if entry[1] > 0.02][:MOST_ANCHORS]:
        x, y, seen = anchors[i].visible(view)
        seen &= open_
        open_ &= ~seen
        first_hand += int(seen.sum()) * anchors[i].first_hand
        source[seen] = len(centres)
        centres.append(anchors[i].c2w[:3, 3])
        _paint(picture, known, anchors[i].picture, x, y, seen)
        if open_.sum() < (1 - ENOUGH) * total:
            break
    share = 1 - float(open_.sum()) / total
    return Expectation(view, picture, known, source, np.array(centres).reshape(-1, 3), share, first_hand / total)


def _paint(picture: Grey, known: Grey, source: Grey, x: Plane, y: Plane, seen: Bits) -> None:
    size = picture.shape[1], picture.shape[0]
    half = np.float32(0.5)
    column = cv2.resize(x - half, size, interpolation=cv2.INTER_LINEAR)
    row = cv2.resize(y - half, size, interpolation=cv2.INTER_LINEAR)
    warped = cv2.remap(source, column, row, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    whole = cv2.resize(seen.astype(np.uint8), size, interpolation=cv2.INTER_NEAREST)
    cv2.copyTo(warped, whole, picture)
    kernel = np.ones((2 * RIM + 1, 2 * RIM + 1), np.uint8)
    inner = cv2.erode(seen.astype(np.uint8), kernel, borderType=cv2.BORDER_CONSTANT, borderValue=(0,))
    known[cv2.resize(inner, size, interpolation=cv2.INTER_NEAREST) > 0] = 255
