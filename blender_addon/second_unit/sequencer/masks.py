# SPDX-License-Identifier: GPL-3.0-or-later
"""Mask data-blocks as regions of clips, rendered by Blender's own sequencer; an open spline is a line to follow."""

from __future__ import annotations

import uuid
import zlib
from pathlib import Path

import bpy
import numpy as np

from ..core.drawing import Knot, Points, polyline
from ..core.pictures import image_data
from ..protocol.disk import disk_errors
from ..protocol.errors import ErrorCode, SecondUnitError
from . import bare, compat

Size = tuple[int, int]
LARGEST = 640  # pixels of a mask's longer side: a frame is drawn in a moment
NOISE = 16  # bytes of a picture; an edge that moves changes more


def mask_pictures(mask: bpy.types.Mask, first: int, count: int, size: Size, folder: Path) -> Path:
    """The mask as Blender renders it at scene frames ``first`` … : a folder of grey pictures, or one where all are the
    same. Raises SecondUnitError where it draws nothing that is closed."""
    made = new_folder(mask, folder)
    draw_pictures(mask, first, count, size, made)
    return drawn(made)


def new_folder(mask: bpy.types.Mask, folder: Path) -> Path:
    """For the mask's pictures. Raises SecondUnitError where it draws nothing that is closed."""
    if not any(spline.use_cyclic for spline in _splines(mask)):
        raise _refused(f"The mask {mask.name} has no closed spline", "Close one around what may be changed (Alt C)")
    folder = folder / f"mask_{uuid.uuid4().hex[:8]}"
    with disk_errors(folder):
        folder.mkdir(parents=True)
    return folder


def draw_pictures(mask: bpy.types.Mask, first: int, count: int, size: Size, folder: Path) -> None:
    """Some of the frames into the folder; Blender waits for them."""
    share = min(1.0, LARGEST / max(size))
    copy = mask.copy()  # strips that go do not count a mask's users rightly
    try:
        with bare.bare_scene("Second Unit Mask", tuple(max(round(side * share), 4) for side in size)) as scene:
            _draw(scene, copy, first, count, folder)
    finally:
        bpy.data.masks.remove(copy)


def drawn(folder: Path) -> Path:
    """The folder, or its first picture where all show the same."""
    pictures = sorted(folder.glob("*.png"))
    return pictures[0] if _are_alike(pictures) else folder


def gone(name: str) -> SecondUnitError:
    return _refused(f"The mask {name} is gone", "Begin the edit again")


def _are_alike(pictures: list[Path]) -> bool:
    """Whether all show the same; Blender draws one and the same mask with a level more or less here and there."""
    first, *others = (np.frombuffer(zlib.decompress(image_data(path.read_bytes())), np.uint8) for path in pictures)
    return all(np.count_nonzero(other != first) <= NOISE for other in others)


def _draw(scene: bpy.types.Scene, mask: bpy.types.Mask, first: int, count: int, folder: Path) -> None:
    strips = scene.sequence_editor.strips
    strip = strips.new_mask(name=mask.name, mask=mask, channel=1, frame_start=mask.frame_start)
    compat.set_handles(strip, first, first + count)
    scene.render.filepath = str(folder / "mask_")
    scene.frame_start, scene.frame_end = first, first + count - 1
    bpy.ops.render.render(animation=True, scene=scene.name)


def mask_line(mask: bpy.types.Mask, size: Size) -> Points | None:
    """The first open spline in pixels of a picture of ``size``, as it is now."""
    for spline in _splines(mask):
        if not spline.use_cyclic and len(spline.points) > 1:
            knots = [Knot(*(_in_pixels(p, size) for p in (k.handle_left, k.co, k.handle_right))) for k in spline.points]
            return polyline(knots, closed=False)
    return None


def _splines(mask: bpy.types.Mask) -> list[bpy.types.MaskSpline]:
    return [spline for layer in mask.layers if not layer.hide_render for spline in layer.splines]


def _in_pixels(place, size: Size) -> Points:
    """Masks count in squares as wide as the picture's longer side, whose middle is the picture's, y up."""
    longer = max(size)
    x, y = (np.array([place[0], place[1]]) - 0.5) * longer
    return np.array([size[0] / 2 + x, size[1] / 2 - y])


def _refused(cause: str, remedy: str) -> SecondUnitError:
    return SecondUnitError(ErrorCode.BAD_REQUEST, cause, remedy=remedy)
