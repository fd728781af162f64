# SPDX-License-Identifier: GPL-3.0-or-later
"""SANA-WM: an .npz with ``c2w`` (F, 4, 4) and ``intrinsics`` (F, 4), float32, as ``SanaWMPipeline`` takes them.

OpenCV axes, metres; fx fy cx cy in pixels of the first frame's picture, whose size is kept beside. The pipeline makes
poses relative to the first frame itself and does not normalise their scale. Source: diffusers 0.42, ``SanaWMPipeline``.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from ..form import Form
from ..track import CameraTrack, vectors_of
from . import npz


def write(track: CameraTrack, path: Path) -> None:
    with path.open("wb") as file:
        np.savez(
            file,
            c2w=track.c2w.astype(np.float32),
            intrinsics=vectors_of(track.intrinsics).astype(np.float32),
            width=np.int64(track.width),
            height=np.int64(track.height),
            times_s=track.times_s,
        )


FORM = Form(
    "sana_wm",
    "SANA-WM .npz",
    ".npz",
    npz.C2W.read,
    write,
    lambda path: False,  # as a file it is a camera-to-world .npz
    read_by="SANA-WM (8k+1 frames, 16 fps)",
)
