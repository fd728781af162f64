# SPDX-License-Identifier: GPL-3.0-or-later
"""A shot in another look: a few of its frames are drawn in it, then carried along the camera by the shot's geometry.

Drawing each frame would shimmer, because the network answers small changes with large ones. So only key frames are
drawn, all with the same statistics (sheet.py), and a later key takes over from the earlier ones what they show of the
same surfaces: strokes stay where they are. Surfaces that no key shows would be without strokes, so keys are added where
they come into view.
"""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
from attrs import evolve
from numpy.typing import NDArray

from ..conditioning.projection.projector import Projector
from ..conditioning.projection.references import delivered
from ..conditioning.shot_data import ReferenceData, ShotData
from .network import Look, Picture
from .sheet import restyled

FrameOf = Callable[[int], Picture]  # clip frame → (H, W, 3) at the delivered size, in its own look

MOST_KEYS = 12
LOOKS = 24  # frames along the clip at which it is asked what no key shows
UNSEEN = 0.01  # of a picture: more than that is worth a key
BEFORE = 3  # earlier keys that a key takes strokes from
SEAM_PX = 6.0  # over which a key's own strokes begin beside those it takes over, in a picture 1000 pixels wide


def in_look(
    shot: ShotData,
    first: tuple[int, ...],
    frame_of: FrameOf,
    look: Look,
    strength: float,
    told: Callable[[str, float], None],
    check: Callable[[], None],
    look_over: Callable[[ShotData], None] = lambda keyed: None,
) -> ShotData:
    """The shot with key frames in ``look`` for references; project it (engines/projection/stream.py) for the clip.

    ``first`` are clip frames that are keys in any case, at least one; ``check`` may raise to stop, and
    ``look_over``, which sees the keys before they are drawn.
    """
    keys = _keys(shot, first, frame_of, told, check)
    look_over(shot.with_references(tuple(keys)))
    told("Drawing the style", 0.0)
    check()
    drawn = restyled([key.image for key in keys], look, strength)
    kept: list[ReferenceData] = []
    for number, (key, picture) in enumerate(zip(keys, drawn, strict=True)):
        check()
        told("Drawing the style", 0.5 + number / len(keys) / 2)
        if kept:
            picture = _taken_over(shot.with_references(tuple(kept[-BEFORE:])), round(key.clip_position), picture)
        kept.append(evolve(key, image=picture))
    told("Drawing the style", 1.0)
    return shot.with_references(tuple(kept))


def key_of(shot: ShotData, frame: int, image: Picture) -> ReferenceData:
    """A clip frame as a reference: its picture, and the geometry that was captured for it."""
    at = shot.instant(frame)
    depth, index = shot.needed_depth(frame), shot.index(frame)
    return ReferenceData(
        name=f"frame {frame}",
        clip_position=float(frame),
        image=image,
        c2w=at.c2w,
        intrinsics=at.intrinsics,
        depth=depth,
        index=index,
        matrices=at.matrices,
        strength=1.0,
        fine_depth=depth,
        fine_index=index,
        positions=at.positions,
    )


def _keys(
    shot: ShotData,
    first: tuple[int, ...],
    frame_of: FrameOf,
    told: Callable[[str, float], None],
    check: Callable[[], None],
) -> list[ReferenceData]:
    """In order of time: ``first``, and more while there are frames of which too much is unseen."""
    looked = sorted({round(f) for f in np.linspace(0, len(shot) - 1, min(LOOKS, len(shot)))})
    unseen = {frame: np.ones((shot.request.height, shot.request.width), bool) for frame in looked}
    keys: dict[int, ReferenceData] = {}
    wanted = list(dict.fromkeys(first))
    while wanted:
        frame = wanted.pop(0)
        keys[frame] = key_of(shot, frame, frame_of(frame))
        projector = Projector(shot.with_references((keys[frame],)))
        for other in looked:
            check()
            unseen[other] &= ~_known(projector, other)
        told("Choosing key frames", len(keys) / (len(keys) + 2))
        worst = max(looked, key=lambda each: unseen[each].mean())
        if not wanted and len(keys) < MOST_KEYS and unseen[worst].mean() > UNSEEN and worst not in keys:
            wanted.append(worst)
    return [keys[frame] for frame in sorted(keys)]


def _known(projector: Projector, frame: int) -> NDArray[np.bool_]:
    return delivered(projector.shot, projector.frame(frame).known) > 0


def _taken_over(before: ShotData, frame: int, own: Picture) -> Picture:
    """``own`` where earlier keys show nothing, what they show elsewhere, without a seam."""
    projection = Projector(before).frame(frame)
    known, shown = delivered(before, projection.known), delivered(before, projection.image)
    away = cv2.distanceTransform((known > 0).astype(np.uint8), cv2.DIST_L2, 5)
    share = np.clip(away / (SEAM_PX * own.shape[1] / 1000), 0, 1)[..., None]
    return np.asarray(np.round(own + share * (shown.astype(np.float32) - own)), np.uint8)
