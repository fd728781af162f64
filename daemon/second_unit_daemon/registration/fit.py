# SPDX-License-Identifier: GPL-3.0-or-later
"""What a reference shows against what its camera sees, and what follows from that.

Two measures. Features of the scene's colour plate (SIFT) found in the picture say where surface points lie in it: a
similarity, or a camera, that explains them is the picture's. Where there is no plate, or it looks too different, edges
of depth are laid over the picture's own at every shift and scale. What cannot be measured is taken as it is, and said.
"""

from __future__ import annotations

from enum import StrEnum

import numpy as np
from attrs import frozen

from ..conditioning.shot_data import ReferenceData, ShotData
from .edges import by_edges
from .features import by_features
from .found import Found

FITS = 0.004  # of the width, on average: nearer than that it is left alone
SMALL = 0.10  # what is aligned; a picture farther off shows something else


class Model(StrEnum):
    NONE = "none"
    SIMILARITY = "similarity"  # another crop or lens, shifted, turned
    CAMERA = "camera"  # another place to stand


class Verdict(StrEnum):
    FITS = "fits"
    ALIGNED = "aligned"
    REFUSED = "refused"
    UNKNOWN = "unknown"


TOLD = (Verdict.ALIGNED, Verdict.UNKNOWN)  # what whoever looks at the clip has to know


@frozen(eq=False)
class Fit:
    """What is to be done with a reference. ``words`` says it to a person."""

    name: str
    verdict: Verdict
    model: Model = Model.NONE
    found: Found | None = None
    words: str = ""


def measure(shot: ShotData, reference: ReferenceData) -> Fit:
    """Measures one reference."""
    found = by_features(shot, reference) or by_edges(shot, reference)
    if found is None:
        words = (
            f"Reference {reference.name} could not be matched to the scene: check that it shows what its camera sees"
        )
        return Fit(reference.name, Verdict.UNKNOWN, words=words)
    if found.off < FITS:
        return Fit(reference.name, Verdict.FITS, found=found, words=f"{reference.name} fits: {found.off:.2%} off")
    model = Model.CAMERA if found.pose is not None else Model.SIMILARITY
    much = f"{found.off:.1%} of the width"
    if found.off > SMALL:
        words = f"Reference {reference.name} does not show what its camera sees: it is {much} off, {_how(found)}"
        return Fit(reference.name, Verdict.REFUSED, model, found, words)
    words = f"Reference {reference.name} was {much} off, {_how(found)}: it was aligned"
    return Fit(reference.name, Verdict.ALIGNED, model, found, words)


def _how(found: Found) -> str:
    if found.pose is not None:
        return "seen from another place" + (f" by a lens {found.pose.lens:.2f} times as long" * (found.pose.lens != 1))
    assert found.similarity is not None
    a, b = found.similarity[:, 0]
    scale, turn = float(np.hypot(a, b)), float(np.degrees(np.arctan2(b, a)))
    parts = [f"{scale:.2f} times as large"] if abs(scale - 1) > 0.005 else ["shifted"]
    return " and ".join([*parts, f"turned by {turn:.1f}°"] if abs(turn) > 0.2 else parts)
