# SPDX-License-Identifier: GPL-3.0-or-later
"""Each delivery format is loaded by Blender, and shows the colours and frames that were delivered."""

from __future__ import annotations

from pathlib import Path

import bpy
import numpy as np
import pytest
from bl_ext.user_default.second_unit.sequencer import colour

from tests.blender import footage

COLOURS = [[200, 120, 60], [30, 90, 160], [128, 128, 128], [240, 240, 235], [12, 12, 16], [60, 160, 70], [180, 40, 50],
           [90, 60, 140]]  # fmt: skip
PATCH = 64
# How far the middle of a patch may be off: what the format's own chroma and quantising cost.
ALLOWED = {"h264": 4, "h265": 4, "av1": 5, "prores422": 4, "prores4444": 3, "dnxhr": 4, "ffv1": 1, "webm": 5, "gif": 9,
           "webp": 6, "png": 1, "exr": 2}  # fmt: skip
NOT_READ = ("webp",)  # FFmpeg, which Blender reads with, writes animated WebP but does not read it


@pytest.fixture(scope="module")
def delivered(tmp_path_factory) -> Path:
    """A folder with the clip in every format, made by the development environment."""
    return footage.make("deliveries", tmp_path_factory.mktemp("delivered"), colours=COLOURS, patch=PATCH)


def strip_of(folder: Path, name: str, scene: bpy.types.Scene):
    editor = scene.sequence_editor_create()
    found = next(p for p in sorted(folder.iterdir()) if p.stem == name and p.suffix not in (".json", ".jpg"))
    if not found.is_dir():
        return editor.strips.new_movie(name, str(found), 1, 1, fit_method="ORIGINAL")
    pictures = sorted(p.name for p in found.iterdir())
    strip = editor.strips.new_image(name, str(found / pictures[0]), 1, 1, fit_method="ORIGINAL")
    for other in pictures[1:]:
        strip.elements.append(other)
    return strip


@pytest.mark.parametrize("name", [name for name in ALLOWED if name not in NOT_READ])
def test_blender_shows_the_colours_that_were_delivered(name, delivered, tmp_path):
    scene = footage.frame_scene(8 * PATCH, PATCH * 2)
    strip = strip_of(delivered, name, scene)
    assert strip.frame_duration == 4
    if name != "exr":  # linear light: Blender's own reading of it is right
        colour.match(strip, scene)
    shown = footage.shown(scene, 2, tmp_path).astype(int)
    for place, wanted in enumerate(COLOURS):
        middle = shown[PATCH // 2 - 4 : PATCH // 2 + 4, place * PATCH + PATCH // 2 - 4 : place * PATCH + PATCH // 2 + 4]
        off = np.abs(middle.reshape(-1, 3).mean(axis=0) - wanted).max()
        assert off <= ALLOWED[name], (wanted, middle.reshape(-1, 3).mean(axis=0))
