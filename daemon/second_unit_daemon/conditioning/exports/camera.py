# SPDX-License-Identifier: GPL-3.0-or-later
"""The shot's camera as a path, and as a file in each camera form."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from ..forms import FORMS, CameraTrack, Form, write_camera
from ..projection.references import crop_of
from ..shot_data import ShotData
from .base import Export, Options


def track_of(shot: ShotData) -> CameraTrack:
    """The camera at the clip's frames, for the delivered size: where planes are larger, for their centre."""
    request = shot.request
    planes = shot.request.depth or shot.request.colour or shot.request.index
    intrinsics = shot.intrinsics.copy()
    if planes is not None:
        left, top, _, _ = crop_of(shot, planes.width, planes.height)
        intrinsics[:, :2, 2] -= [left, top]
    times = np.arange(len(shot)) / float(request.grid.clip_rate)
    return CameraTrack(shot.c2w, intrinsics, request.width, request.height, times)


def export_of(form: Form) -> Export:
    """A camera form as an export."""

    def write(shot: ShotData, path: Path, options: Options) -> None:
        write_camera(track_of(shot), path, form.name)

    return Export(form.name, form.title, form.suffix or "folder", form.read_by, write)


CAMERAS = tuple(export_of(form) for form in FORMS.values())
