# SPDX-License-Identifier: GPL-3.0-or-later
"""A picture through a network tile by tile: memory stays small, and no seam shows where tiles meet."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Network = Callable[[Floats], Floats]  # (3, h, w) in 0 … 1 -> (3, s·(h - 2·crop), s·(w - 2·crop))


def tiled(
    picture: Floats,
    network: Network,
    scale: int,
    context: int,
    side: int,
    crops: bool,
    told: Callable[[], None] = lambda: None,
) -> Floats:
    """The network's output for (3, H, W) as (3, s·H, s·W).

    Each tile is given ``context`` pixels around it, reflected at the picture's edge; what that context turns into is
    thrown away. With a context as wide as the network sees, every pixel is what the whole picture would have given.

    Args:
        side: of a tile, in pixels of the input.
        crops: the network drops its context itself (its convolutions are unpadded).
        told: hears of every tile that is done.
    """
    _, height, width = picture.shape
    mode: Literal["reflect", "edge"] = "reflect" if min(height, width) > context else "edge"
    padded = np.pad(picture, ((0, 0), (context, context), (context, context)), mode=mode)
    out = np.empty((3, scale * height, scale * width), np.float32)
    for top in _starts(height, side):
        for left in _starts(width, side):
            bottom, right = min(top + side, height), min(left + side, width)
            made = network(np.ascontiguousarray(padded[:, top : bottom + 2 * context, left : right + 2 * context]))
            if not crops:
                edge = scale * context
                made = made[:, edge : made.shape[1] - edge, edge : made.shape[2] - edge]
            out[:, scale * top : scale * bottom, scale * left : scale * right] = made
            told()
    return out


def tile_count(height: int, width: int, side: int) -> int:
    """How many tiles a picture of that size is cut into."""
    return len(_starts(height, side)) * len(_starts(width, side))


def _starts(length: int, side: int) -> range:
    """Tiles of nearly one size, so that the last is no sliver."""
    count = max(1, -(-length // side))
    return range(0, length, -(-length // count)) if length > side else range(0, length, length)
