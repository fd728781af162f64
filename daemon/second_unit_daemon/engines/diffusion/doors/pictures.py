# SPDX-License-Identifier: GPL-3.0-or-later
"""Single pictures that doors hand in."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image
from second_unit_protocol.errors import ErrorCode, SecondUnitError
from second_unit_protocol.shot import BlobRef

from ....conditioning.exports.depth import Inverse, range_of_frame, scaled
from ....conditioning.shot_data import ShotData


def picture_of(shot: ShotData, blob: BlobRef, name: str) -> Image.Image:
    """A picture file of the shot's as RGB. Raises SecondUnitError naming it."""
    encoded = np.frombuffer(shot.blob_path(blob).read_bytes(), np.uint8)
    image = cv2.imdecode(encoded, cv2.IMREAD_COLOR_RGB) if encoded.size else None
    if image is None:
        cause = f"The picture of {name} cannot be read"
        raise SecondUnitError(ErrorCode.REFERENCE_UNREADABLE, cause, shot=shot.request.shot_name)
    return Image.fromarray(np.asarray(image, np.uint8))


def depth_picture(shot: ShotData, frame: int) -> NDArray[np.uint8]:
    """(H, W, 3): inverse depth of one frame, from its own smallest (black) to its largest (white: near).

    The form that VACE's depth annotator makes of a monocular network's inverse depth: normalised per frame. Nothing
    (infinite depth) has inverse depth 0. Raises SecondUnitError without depth.
    """
    inverse = _inverse_depth(shot, frame)
    return _grey(inverse, range_of_frame(inverse))


def clip_depth(shot: ShotData, frames: Iterable[int]) -> Iterator[NDArray[np.uint8]]:
    """(H, W, 3) each: inverse depth of several frames, from the smallest of all (black) to the largest (white: near).

    One scale for the whole clip: what stays where it is keeps its grey, as depth networks for video make it (Chen et
    al., *Video Depth Anything*, 2025). Raises SecondUnitError without depth.
    """
    frames = list(frames)
    lows, highs = zip(*(range_of_frame(_inverse_depth(shot, frame)) for frame in frames), strict=True)
    for frame in frames:
        yield _grey(_inverse_depth(shot, frame), (min(lows), max(highs)))


def _inverse_depth(shot: ShotData, frame: int) -> Inverse:
    depth = shot.depth(frame)
    if depth is None:
        raise SecondUnitError(ErrorCode.BAD_REQUEST, "The shot came without depth", shot=shot.request.shot_name)
    with np.errstate(divide="ignore"):
        return np.where(np.isfinite(depth) & (depth > 0), 1.0 / depth, 0.0).astype(np.float32)


def _grey(inverse: Inverse, limits: tuple[float, float]) -> NDArray[np.uint8]:
    return np.repeat(scaled(inverse, limits, 8)[..., None], 3, axis=2).astype(np.uint8)
