# SPDX-License-Identifier: GPL-3.0-or-later
"""The stream of frames: project, fill, soften, crop. One frame is being used while the next one is being made."""

from __future__ import annotations

from collections.abc import Generator
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from ...conditioning.projection.background import fill_from_background
from ...conditioning.projection.edges import edges_of, soften_edges
from ...conditioning.projection.plate_match import match_plate
from ...conditioning.projection.projector import Projector
from ...conditioning.projection.references import crop_of
from ...conditioning.shot_data import ShotData
from ..base import EngineFrame, Frame, JobControl, Mask


def project_shot(shot: ShotData, control: JobControl, figures: dict[str, float]) -> Generator[EngineFrame]:
    """Yields every clip frame at the delivered size; ``figures`` has the share of holes at the end."""
    control.progress("Reading references", 0.0)
    projector = Projector(shot)
    control.progress("Reading references", 1.0)
    holes = 0
    # Whoever takes the frames encodes them meanwhile; the kernels need no interpreter lock.
    with ThreadPoolExecutor(1, thread_name_prefix="next-frame") as ahead:
        coming = ahead.submit(_frame, projector, 0)
        for i in range(len(shot)):
            control.check()
            control.progress("Projecting", i / len(shot))
            image, mask = coming.result()
            if i + 1 < len(shot):
                coming = ahead.submit(_frame, projector, i + 1)
            holes += np.count_nonzero(mask)
            yield EngineFrame(image, image, mask)
    figures["hole_fraction"] = holes / (len(shot) * shot.request.width * shot.request.height)
    control.progress("Projecting", 1.0)


def _frame(projector: Projector, i: int) -> tuple[Frame, Mask]:
    shot = projector.shot
    still = projector.still(i)
    if still is not None:
        return still, np.zeros(still.shape[:2], np.uint8)
    p = projector.frame(i)
    holes = 255 - p.known
    plate = shot.colour(i)
    edges = edges_of(p.surfaces)
    if plate is not None and p.known.any():
        match = match_plate(p.image, p.known, plate, p.surfaces.inverse)
        match.fill(p.image, p.known)
        image = soften_edges(p.image, p.surfaces, edges, plate)
        match.lean(image, ~edges)
    else:
        fill_from_background(p.image, p.known, p.surfaces)
        image = soften_edges(p.image, p.surfaces, edges, None)
    left, top, width, height = crop_of(shot, *p.surfaces.shape[::-1])
    inside = slice(top, top + height), slice(left, left + width)
    return np.ascontiguousarray(image[inside]), np.ascontiguousarray(holes[inside], np.uint8)
