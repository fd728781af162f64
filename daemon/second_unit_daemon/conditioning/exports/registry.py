# SPDX-License-Identifier: GPL-3.0-or-later
"""Every export by its name."""

from __future__ import annotations

from pathlib import Path

from second_unit_protocol.disk import disk_errors
from second_unit_protocol.errors import ErrorCode, SecondUnitError

from ..shot_data import ShotData
from ..shot_files import save_shot
from . import camera, depth, flows, labels, noise, plates, surfaces, tracks
from .base import Export, Options


def _write_shot(shot: ShotData, path: Path, options: Options) -> None:
    save_shot(shot.request, shot.blob_path, path)


SHOT = Export(
    "shot",
    "the shot itself: request and captured data",
    "folder",
    "every second-unit command that takes a SHOT",
    _write_shot,
)
ALL = (
    SHOT, *plates.EXPORTS, *depth.EXPORTS, *flows.EXPORTS, *surfaces.EXPORTS, *labels.EXPORTS, *noise.EXPORTS,
    *tracks.EXPORTS, camera.OPTICS, *camera.CAMERAS,
)  # fmt: skip
EXPORTS: dict[str, Export] = {export.name: export for export in ALL}


def find_export(name: str) -> Export:
    """Raises SecondUnitError(BAD_REQUEST) naming the forms that there are."""
    export = EXPORTS.get(name.replace("-", "_").lower())
    if export is None:
        cause = f"There is no form called {name}"
        raise SecondUnitError(ErrorCode.BAD_REQUEST, cause, remedy=f"Choose one of: {', '.join(EXPORTS)}")
    return export


def export_shot(shot: ShotData, form: str, path: Path, options: Options | None = None) -> None:
    """Writes a shot in a form to a file or folder. Raises SecondUnitError; camera forms warn (CameraWarning)."""
    export = find_export(form)
    with disk_errors(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        export.write(shot, path, options or Options())
