# SPDX-License-Identifier: GPL-3.0-or-later
"""Takes finished paintings into the scene's list, and what the panel shows of those under way."""

from __future__ import annotations

import bpy

from ...link import current
from ...link.paintings import Painting
from ..shot.props import find_shot


def tick() -> int:
    """Takes in what is done; returns a number that changes with what is shown."""
    for job_id, painting in list(current.paintings.now.items()):
        if painting.done:
            found = find_shot(painting.shot_id)
            current.paintings.take(job_id)
            if found:  # else its shot is gone: the picture stays on disk
                _add(found[0], painting)
    return current.paintings.revision


def under_way(shot_uid: str) -> list[Painting]:
    """The shot's paintings that are not done."""
    return [painting for painting in current.paintings.now.values() if painting.shot_id == shot_uid]


def of_shot(scene: bpy.types.Scene, shot_uid: str) -> list:
    """The shot's painted pictures, the latest first."""
    return [row for row in reversed(scene.second_unit_paint.paintings) if row.shot_uid == shot_uid]


def _add(scene: bpy.types.Scene, painting: Painting) -> None:
    row = scene.second_unit_paint.paintings.add()
    row.uid, row.shot_uid, row.frame = painting.job_id, painting.shot_id, painting.frame
    row.engine, row.seed = painting.engine, str(painting.seed)
    for name in ("picture", "capture"):
        path = str(getattr(painting, name))
        setattr(row, name, bpy.path.relpath(path) if bpy.data.filepath else path)
