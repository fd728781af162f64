# SPDX-License-Identifier: GPL-3.0-or-later
"""Parts of a clip moved: each carried along its path, swaying or not; what it uncovers comes from other frames, else
from around it."""

from __future__ import annotations

import math
from collections.abc import Callable

import cv2
import numpy as np
from attrs import field, frozen
from numpy.typing import NDArray
from second_unit_protocol.shot import RegionMotion

from .behind import RIM_PX, Behind
from .projection.background import fill_from_background
from .projection.geometry import Surfaces, surfaces_of
from .shot_data import ShotData, array_of

Picture = NDArray[np.uint8]
FEATHER_PX = 2.0  # inside a part, over which it fades into what lies below
WAVE = 1.5 * math.pi  # phase from one end of a part to the other, so that it does not sway as one
STEEPEST = 0.5  # of a part's reach from its edge to its middle: a wider sway would fold the picture
STILL_PX = 1e-3


@frozen(eq=False)
class _Layer:
    """A part in one frame. ``inside`` (H, W): distance to its edge; ``goes`` (2,), ``sways`` (H, W, 2); pixels."""

    inside: NDArray[np.float32] = field(repr=False)
    goes: NDArray[np.float64]
    sways: NDArray[np.float32] | None = field(repr=False)


class MovedParts:
    """What a source clip shows once its parts have moved, for planes of one size (the capture's)."""

    def __init__(self, shot: ShotData, bring: Callable[[Picture], Picture] = lambda picture: picture):
        """``bring`` takes a picture of the delivered size to that of the planes."""
        self._shot = shot
        self._behind = Behind(shot, bring)
        self._paths = [array_of(part.path) for part in shot.request.moving]
        self._flat: Surfaces | None = None
        self._limited: set[str] = set()

    def notes(self) -> tuple[str, ...]:
        """Which parts swayed less than was asked."""
        return tuple(
            f"{name}: it sways less than asked, because its edge stays and a wider sway would fold it"
            for name in sorted(self._limited)
        )

    def at(self, frame: int, picture: Picture) -> tuple[Picture, Picture]:
        """(H, W, 3) of clip frame ``frame``, whose source picture is ``picture``; (H, W) 255 where it is made up."""
        layers = [layer for number in range(len(self._paths)) if (layer := self._layer(number, frame)) is not None]
        uncovered = np.zeros(picture.shape[:2], np.uint8)
        for layer in layers:
            if np.abs(layer.goes).max() > STILL_PX:
                uncovered |= np.asarray(cv2.dilate((layer.inside > 0).astype(np.uint8), _disc(RIM_PX)), np.uint8)
        made = np.ascontiguousarray(picture).copy()
        if uncovered.any():
            known = np.where(uncovered > 0, 0, 255).astype(np.uint8)
            self._behind.fill(frame, made, known)
            uncovered[known > 0] = 0
            fill_from_background(made, known, self._surfaces(picture.shape[0], picture.shape[1]))
        for layer in layers:
            made = _over(made, picture, layer, uncovered)
        return made, uncovered * np.uint8(255)

    def _layer(self, number: int, frame: int) -> _Layer | None:
        """None for a part that is not seen, or that neither goes nor sways."""
        part, region = self._shot.request.moving[number], self._shot.part(number, frame)
        goes, swings = self._paths[number][frame], part.sway_right_px or part.sway_down_px
        if not region.any() or (np.abs(goes).max() <= STILL_PX and not swings):
            return None
        inside = np.asarray(cv2.distanceTransform((region > 127).astype(np.uint8), cv2.DIST_L2, 5), np.float32)
        return _Layer(inside, goes, self._sways(part, inside, frame) if swings else None)

    def _sways(self, part: RegionMotion, inside: NDArray[np.float32], frame: int) -> NDArray[np.float32]:
        """(H, W, 2): a wave through the part, nothing at its edge, begun from rest within half a swing."""
        reach, wide = float(inside.max()), math.hypot(part.sway_right_px, part.sway_down_px)
        most = STEEPEST * reach
        if wide > most:
            self._limited.add(part.name)
        turns = frame / float(self._shot.request.grid.clip_rate) / part.sway_s
        share = min(1.0, 2.0 * turns) * min(1.0, most / wide)
        rows, columns = np.nonzero(inside > 0)
        across, down = max(int(np.ptp(columns)), 1), max(int(np.ptp(rows)), 1)
        y, x = np.indices(inside.shape, np.float32)
        phase = WAVE * (0.8 * (x - columns.min()) / across + 0.6 * (y - rows.min()) / down)
        edge = np.clip(inside / reach, 0.0, 1.0)
        weight = share * edge * edge * (3.0 - 2.0 * edge) * np.sin(2.0 * math.pi * turns + phase)
        return np.stack([part.sway_right_px * weight, part.sway_down_px * weight], -1).astype(np.float32)

    def _surfaces(self, height: int, width: int) -> Surfaces:
        if self._flat is None or self._flat.shape != (height, width):
            self._flat = surfaces_of(np.ones((height, width), np.float32), None)
        return self._flat


def _over(below: Picture, picture: Picture, layer: _Layer, uncovered: Picture) -> Picture:
    """``below`` with the layer laid over it; what it covers is taken out of ``uncovered``."""
    y, x = np.indices(layer.inside.shape, np.float32)
    from_x, from_y = x - np.float32(layer.goes[0]), y - np.float32(layer.goes[1])
    share = cv2.remap(_alpha(layer), from_x, from_y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT)
    if layer.sways is not None:
        sways = cv2.remap(layer.sways, from_x, from_y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT)
        from_x, from_y = from_x - sways[..., 0], from_y - sways[..., 1]
    colours = cv2.remap(picture, from_x, from_y, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    uncovered[share >= 1.0] = 0
    mixed = share[..., None] * colours.astype(np.float32) + (1.0 - share[..., None]) * below.astype(np.float32)
    return np.where(share[..., None] > 0, np.rint(mixed), below).astype(np.uint8)


def _alpha(layer: _Layer) -> NDArray[np.float32]:
    return np.asarray(np.clip(layer.inside / FEATHER_PX, 0.0, 1.0), np.float32)


def _disc(radius: int) -> NDArray[np.uint8]:
    return np.asarray(cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * radius + 1, 2 * radius + 1)), np.uint8)
