# SPDX-License-Identifier: GPL-3.0-or-later
"""Telling moving things apart, without bpy."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from ..protocol.late import frozen

STILL = 2e-6  # relative: Blender keeps matrices in float32
SLACK = 1.02  # a surface may lie exactly on its bounding box


@frozen(eq=False)
class Occurrence:
    """One place where an object is seen. ``number`` is its track, 0 if it stands still there at ``matrix``; ``label``
    its place among what is told apart by name, 0 for what is not.

    ``matrix`` (4, 4) is object-to-world in metres at the first time; ``centre`` and ``half_size`` (3,) are of the
    object's own bounding box, in its own units.
    """

    number: int
    matrix: NDArray[np.float64]
    centre: NDArray[np.float64]
    half_size: NDArray[np.float64]
    label: int = 0


def moved(before: NDArray[np.float64], after: NDArray[np.float64]) -> bool:
    """Whether two object-to-world matrices differ by more than float32 keeps."""
    return bool(np.abs(after - before).max() > STILL * (1.0 + np.abs(before).max()))


def assign(
    points_m: NDArray[np.float64],
    occurrences: tuple[Occurrence, ...],
    matrices: NDArray[np.float64],
    unit_scale: float,
    value: Callable[[Occurrence], int],
) -> NDArray[np.uint16]:
    """Which occurrence of one object each world point (P, 3) lies on: the ``value`` of it, (P,).

    ``matrices`` (N, 4, 4) are the tracks' object-to-world at this time, in metres. A point is told by the bounding
    box that holds it. Of several boxes, it is the one whose sides are nearest, for surfaces lie near the sides of their
    boxes; where none holds it, the nearest box.
    """
    result = np.zeros(len(points_m), np.uint16)
    least = np.full(len(points_m), np.inf)
    for one in occurrences:
        world = matrices[one.number - 1] if one.number else one.matrix
        to_own = np.linalg.pinv(world[:3, :3])  # a flat thing may have a zero scale
        own = (points_m - world[:3, 3]) @ to_own.T / unit_scale
        room = one.half_size * SLACK + 1e-3 * one.half_size.max()
        out = (np.abs(own - one.centre) / np.maximum(room, np.finfo(float).tiny)).max(1)  # 1 on the box's sides
        away = np.where(out <= 1.0, 1.0 - out, out)
        nearer = away < least
        result[nearer], least[nearer] = value(one), away[nearer]
    return result
