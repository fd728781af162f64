# SPDX-License-Identifier: GPL-3.0-or-later
"""The shot's camera as a path, and as a file in each camera form."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
from second_unit_protocol.disk import disk_errors

from ..forms import FORMS, CameraTrack, Form, write_camera
from ..projection.references import crop_of
from ..shot_data import ShotData, array_of
from .base import Export, Options, refused


def track_of(shot: ShotData) -> CameraTrack:
    """The camera at the clip's frames, for the delivered size: where planes are larger, for their centre."""
    request = shot.request
    intrinsics = shot.intrinsics.copy()
    if (size := shot.capture_size) is not None:
        left, top, _, _ = crop_of(shot, *size)
        intrinsics[:, :2, 2] -= [left, top]
    times = np.arange(len(shot)) / float(request.grid.clip_rate)
    return CameraTrack(shot.c2w, intrinsics, request.width, request.height, times)


def _write_optics(shot: ShotData, path: Path, options: Options) -> None:
    """JSON: seconds and metres; what is sharp everywhere has no f-stop."""
    optics = shot.request.optics
    if optics is None:
        raise refused(shot, "The shot came without shutter and f-stop", "Capture it again with this version")
    pairs = zip(array_of(optics.f_stop), array_of(optics.focus_m), strict=True)
    told = {
        "shutter_s": optics.shutter_s,
        "shutter_open_s": optics.shutter_open_s,
        "frames": [
            {"f_stop": float(stop), "focus_m": float(focus)} if np.isfinite(stop) else {"f_stop": None}
            for stop, focus in pairs
        ],
    }
    with disk_errors(path):
        path.write_text(json.dumps(told, indent=1), "utf-8")


OPTICS = Export(
    "optics", "shutter, f-stop and focus distance", ".json", "renderers and compositors that add blur", _write_optics
)


def export_of(form: Form) -> Export:
    """A camera form as an export."""

    def write(shot: ShotData, path: Path, options: Options) -> None:
        write_camera(track_of(shot), path, form.name)

    return Export(form.name, form.title, form.suffix or "folder", form.read_by, write)


CAMERAS = tuple(export_of(form) for form in FORMS.values())
