# SPDX-License-Identifier: GPL-3.0-or-later
"""The step match: the colours of a reference picture, or of a neighbouring clip."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import numpy as np
from attrs import frozen
from numpy.typing import NDArray
from second_unit_protocol.errors import ErrorCode, SecondUnitError
from second_unit_protocol.shot import Scalar

from .clip import PICTURES, open_clip, part_of, read_picture
from .cuts import CutFinder
from .stream import Stream

if TYPE_CHECKING:
    from ..conditioning.shot_data import ShotData
    from .stream import Picture

STEADY = 4.0  # added to variances: nearly grey pictures must not be blown up to colour


@frozen
class Colours:
    """Mean (3,) and covariance (3, 3) of pixels in CIE L*a*b*."""

    mean: NDArray[np.float64]
    covariance: NDArray[np.float64]


class Match:
    """One change of colours for each shot of the clip, from its first frame: it does not breathe with the content.

    The change is the linear one that carries one distribution of colours into the other with the least moving
    (Pitié and Kokaram 2007), in L*a*b*.
    """

    def __init__(self, settings: Mapping[str, Scalar], shot: ShotData | None):
        self._strength = float(settings["strength"])
        self._goal = colours_of(_goal(str(settings["to"]), str(settings["part"]), shot))

    def shape(self, stream: Stream) -> Stream:
        return stream

    def facts(self) -> dict[str, Scalar]:
        return {}

    def run(self, frames: Iterator[Picture], stream: Stream) -> Iterator[Picture]:
        cuts, table = CutFinder(), None
        for frame in frames:
            cut = cuts.is_cut(frame)
            if table is None or cut:
                table = self._table(colours_of([frame]))
            yield _looked_up(frame, table)

    def _table(self, source: Colours) -> NDArray[np.float32]:
        """(N, N, N, 3) RGB to RGB: a matrix a pixel in L*a*b* would cost ten times as much."""
        change = carried(source, self._goal)
        axis = np.linspace(0, 1, GRID, dtype=np.float32)
        grid = np.stack(np.meshgrid(axis, axis, axis, indexing="ij"), -1).reshape(-1, 1, 3)
        lab = cv2.cvtColor(grid, cv2.COLOR_RGB2LAB).reshape(-1, 3)
        moved = (lab - source.mean) @ change.T + self._goal.mean
        mixed = (lab + self._strength * (moved - lab)).astype(np.float32)
        rgb = cv2.cvtColor(mixed.reshape(-1, 1, 3), cv2.COLOR_LAB2RGB)
        return rgb.reshape(GRID, GRID, GRID, 3).astype(np.float32)


GRID = 33


def colours_of(pictures: Iterable[Picture]) -> Colours:
    """Over all pictures, one at a time."""
    count, total, square = 0, np.zeros(3), np.zeros((3, 3))
    for picture in pictures:
        small = cv2.resize(picture[..., :3], (128, 128), interpolation=cv2.INTER_AREA)
        lab = cv2.cvtColor(small.astype(np.float32) / 255, cv2.COLOR_RGB2LAB).reshape(-1, 3).astype(np.float64)
        count, total, square = count + len(lab), total + lab.sum(0), square + lab.T @ lab
    mean = total / count
    return Colours(mean, square / count - np.outer(mean, mean))


def carried(source: Colours, goal: Colours) -> NDArray[np.float64]:
    """(3, 3): S^−½ (S^½ G S^½)^½ S^−½ for covariances S and G."""
    half = _power(source.covariance + STEADY * np.eye(3), 0.5)
    inverse = np.linalg.inv(half)
    return inverse @ _power(half @ (goal.covariance + STEADY * np.eye(3)) @ half, 0.5) @ inverse


def _power(matrix: NDArray[np.float64], exponent: float) -> NDArray[np.float64]:
    values, vectors = np.linalg.eigh(matrix)
    return (vectors * np.maximum(values, 1e-9) ** exponent) @ vectors.T


def _looked_up(frame: Picture, table: NDArray[np.float32]) -> Picture:
    """Trilinear, in the table's grid."""
    place = frame[..., :3].astype(np.float32) * ((GRID - 1) / 255)
    low = np.minimum(place.astype(np.int32), GRID - 2)
    part = place - low
    flat = table.reshape(-1, 3)
    base = (low[..., 0] * GRID + low[..., 1]) * GRID + low[..., 2]
    total = np.zeros((*base.shape, 3), np.float32)
    for corner in range(8):
        offset, weight = 0, np.ones(base.shape, np.float32)
        for axis, step in enumerate((GRID * GRID, GRID, 1)):
            up = corner >> axis & 1
            offset += up * step
            weight *= part[..., axis] if up else 1 - part[..., axis]
        total += weight[..., None] * flat[base + offset]
    out = frame.copy()
    out[..., :3] = np.round(total * 255).clip(0, 255).astype(np.uint8)
    return out


def _goal(name: str, part: str, shot: ShotData | None) -> Iterable[Picture]:
    if not name:
        if shot is None or not shot.references:
            raise SecondUnitError(
                ErrorCode.BAD_REQUEST,
                "The step match has nothing to match",
                remedy="Name a picture or a clip: match:FILE",
            )
        return [reference.image for reference in shot.references]
    path = Path(name).expanduser()
    if not path.exists():
        raise SecondUnitError(ErrorCode.FILE_GONE, f"{path} is not there", remedy="Name another picture or clip")
    if path.suffix.lower() in PICTURES:
        return [read_picture(path)]
    return part_of(open_clip(path), part).frames()
