# SPDX-License-Identifier: GPL-3.0-or-later
"""The picture of the shot's first frame, for models that start from one and take no other."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from second_unit_protocol.errors import ErrorCode, SecondUnitError

from ....conditioning.shot_data import ReferenceData, ShotData
from .fitting import framed, to_model

if TYPE_CHECKING:
    from ..planning import Decision


def first_reference(shot: ShotData) -> ReferenceData | None:
    """The reference that clip frame 0 shows, at its own time or nearer to it than to frame 1; None where none does."""
    near = [r for r in shot.references if abs(r.clip_position) < 0.5 and r.strength > 0]
    return min(near, key=lambda r: abs(r.clip_position), default=None)


def first_picture(shot: ShotData, decision: Decision) -> NDArray[np.uint8]:
    """(h, w, 3) at the model's size. Raises SecondUnitError(NO_REFERENCE) where there is none."""
    reference = first_reference(shot)
    if reference is None:
        cause = f"{decision.spec.label} starts from a picture of the shot's first frame, and there is none"
        raise SecondUnitError(ErrorCode.NO_REFERENCE, cause, shot=shot.request.shot_name)
    return to_model(framed(reference.image, shot, decision.size), decision.size)


def unused_references(shot: ShotData, decision: Decision) -> tuple[str, ...]:
    """A sentence for the take about the references that had no part in it."""
    first = first_reference(shot)
    others = [r.name for r in shot.references if r is not first]
    return (f"{decision.spec.label} took one picture; {', '.join(others)} had no part in it",) if others else ()
