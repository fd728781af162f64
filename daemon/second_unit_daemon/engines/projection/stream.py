# SPDX-License-Identifier: GPL-3.0-or-later
"""The stream of frames: project, fill, crop, count. One frame is in memory at a time, and the next one's planes."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from ...conditioning.projection.background import fill_from_background
from ...conditioning.projection.edges import soften_edges
from ...conditioning.projection.plate_match import fill_from_plate
from ...conditioning.projection.projector import Projector
from ...conditioning.projection.references import crop_of
from ...conditioning.shot_data import ShotData
from ..base import EngineFrame, JobControl


def project_shot(shot: ShotData, control: JobControl, figures: dict[str, float]) -> Iterator[EngineFrame]:
    """Yields every clip frame at the delivered size and keeps ``figures`` up to date."""
    control.progress("Reading references", 0.0)
    projector = Projector(shot)
    control.progress("Reading references", 1.0)
    for i in range(len(shot)):
        control.check()
        control.progress("Projecting", i / len(shot))
        still = projector.still(i)
        if still is not None:
            yield EngineFrame(still, still, np.zeros(still.shape[:2], np.uint8))
            continue
        p = projector.frame(i)
        holes = 255 - p.known
        plate = shot.colour(i)
        if plate is not None and p.known.any():
            fill_from_plate(p.image, p.known, plate, p.surfaces.inverse)
        else:
            fill_from_background(p.image, p.known, p.surfaces)
        image = soften_edges(p.image, p.surfaces, plate)
        left, top, width, height = crop_of(shot, *p.surfaces.shape[::-1])
        image = np.ascontiguousarray(image[top : top + height, left : left + width])
        yield EngineFrame(image, image, np.ascontiguousarray(holes[top : top + height, left : left + width]))
    control.progress("Projecting", 1.0)
