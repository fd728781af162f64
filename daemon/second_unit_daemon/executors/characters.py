# SPDX-License-Identifier: GPL-3.0-or-later
"""How much a shot's characters look like their pictures in the clip: by colours and edges, where they are seen.

Where a character is, the shot knows: the objects, or the collection, whose names begin with the character's. One that
nothing is called after is not measured, for a whole picture says nothing of somebody in it.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray
from second_unit_protocol.errors import SecondUnitError

from ..conditioning.projection.references import delivered
from ..conditioning.shot_data import ShotData
from ..consistency import Signature, region_picture, seen_in, statistics
from ..post.clip import read_picture

LOOKED_AT = 9  # frames, evenly over the clip
LEAST_PIXELS = 200  # of a character in a frame: fewer have no colours to speak of
FIGURE = "character: "  # before a character's name


class CharacterLikeness:
    def __init__(self, shot: ShotData):
        self._shot = shot
        self._pictures: dict[str, list[Signature]] = {}
        for character in shot.request.characters:
            try:
                picture = read_picture(shot.blob_path(character.image))
            except SecondUnitError:  # for the engine to refuse; nothing is measured by it
                continue
            outline = picture[..., 3] > 127 if picture.ndim == 3 and picture.shape[2] == 4 else None
            if outline is None or outline.any():
                seen = statistics(*region_picture(np.ascontiguousarray(picture[..., :3]), outline))
                self._pictures.setdefault(character.name, []).append(seen)
        last = len(shot) - 1
        self._wanted = {round(n * last / (LOOKED_AT - 1)) for n in range(LOOKED_AT)} if self._pictures else set()
        self._found: dict[str, list[float]] = {}

    def add(self, number: int, frame: NDArray[np.uint8]) -> None:
        """A clip frame (H, W, 3)."""
        if number not in self._wanted:
            return
        for name, pictures in self._pictures.items():
            mask = self._where(name, number, (frame.shape[0], frame.shape[1]))
            if mask is None or mask.sum() < LEAST_PIXELS:
                continue
            seen = seen_in([(number, frame, mask)], pictures, statistics)
            if seen is not None:
                self._found.setdefault(name, []).append(seen.likeness[0])

    def figures(self) -> dict[str, float]:
        """Mean likeness, 0 … 1, of each character that was seen."""
        return {FIGURE + name: float(np.mean(found)) for name, found in self._found.items()}

    def _where(self, name: str, number: int, size: tuple[int, int]) -> NDArray[np.bool_] | None:
        request = self._shot.request
        plane, numbers = None, list[int]()
        if request.objects is not None:
            plane = self._shot.objects(number)
            held = request.objects.collections or ((),) * len(request.objects.names)
            for place, (own, collections) in enumerate(zip(request.objects.names, held, strict=True), 1):
                numbers += [place] if any(_called(each, name) for each in (own, *collections)) else []
        if not numbers and request.motion is not None:
            plane = self._shot.index(number)
            numbers = [place for place, track in enumerate(request.motion.tracks, 1) if _called(track.name, name)]
        if plane is None or not numbers:
            return None
        mask = delivered(self._shot, np.isin(plane, numbers)).astype(np.uint8)
        return np.asarray(cv2.resize(mask, size[::-1], interpolation=cv2.INTER_NEAREST)) > 0


def _called(thing: str, name: str) -> bool:
    """ "Ann", "Ann.001" and "ann_coat" are of Ann, "Annex" is not."""
    rest = thing.casefold().removeprefix(name.casefold())
    return len(rest) < len(thing) and not rest[:1].isalpha()
