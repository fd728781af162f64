# SPDX-License-Identifier: GPL-3.0-or-later
"""Warped plates: each frame as the references show it, holes in the colour that a model knows, and the hole mask.

Sources of the conventions: VACE (Jiang et al., 2025) and Uni3C (Cao et al., 2025): mid-grey holes, white mask = to be
made; TrajectoryCrafter (Yu et al., 2025): black holes, white mask = hole; GEN3C (Ren et al., 2025), EX-4D and Voyager:
black holes, white mask = seen; ViewCrafter (Yu et al., 2024): black holes, no mask.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import numpy as np
from attrs import frozen
from numpy.typing import NDArray

from ..projection.projector import Projector
from ..shot_data import ShotData
from .base import Export, Options
from .pictures import FILES, beside, cropped, main_of, open_frames

GREY = 128  # 127.5 of a float model
BLACK = 0


@frozen
class Convention:
    """``hole`` is the grey level of holes; ``mask_hole`` (255 or 0) what the mask says there, None without a mask."""

    hole: int
    mask_hole: int | None


def plates(shot: ShotData, hole: int) -> Iterator[tuple[NDArray[np.uint8], NDArray[np.bool_]]]:
    """(plate (H, W, 3), known (H, W)) of each clip frame at the delivered size; holes are ``hole`` in all channels.

    At a reference's own frame the plate is its picture. Raises SecondUnitError without depth or references.
    """
    projector = Projector(shot)
    for frame in range(len(shot)):
        still = projector.still(frame)
        if still is not None:
            yield still, np.ones(still.shape[:2], bool)
            continue
        projection = projector.frame(frame)
        known = cropped(shot, projection.known) > 0
        plate = cropped(shot, projection.image).copy()
        plate[~known] = hole
        yield plate, known


def _write(convention: Convention, shot: ShotData, path: Path) -> None:
    with ExitStack() as files:
        pictures = files.enter_context(open_frames(main_of(path, "plate"), shot))
        masks = None
        if convention.mask_hole is not None:
            masks = files.enter_context(open_frames(beside(path, "mask"), shot, grey=True))
        for plate, known in plates(shot, convention.hole):
            pictures.write(plate)
            if masks is not None:
                masks.write(mask_of(known, convention.mask_hole == 255))


def mask_of(known: NDArray[np.bool_], white_is_hole: bool) -> NDArray[np.uint8]:
    """(H, W) of 0 and 255 alone."""
    return np.where(known != white_is_hole, 255, 0).astype(np.uint8)


def _write_holes(shot: ShotData, path: Path, options: Options) -> None:
    with open_frames(path, shot, grey=True) as masks:
        for _, known in plates(shot, BLACK):
            masks.write(mask_of(known, white_is_hole=True))


def _export(name: str, title: str, read_by: str, convention: Convention) -> Export:
    def write(shot: ShotData, path: Path, options: Options) -> None:
        _write(convention, shot, path)

    files = FILES if convention.mask_hole is None else f"{FILES}, and the same for the mask"
    return Export(name, title, files, read_by, write)


EXPORTS = (
    _export("warp_vace", "warped plates, grey holes; mask white = hole", "VACE, Uni3C", Convention(GREY, 255)),
    _export(
        "warp_trajectorycrafter",
        "warped plates, black holes; mask white = hole",
        "TrajectoryCrafter",
        Convention(BLACK, 255),
    ),
    _export(
        "warp_gen3c", "warped plates, black holes; mask white = seen", "GEN3C, EX-4D, Voyager", Convention(BLACK, 0)
    ),
    _export("warp_viewcrafter", "warped plates, black holes, no mask", "ViewCrafter", Convention(BLACK, None)),
    Export("holes", "hole mask alone, white = hole", FILES, "inpainting, compositing", _write_holes),
)
