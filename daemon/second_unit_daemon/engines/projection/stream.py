# SPDX-License-Identifier: GPL-3.0-or-later
"""The stream of frames. One frame is being used while the next ones are being made."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import numpy as np
from second_unit_protocol.shot import Scalar, SourceUse

from ...conditioning.projection.finishing import finished
from ...conditioning.projection.projector import Projector
from ...conditioning.projection.references import delivered
from ...conditioning.shot_data import ShotData
from ...conditioning.source_clip import Continued, SourceStream, ends_of, inside_region
from ..base import EngineFrame, Frame, JobControl, Mask
from .look import dressed, look_of

AHEAD = 2  # frames in the making: what one thread does alone in one of them runs beside the loops of the other


def project_shot(
    shot: ShotData, control: JobControl, figures: dict[str, float], facts: dict[str, Scalar] | None = None
) -> Generator[EngineFrame]:
    """Yields every clip frame at the delivered size; ``figures`` has the share of holes at the end.

    ``facts`` is told how the frames are made, before the first one comes.
    """
    control.progress("Reading references", 0.0)
    source = shot.request.source
    extended = source is not None and source.use is SourceUse.EXTEND
    projector = Projector(Continued(shot, ends_of(shot)) if extended else shot)
    kept = SourceStream(shot) if source is not None and (extended or shot.request.region) else None
    if len(projector.stack.data) > 1:
        figures["references_differ"] = round(projector.stack.looks.differ, 4)
    control.progress("Reading references", 1.0)
    look = None if extended else look_of(shot.request, shot.blob_path)
    make = partial(finished, projector)
    if look is not None:
        dressed_shot = dressed(projector, look, control)
        make = partial(_dressed_frame, projector, Projector(dressed_shot))
        if facts is not None:
            keys = ", ".join(f"{key.clip_position:g}" for key in dressed_shot.references)
            facts |= {"style": look.name, "style_strength": shot.request.style_strength, "key_frames": keys}
    make = partial(_frame, make, kept, shot)
    holes = 0
    # Whoever takes the frames encodes them meanwhile; the kernels need no interpreter lock. A source is read in order.
    workers = AHEAD if kept is None else 1
    with ThreadPoolExecutor(workers, thread_name_prefix="next-frame") as ahead:
        coming = deque(ahead.submit(make, i) for i in range(min(workers, len(shot))))
        for i in range(len(shot)):
            control.check()
            control.progress("Projecting", i / len(shot))
            image, mask = coming.popleft().result()
            if i + workers < len(shot):
                coming.append(ahead.submit(make, i + workers))
            holes += np.count_nonzero(mask)
            yield EngineFrame(image, image, mask)
    figures["hole_fraction"] = holes / (len(shot) * shot.request.width * shot.request.height)
    control.progress("Projecting", 1.0)


def _frame(make: Callable[[int], tuple[Frame, Mask]], kept: SourceStream | None, shot: ShotData, i: int):
    """What the source clip has of frame ``i``, and what ``make`` gives of the rest: (image, mask)."""
    picture = kept.at(i) if kept else None
    if picture is None:
        return make(i)
    region = shot.region(i)
    if region is None or kept is None or kept.extended:
        return picture, np.zeros(picture.shape[:2], np.uint8)
    inside = np.ascontiguousarray(delivered(shot, region))
    if not inside.any():
        return picture, np.zeros(picture.shape[:2], np.uint8)
    made, holes = make(i)
    return inside_region(made, picture, inside), np.where(inside > 0, holes, 0).astype(np.uint8)


def _dressed_frame(plain: Projector, dressed: Projector, i: int) -> tuple[Frame, Mask]:
    """From the key frames in their look; the mask is still of what no reference of the shot's shows."""
    image, _ = finished(dressed, i)
    if plain.still(i) is not None:
        return image, np.zeros(image.shape[:2], np.uint8)
    return image, np.ascontiguousarray(255 - delivered(plain.shot, plain.frame(i).known), np.uint8)
