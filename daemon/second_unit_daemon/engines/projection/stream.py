# SPDX-License-Identifier: GPL-3.0-or-later
"""The stream of frames: project, fill, soften, crop. One frame is being used while the next one is being made."""

from __future__ import annotations

from collections.abc import Generator
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from numpy.typing import NDArray
from second_unit_protocol.shot import SourceUse

from ...conditioning.projection.background import fill_from_background
from ...conditioning.projection.edges import edges_of, soften_edges
from ...conditioning.projection.plate_match import match_plate
from ...conditioning.projection.projector import Projector
from ...conditioning.projection.references import crop_of
from ...conditioning.shot_data import ShotData
from ...conditioning.source_clip import Continued, SourceStream, ends_of, inside_region
from ..base import EngineFrame, Frame, JobControl, Mask


def project_shot(shot: ShotData, control: JobControl, figures: dict[str, float]) -> Generator[EngineFrame]:
    """Yields every clip frame at the delivered size; ``figures`` has the share of holes at the end."""
    control.progress("Reading references", 0.0)
    source = shot.request.source
    extended = source is not None and source.use is SourceUse.EXTEND
    projector = Projector(Continued(shot, ends_of(shot)) if extended else shot)
    kept = SourceStream(shot) if source is not None and (extended or shot.request.region) else None
    control.progress("Reading references", 1.0)
    holes = 0
    # Whoever takes the frames encodes them meanwhile; the kernels need no interpreter lock.
    with ThreadPoolExecutor(1, thread_name_prefix="next-frame") as ahead:
        coming = ahead.submit(_frame, projector, kept, 0)
        for i in range(len(shot)):
            control.check()
            control.progress("Projecting", i / len(shot))
            image, mask = coming.result()
            if i + 1 < len(shot):
                coming = ahead.submit(_frame, projector, kept, i + 1)
            holes += np.count_nonzero(mask)
            yield EngineFrame(image, image, mask)
    figures["hole_fraction"] = holes / (len(shot) * shot.request.width * shot.request.height)
    control.progress("Projecting", 1.0)


def _frame(projector: Projector, kept: SourceStream | None, i: int) -> tuple[Frame, Mask]:
    picture = kept.at(i) if kept else None
    if picture is None:
        return _projected(projector, i)
    region = projector.shot.region(i)
    if region is None or kept is None or kept.extended:
        return picture, np.zeros(picture.shape[:2], np.uint8)
    inside = _delivered(projector.shot, region)
    if not inside.any():
        return picture, np.zeros(picture.shape[:2], np.uint8)
    made, holes = _projected(projector, i)
    return inside_region(made, picture, inside), np.where(inside > 0, holes, 0).astype(np.uint8)


def _projected(projector: Projector, i: int) -> tuple[Frame, Mask]:
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
    return _delivered(shot, image), _delivered(shot, holes)


def _delivered(shot: ShotData, planes: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The artist's part of something of the planes' size."""
    left, top, width, height = crop_of(shot, *planes.shape[1::-1])
    return np.ascontiguousarray(planes[top : top + height, left : left + width], np.uint8)
