# SPDX-License-Identifier: GPL-3.0-or-later
"""All references of a shot, measured and put right before anything is made of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray
from second_unit_protocol.errors import ErrorCode, SecondUnitError

from ..conditioning.shot_data import ReferenceData, ShotData
from .align import aligned
from .drawing import drawing_of
from .fit import Fit, Verdict, measure

Shot = TypeVar("Shot", bound=ShotData)
Show = Callable[[NDArray[np.uint8]], None]  # a picture (h, w, 3) for whoever looks on


def registered(shot: Shot, show: Show) -> tuple[Shot, tuple[Fit, ...]]:
    """The shot with references that fit their geometry, and what was found of each that could be measured.

    Raises SecondUnitError(REFERENCE_MISFIT) for one that cannot be brought there, after ``show`` has seen a picture of
    the mismatch.
    """
    kept: list[ReferenceData] = []
    fits: list[Fit] = []
    for reference in shot.references:
        if reference.depth is None or reference.strength == 0.0:
            kept.append(reference)
            continue
        fit = measure(shot, reference)
        fits.append(fit)
        if fit.verdict is Verdict.REFUSED:
            show(drawing_of(shot, reference, fit))
            raise SecondUnitError(ErrorCode.REFERENCE_MISFIT, fit.words, shot=shot.request.shot_name)
        if fit.verdict is Verdict.ALIGNED and fit.found is not None:
            reference = aligned(shot, reference, fit.found)
        kept.append(reference)
    return (shot.with_references(tuple(kept)) if kept else shot), tuple(fits)
