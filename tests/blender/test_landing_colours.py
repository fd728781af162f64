# SPDX-License-Identifier: GPL-3.0-or-later
"""Rendering the sequencer gives back the clip's own colours, under every view that can give them back."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from bl_ext.user_default.second_unit.sequencer import landing

from tests.blender import footage

PATCH = 26
# What skin, plants, sky, stone and lamps look like; then greys. None is at a corner of the cube.
INSIDE = [
    [200, 120, 60], [224, 172, 140], [96, 60, 44], [70, 110, 60], [120, 150, 90], [110, 150, 200], [150, 180, 215],
    [60, 70, 90], [130, 120, 110], [180, 170, 150], [90, 40, 40], [180, 60, 50], [60, 60, 120], [210, 190, 120],
    [40, 36, 30], [170, 140, 180], *[[grey] * 3 for grey in (24, 48, 80, 112, 144, 176, 208, 230)],
]  # fmt: skip
CORNERS = [[255 * bit for bit in bits] for bits in itertools.product((0, 1), repeat=3)]
VIEWS = ("Standard", "AgX", "Filmic")
GREY_CORNERS = (0, 7)
# Levels (of 255) by which the worst of the cube's six coloured corners is off: AgX and Filmic never show a pure
# colour, so no input gives one back. Measured 0, 211 and 18, the same in 4.5.15 and 5.0.1.
CORNERS_OFF = {"Standard": 3, "AgX": 215, "Filmic": 20}


@pytest.fixture(scope="module")
def patches(tmp_path_factory):
    return footage.make("colours", tmp_path_factory.mktemp("clips") / "c.mp4", colours=INSIDE + CORNERS, patch=PATCH)


def levels_off(patches, view, folder) -> np.ndarray:
    """Largest difference of a channel, per patch, in levels; landing's warnings must be none."""
    clip = np.load(patches.with_suffix(".npy"))
    height, width = clip.shape[:2]
    scene = footage.frame_scene(width, height, view=view)
    done = landing.land(footage.take(scene, count=4), patches)
    assert done.warnings == ()
    picture = footage.shown(scene, 2, folder)
    off = np.abs(picture.astype(int) - clip.astype(int)).max(axis=2)
    centres = [(place // 8 * PATCH + PATCH // 2, place % 8 * PATCH + PATCH // 2) for place in range(len(INSIDE) + 8)]
    return np.array([off[y - 3 : y + 3, x - 3 : x + 3].max() for y, x in centres])


@pytest.mark.parametrize("view", VIEWS)
def test_colours_come_back_within_three_levels(patches, tmp_path, view):
    off = levels_off(patches, view, tmp_path)
    corners = off[len(INSIDE) :]
    assert off[: len(INSIDE)].max() <= 3
    assert corners[list(GREY_CORNERS)].max() <= 3, "black and white"
    assert corners.max() <= CORNERS_OFF[view]


def test_a_view_that_nothing_undoes_is_said(patches):
    scene = footage.frame_scene(view="Raw")
    warning = landing.land(footage.take(scene, count=4), patches).warnings[0]
    assert "No colour space undoes the view Raw" in warning.cause
    assert "Standard, AgX or Filmic" in warning.remedy


def test_a_look_that_is_laid_over_the_clip_again_is_said(patches):
    scene = footage.frame_scene(view="AgX")
    scene.view_settings.exposure = 1.0
    scene.view_settings.look = "AgX - Punchy"
    warning = landing.land(footage.take(scene, count=4), patches).warnings[0]
    assert "Look and Exposure of Scene is laid over the clip a second time" in warning.cause
