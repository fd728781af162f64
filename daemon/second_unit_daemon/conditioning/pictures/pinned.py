# SPDX-License-Identifier: GPL-3.0-or-later
"""Pictures on disk, each pinned to a frame of the camera path: ``A.png``, ``B.png@24``."""

from __future__ import annotations

import re
from pathlib import Path

import cv2
import numpy as np
from attrs import field, frozen
from numpy.typing import NDArray
from second_unit_protocol.errors import ErrorCode, SecondUnitError


@frozen(eq=False)
class PinnedPicture:
    """``image`` (h, w, 3) uint8 sRGB stands at ``frame`` of the path, counted from 0."""

    name: str
    frame: int
    image: NDArray[np.uint8] = field(repr=False)


def read_pinned(words: str) -> PinnedPicture:
    """A picture from ``PATH`` (frame 0) or ``PATH@FRAME``. Raises SecondUnitError naming the file."""
    path, frame = Path(words), 0
    found = re.fullmatch(r"(.+)@(\d+)", words)
    if found and not path.exists():
        path, frame = Path(found[1]), int(found[2])
    return PinnedPicture(path.name, frame, read_picture(path))


def read_picture(path: Path) -> NDArray[np.uint8]:
    """(h, w, 3) uint8 sRGB. Raises SecondUnitError: REFERENCE_MISSING or REFERENCE_UNREADABLE."""
    try:
        encoded = np.frombuffer(path.read_bytes(), np.uint8)
    except OSError as error:
        cause = f"The picture {path} cannot be read ({error.strerror})"
        raise SecondUnitError(ErrorCode.REFERENCE_MISSING, cause, remedy="Give the path of a picture") from error
    image = cv2.imdecode(encoded, cv2.IMREAD_COLOR_RGB) if encoded.size else None
    if image is None:
        cause = f"{path.name} is no picture that can be read"
        raise SecondUnitError(ErrorCode.REFERENCE_UNREADABLE, cause, remedy="Save it as PNG or JPEG and give that")
    return np.asarray(image, np.uint8)
