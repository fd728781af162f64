# SPDX-License-Identifier: GPL-3.0-or-later
"""The look that a shot asks for, and the shot with key frames in it."""

from __future__ import annotations

import cv2
import numpy as np
from second_unit_protocol.errors import ErrorCode, SecondUnitError
from second_unit_protocol.shot import ShotRequest

from ...conditioning.projection.finishing import finished
from ...conditioning.projection.projector import Projector
from ...conditioning.shot_data import BlobPath, ShotData
from ...style import words
from ...style.keys import in_look
from ...style.network import Look, Network
from ..base import Frame, JobControl


def look_of(request: ShotRequest, blob_path: BlobPath) -> Look | None:
    """By its picture, else by its words; None where the clip stays as the references are. As the plan has said."""
    if words.missing() or request.style_strength == 0.0:
        return None
    if request.style_picture is not None:
        encoded = np.frombuffer(blob_path(request.style_picture).read_bytes(), np.uint8)
        picture = cv2.imdecode(encoded, cv2.IMREAD_COLOR_RGB) if encoded.size else None
        if picture is None:
            cause = "The picture of the style cannot be read"
            raise SecondUnitError(ErrorCode.REFERENCE_UNREADABLE, cause, shot=request.shot_name)
        return Network().like(np.asarray(picture, np.uint8), f"a picture, {request.style_picture.digest[:12]}")
    style = words.find(request.style)
    return Network().by_name(style) if style else None


def dressed(projector: Projector, look: Look, control: JobControl) -> ShotData:
    """The projector's shot with key frames in ``look``, those of its references among them."""
    shot = projector.shot
    last = len(shot) - 1
    pinned = [min(max(round(reference.clip_position), 0), last) for reference in projector.stack.data]

    def frame_of(i: int) -> Frame:
        return finished(projector, i)[0]

    strength = shot.request.style_strength
    return in_look(shot, tuple(pinned), frame_of, look, strength, control.progress, control.check)
