# SPDX-License-Identifier: GPL-3.0-or-later
"""Texels weighed in vector registers are what the sum says, wherever they lie."""

from __future__ import annotations

import numpy as np
import pytest
from second_unit_daemon.conditioning.projection.jit import kernel
from second_unit_daemon.conditioning.projection.pictures import spline_coefficients
from second_unit_daemon.conditioning.projection.sampling import UNIT, spline
from second_unit_daemon.conditioning.projection.texels import CHANNELS, weigh_texels

ROWS, COLUMNS = 9, 11


@kernel
def weighed(texels, start, stride, across, down):
    return weigh_texels(texels, start, stride, across, down)


@kernel
def splined(texels, start, rows, columns, u, v):
    return spline(texels, start, rows, columns, u, v)


@pytest.fixture
def picture() -> np.ndarray:
    return np.random.default_rng(3).integers(-32768, 32767, (ROWS, COLUMNS, CHANNELS), np.int16)


@pytest.mark.parametrize(("row", "column"), [(0, 0), (2, 3), (ROWS - 4, COLUMNS - 4)])
def test_sixteen_texels_are_weighed_by_row_and_column(picture, row, column):
    across, down = (
        tuple(np.float32(n) for n in numbers) for numbers in ((0.1, 0.5, -0.2, 0.6), (0.3, 0.25, 0.4, 0.05))
    )
    stride = CHANNELS * COLUMNS
    found = weighed(picture.ravel(), row * stride + column * CHANNELS, stride, across, down)
    part = picture[row : row + 4, column : column + 4, :3].astype(np.float64)
    np.testing.assert_allclose(found, np.einsum("j,i,jic->c", down, across, part), rtol=1e-5, atol=0.5)


def test_inside_and_at_the_border_a_spline_is_one_and_the_same(picture):
    """What is read at the border is what vectors read where a frame of mirrored texels makes room for them."""
    wide = np.pad(picture, ((3, 3), (3, 3), (0, 0)), mode="reflect")
    before = np.array([7, 7, 7], np.int16)  # a level need not be the first of its array
    for u, v in [(0.0, 0.0), (0.4, 3.2), (COLUMNS - 1.3, ROWS - 1.9), (4.5, -0.4), (5.25, 4.75)]:
        place = np.float32(u), np.float32(v)
        near = splined(np.concatenate([before, picture.ravel()]), len(before), ROWS, COLUMNS, *place)
        roomy = splined(wide.ravel(), 0, ROWS + 6, COLUMNS + 6, np.float32(u + 3), np.float32(v + 3))
        np.testing.assert_allclose(near, roomy, rtol=1e-4, atol=float(UNIT))


def test_a_picture_is_read_as_it_is_up_to_its_last_row():
    """Else a clip that goes on from itself again and again has stripes at its borders that grow."""
    shown = np.random.default_rng(4).integers(90, 170, (ROWS, COLUMNS, 3)).astype(np.float32)
    texels = np.zeros((ROWS, COLUMNS, CHANNELS), np.int16)
    texels[..., :3] = spline_coefficients(shown)
    for y in range(ROWS):
        for x in range(COLUMNS):
            found = splined(texels.ravel(), 0, ROWS, COLUMNS, np.float32(x), np.float32(y))
            np.testing.assert_allclose(found, shown[y, x], atol=0.1)
