# SPDX-License-Identifier: GPL-3.0-or-later
"""What the capture was told, by rays, of pixels of which references' planes leave it in doubt whether they see them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ..shot_data import ReferenceData

UNTOLD, TOLD_HIDDEN, TOLD_SEEN = 0, 1, 2


def told_at(references: tuple[ReferenceData, ...], frame: int, shape: tuple[int, int]) -> NDArray[np.uint8]:
    """(R, H, W) for a clip frame whose planes have that shape; pages that nobody writes to take no memory."""
    told = np.zeros((len(references), *shape), np.uint8)
    for plane, reference in zip(told, references, strict=True):
        if reference.seen is not None:
            first, end = np.searchsorted(reference.seen[:, 0], (frame, frame + 1))
            _, pixels, sees = reference.seen[first:end].T
            plane.reshape(-1)[pixels] = np.where(sees, TOLD_SEEN, TOLD_HIDDEN)
    return told
