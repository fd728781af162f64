# SPDX-License-Identifier: GPL-3.0-or-later
"""Finer maps of a reference: samples are kept where texels cannot speak for their pixels, and nowhere else."""

from __future__ import annotations

import numpy as np
from second_unit_daemon.conditioning.projection.finer import kept_samples, together
from second_unit_daemon.conditioning.projection.geometry import surfaces_of
from second_unit_daemon.conditioning.projection.silhouettes import WHOLE

FINENESS = 5
HEIGHT, WIDTH = 24, 40
WALL, POLE = np.float32(8.0), np.float32(5.0)


def looked_at(depth, index=None):
    middle = slice(FINENESS // 2, None, FINENESS)
    texels = surfaces_of(
        np.ascontiguousarray(depth[middle, middle]),
        None if index is None else np.ascontiguousarray(index[middle, middle]),
    )
    return kept_samples(depth, index, texels, FINENESS)


def wall():
    """A floor-like slope: one plane, whose inverse depth is affine over the picture."""
    y, x = np.mgrid[: HEIGHT * FINENESS, : WIDTH * FINENESS]
    return (1.0 / (1 / WALL + 1e-4 * x + 2e-4 * y)).astype(np.float32)


def test_of_one_plane_nothing_is_kept():
    found = looked_at(wall())
    assert not found.kept.any() and not found.crossed.any() and not found.more.any()


def test_a_pole_between_the_texels_is_found():
    depth = wall()
    left = 20 * FINENESS  # two samples of pixel 20; its texel is the third
    depth[:, left : left + 2] = POLE
    found = looked_at(depth)
    assert found.crossed[:, 19:21].all() and not found.crossed[:, :18].any() and not found.crossed[:, 22:].any()
    maps = together([found], [FINENESS])
    y, x = 7, 20
    at = int(maps.start[0, y, x])
    inverse = maps.inverse[at : at + FINENESS**2].reshape(FINENESS, FINENESS)
    right = maps.right[at : at + FINENESS**2].reshape(FINENESS, FINENESS)
    expected = 1 / depth[y * FINENESS : (y + 1) * FINENESS, left : left + FINENESS]
    np.testing.assert_allclose(inverse, expected, rtol=1e-6)
    assert (right[:, 1] != WHOLE).all() and (right[:, [0, 2, 3]] == WHOLE).all()
    assert maps.start[0, 7, 2] == 0 and maps.inverse[0] == 0.0


def test_things_are_told_apart_by_number_alone():
    depth = wall()
    index = np.zeros(depth.shape, np.uint16)
    index[60:, 100:] = 3
    found = looked_at(depth, index)
    rows, columns = np.nonzero(found.crossed)
    # The border lies between pixels 11 and 12, 19 and 20: both sides of it are crossed, and nothing else.
    assert set(zip(rows.tolist(), columns.tolist(), strict=True)) == (
        {(y, x) for y in range(12, HEIGHT) for x in (19, 20)} | {(y, x) for y in (11, 12) for x in range(20, WIDTH)}
    )


def test_steps_of_half_a_per_cent_are_silhouettes():
    depth = wall()
    depth[:, 103:] *= np.float32(1.005)
    assert looked_at(depth).crossed[:, 20].all()
