# SPDX-License-Identifier: GPL-3.0-or-later
"""What SkyReels-V2's video pipeline is given: the known frames at a window's start, from which it goes on.

``video``: PIL images, 4k+1 of them, ``overlap_history`` as many, all of which it encodes; ``base_num_frames`` is the
window, so that it is made in one go. Its noise on known frames (``addnoise_condition``) comes from no seed, and is left
off. Source: diffusers 0.42, ``pipeline_skyreels_v2_diffusion_forcing_v2v.py``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from second_unit_protocol.errors import ErrorCode, SecondUnitError

from ....conditioning.shot_data import ShotData
from ....conditioning.source_clip import reached, source_frames
from ..family import Door, Window
from .fitting import framed, to_model
from .prompts import prompt_of

if TYPE_CHECKING:
    from ..planning import Decision

Picture = NDArray[np.uint8]
STRIDE = 4  # frames in a latent frame


def skyreels_door(shot: ShotData, decision: Decision, window: Window, before: Picture | None) -> Door:
    """``before`` (context, h, w, 3) stands at the window's first frames. Raises SecondUnitError where nothing does."""
    reached(shot)  # raises where the clip shows nothing at all
    size = decision.size
    source = source_frames(shot, window.frames, lambda picture: framed(picture, shot, size))
    start: list[Picture] = []
    for place, frame in enumerate(window.frames):
        if before is not None and place < window.context:
            start.append(before[place])
        elif frame in source:
            start.append(to_model(source[frame], size))
        else:
            break
    if not start:
        cause = f"{decision.spec.label} goes on from a clip's end, and the clip does not show the shot's first frame"
        remedy = "Begin the shot where the clip is, or continue it with Wan VACE, which works backwards as well"
        raise SecondUnitError(ErrorCode.BAD_REQUEST, cause, shot=shot.request.shot_name, remedy=remedy)
    count = min(len(start), window.count - STRIDE)
    count = max(1 + (count - 1) // STRIDE * STRIDE, 1)
    arguments = {
        "prompt": prompt_of(shot.request),
        "negative_prompt": shot.request.negative_prompt or None,
        "video": [Image.fromarray(picture) for picture in start[:count]],
        "overlap_history": count,
        "width": size.width,
        "height": size.height,
        "num_frames": window.count,
        "base_num_frames": window.count,
        "fps": round(float(decision.grid.clip_rate)),
        "max_sequence_length": decision.spec.prompt_tokens,
    }

    def known(place: int) -> tuple[Picture, Picture] | None:
        picture = source.get(window.start + place)
        return None if picture is None else (picture, np.full(picture.shape[:2], 255, np.uint8))

    later = len(source) > len(start)
    notes = (f"{decision.spec.label} goes on from the clip's frames and does not aim at later ones",) if later else ()
    return Door(arguments, known, notes, certain=frozenset(frame - window.start for frame in source))
