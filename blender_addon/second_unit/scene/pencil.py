# SPDX-License-Identifier: GPL-3.0-or-later
"""Grease pencil seen through the scene's camera: closed strokes are a region, an open one a line to follow."""

from __future__ import annotations

import uuid
from pathlib import Path

import bpy
import numpy as np
from bpy_extras.object_utils import world_to_camera_view

from ..core.drawing import Points, filled, meets_itself
from ..core.pictures import write_png
from ..protocol.disk import disk_errors
from ..protocol.errors import ErrorCode, SecondUnitError

Size = tuple[int, int]
KIND = "GREASEPENCIL"


def pencil_picture(drawing: bpy.types.Object, scene: bpy.types.Scene, size: Size, folder: Path) -> Path:
    """Its closed strokes filled, as the scene's camera sees them now. Raises SecondUnitError where there are none."""
    outlines = [line for line in _strokes(drawing, scene, size) if meets_itself(line)]
    picture = filled(outlines, *size)
    if not picture.any():
        cause = f"{drawing.name} has no closed stroke in the camera's view at frame {scene.frame_current}"
        raise _refused(cause, "Draw around what may be changed, back to where the stroke began")
    path = folder / f"pencil_{uuid.uuid4().hex[:8]}.png"
    with disk_errors(path):
        folder.mkdir(parents=True, exist_ok=True)
        path.write_bytes(write_png(np.repeat(picture[..., None], 3, -1)))
    return path


def pencil_line(drawing: bpy.types.Object, scene: bpy.types.Scene, size: Size) -> Points | None:
    """Its first open stroke in pixels, as the scene's camera sees it now."""
    return next((line for line in _strokes(drawing, scene, size) if len(line) > 1 and not meets_itself(line)), None)


def _strokes(drawing: bpy.types.Object, scene: bpy.types.Scene, size: Size) -> list[Points]:
    if scene.camera is None:
        raise _refused(f"{scene.name} has no camera to see {drawing.name} through", "Give the scene a camera")
    found = []
    for layer in drawing.data.layers:
        frame = None if layer.hide else layer.get_frame_at(scene.frame_current)
        for stroke in frame.drawing.strokes if frame else ():
            places = [drawing.matrix_world @ layer.matrix_local @ point.position for point in stroke.points]
            seen = [world_to_camera_view(scene, scene.camera, place) for place in places]
            if all(place.z > 0 for place in seen):
                line = np.array([(place.x * size[0], (1.0 - place.y) * size[1]) for place in seen])
                found.append(np.concatenate([line, line[:1]]) if stroke.cyclic and len(line) > 2 else line)
    return found


def _refused(cause: str, remedy: str) -> SecondUnitError:
    return SecondUnitError(ErrorCode.BAD_REQUEST, cause, remedy=remedy)
