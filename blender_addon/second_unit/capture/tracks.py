# SPDX-License-Identifier: GPL-3.0-or-later
"""From "which object is seen here" to "which moving thing", "which label" and "inside the region or not"."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from ..core.camera import unproject_at
from ..core.motion import Occurrence, assign
from ..protocol.late import frozen
from ..protocol.shot import PlaneKind
from ..scene.camera import View
from ..scene.labels import LabelFacts
from ..scene.motion import Occurrences
from .base import Planes

GEOMETRY = frozenset({PlaneKind.DEPTH, PlaneKind.INDEX, PlaneKind.OBJECT, PlaneKind.MATERIAL, PlaneKind.REGION})
Codes = dict[int, int]  # object's session uid -> the number that a back-end draws it with, counted from 1


@frozen(eq=False)
class Drawn:
    """What a back-end drew, each (H, W): planar depth in metres, and numbers of objects (codes) and of materials."""

    depth: NDArray[np.float32]
    objects: NDArray[np.integer]
    materials: NDArray[np.integer] | None = None


def codes_for(occurrences: Occurrences) -> Codes:
    """A number for every object that has occurrences to tell; all others are 0."""
    return {uid: place + 1 for place, uid in enumerate(sorted(occurrences))}


def needs_materials(kinds: frozenset[PlaneKind], labels: LabelFacts) -> bool:
    """Whether the numbers of materials are needed for these planes."""
    region = PlaneKind.REGION in kinds and labels.region is PlaneKind.MATERIAL
    return region or PlaneKind.MATERIAL in kinds or (PlaneKind.INDEX in kinds and bool(labels.refused_number))


def geometry_planes(
    kinds: frozenset[PlaneKind],
    drawn: Drawn,
    codes: Codes,
    view: View,
    occurrences: Occurrences,
    matrices: NDArray[np.float64],
    labels: LabelFacts,
) -> Planes:
    """Those of GEOMETRY that are among ``kinds``; ``codes`` are those of the ``occurrences``."""

    def told(value: Callable[[Occurrence], int]) -> NDArray[np.uint16]:
        return value_plane(drawn, codes, view, occurrences, matrices, value)

    made: Planes = {}
    if PlaneKind.DEPTH in kinds:
        made[PlaneKind.DEPTH] = drawn.depth
    if PlaneKind.INDEX in kinds:
        made[PlaneKind.INDEX] = told(lambda one: one.number)
    if PlaneKind.OBJECT in kinds or (PlaneKind.REGION in kinds and labels.region is PlaneKind.OBJECT):
        made[PlaneKind.OBJECT] = told(lambda one: one.label)
    if drawn.materials is not None:
        made[PlaneKind.MATERIAL] = np.where(np.isfinite(drawn.depth), drawn.materials, 0).astype(np.uint16)
        if PlaneKind.INDEX in kinds:
            made[PlaneKind.INDEX][labels.refused[made[PlaneKind.MATERIAL]]] = labels.refused_number
    if PlaneKind.REGION in kinds and labels.region is not None:
        made[PlaneKind.REGION] = np.where(labels.inside[made[labels.region]], np.uint8(255), np.uint8(0))
    return {kind: plane for kind, plane in made.items() if kind in kinds}


def value_plane(
    drawn: Drawn,
    codes: Codes,
    view: View,
    occurrences: Occurrences,
    matrices: NDArray[np.float64],
    value: Callable[[Occurrence], int],
) -> NDArray[np.uint16]:
    """The ``value`` of the occurrence that each pixel shows, (H, W); 0 where none of them is.

    Several of one number are told apart by where their surface lies; ``matrices`` (N, 4, 4) are the tracks'.
    """
    value_of = np.zeros(len(codes) + 2, np.uint16)  # the last is for numbers that are none of ours
    several: list[int] = []
    for uid, code in codes.items():
        values = {value(one) for one in occurrences[uid]}
        if len(values) == 1:
            value_of[code] = values.pop()
        elif values != {0}:
            several.append(uid)
    plane = np.take(value_of, drawn.objects, mode="clip")
    for uid in several:
        rows, columns = np.nonzero(drawn.objects == codes[uid])
        if rows.size:
            points = unproject_at(rows, columns, drawn.depth[rows, columns], view.intrinsics, view.c2w)
            plane[rows, columns] = assign(points, occurrences[uid], matrices, view.unit_scale, value)
    return plane
