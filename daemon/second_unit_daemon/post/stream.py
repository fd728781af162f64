# SPDX-License-Identifier: GPL-3.0-or-later
"""What flows between the steps of the finishing: frames one after another, and what is known of them beforehand."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from attrs import frozen
from second_unit_protocol.grid import Rate

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Picture: TypeAlias = NDArray[np.uint8]  # (H, W, 3) sRGB, or (H, W, 4) with straight alpha


@frozen
class Stream:
    """``frames`` pictures of one size, frame ``i`` shown at ``i / rate`` seconds.

    ``first`` and ``of``: where they come from a longer clip of ``of`` frames, the number of the first one in it.
    """

    width: int
    height: int
    rate: Rate
    frames: int
    alpha: bool = False
    first: int = 0
    of: int = 0
