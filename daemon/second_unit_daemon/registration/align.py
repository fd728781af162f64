# SPDX-License-Identifier: GPL-3.0-or-later
"""A reference brought onto its geometry by what was measured."""

from __future__ import annotations

import cv2
import numpy as np
from attrs import evolve
from numpy.typing import NDArray
from second_unit_protocol.shot import Crop

from ..adherence.pose import with_lens
from ..conditioning.projection.backdrop import close_gaps
from ..conditioning.projection.geometry import surfaces_of
from ..conditioning.projection.lifting import Source, lift
from ..conditioning.projection.references import region_of
from ..conditioning.shot_data import ReferenceData, ShotData
from .found import Found

TURNED = 1e-3  # of a similarity's matrix: less is a crop, and no pixel need be drawn anew


def aligned(shot: ShotData, reference: ReferenceData, found: Found) -> ReferenceData:
    """By another crop, by turning the picture, or by the camera that took it, with the geometry that this one sees."""
    if found.pose is not None:
        return _from_there(reference, found)
    assert found.similarity is not None and reference.depth is not None
    (a, b), move = found.similarity[:, 0], found.similarity[:, 2]
    rows, columns = reference.depth.shape
    region = region_of(reference, shot)
    if abs(b) < TURNED:
        left, top, width, height = (region[0] - move[0]) / a, (region[1] - move[1]) / a, region[2] / a, region[3] / a
        return evolve(reference, crop=_crop(left, top, left + width, top + height, columns, rows))
    return _turned(reference, found.similarity, region)


def _crop(left: float, top: float, right: float, bottom: float, columns: int, rows: int) -> Crop:
    return Crop(left / columns, top / rows, right / columns, bottom / rows)


def _turned(reference: ReferenceData, similarity: NDArray[np.float64], region) -> ReferenceData:
    """The picture drawn anew over the upright rectangle that it covers."""
    assert reference.depth is not None
    rows, columns = reference.depth.shape
    left, top, width, height = region
    x, y = reference.image.shape[1] / width, reference.image.shape[0] / height
    back = cv2.invertAffineTransform(similarity)
    corners = np.array([[left, top], [left + width, top], [left + width, top + height], [left, top + height]])
    placed = corners @ back[:, :2].T + back[:, 2]
    start, end = placed[[0, 3], 0].max(), placed[[1, 2], 0].min()
    above, below = placed[[0, 1], 1].max(), placed[[2, 3], 1].min()
    size = max(8, round((end - start) * x)), max(8, round((below - above) * y))
    # From texels of the new picture to planes, on to where the picture has them, to its own texels.
    to_planes = np.array([[(end - start) / size[0], 0, start], [0, (below - above) / size[1], above], [0, 0, 1]])
    to_texels = np.array([[x, 0, -left * x], [0, y, -top * y], [0, 0, 1]])
    whole = to_texels @ np.vstack([similarity, [0, 0, 1]]) @ to_planes
    half = np.array([[1, 0, 0.5], [0, 1, 0.5], [0, 0, 1]])
    place = (np.linalg.inv(half) @ whole @ half)[:2]
    how = cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP
    image = cv2.warpAffine(reference.image, place, size, flags=how, borderMode=cv2.BORDER_REPLICATE)
    return evolve(reference, image=np.asarray(image, np.uint8), crop=_crop(start, above, end, below, columns, rows))


def _from_there(reference: ReferenceData, found: Found) -> ReferenceData:
    """With the camera that was found, and the geometry drawn again for it from what the pinned one sees."""
    assert found.pose is not None and reference.depth is not None
    rows, columns = reference.depth.shape
    lens = with_lens(reference.intrinsics, found.pose.lens)
    surfaces = surfaces_of(reference.depth, reference.index)
    still = np.tile(np.eye(4), (len(reference.matrices), 1, 1))  # it is the same moment, seen from elsewhere
    source = Source(surfaces, reference.c2w, reference.intrinsics, still)
    drawn = lift([source], found.pose.c2w, lens, columns, rows)
    close_gaps(drawn.inverse, drawn.index)
    with np.errstate(divide="ignore"):
        depth = np.where(drawn.inverse > 0, 1 / drawn.inverse, np.inf).astype(np.float32)
    index = None if reference.index is None else np.asarray(drawn.index, np.uint16)
    return evolve(
        reference,
        c2w=found.pose.c2w,
        intrinsics=lens,
        depth=depth,
        index=index,
        fineness=1,
        fine_depth=depth,
        fine_index=index,
    )
