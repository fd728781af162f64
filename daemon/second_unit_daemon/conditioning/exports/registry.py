# SPDX-License-Identifier: GPL-3.0-or-later
"""Every export by its name."""

from __future__ import annotations

from pathlib import Path

from second_unit_cameras.files import ALSO
from second_unit_protocol.disk import disk_errors
from second_unit_protocol.errors import ErrorCode, SecondUnitError

from ..shot_data import ShotData
from ..shot_files import save_shot
from . import camera, depth, flows, labels, noise, plates, surfaces, tracks
from .base import Export, Options, refused


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
# No form writes a file of these kinds: the name would become that of a folder, which nobody means.
NOT_WRITTEN = (
    ".avi", ".bmp", ".exr", ".gif", ".jpeg", ".jpg", ".m4v", ".mov", ".mpg", ".png", ".tif", ".tiff", ".webm", ".webp",
)  # fmt: skip


def find_export(name: str) -> Export:
    """Raises SecondUnitError(BAD_REQUEST) naming the forms that there are."""
    plain = name.replace("-", "_").lower()
    export = EXPORTS.get(ALSO.get(plain, plain))
    if export is None:
        cause = f"There is no form called {name}"
        raise SecondUnitError(ErrorCode.BAD_REQUEST, cause, remedy=f"Choose one of: {', '.join(EXPORTS)}")
    return export


def export_shot(shot: ShotData, form: str, path: Path, options: Options | None = None) -> None:
    """Writes a shot in a form to a file or folder. Raises SecondUnitError; camera forms warn (CameraWarning)."""
    export = find_export(form)
    if path.suffix.lower() in NOT_WRITTEN and not path.is_dir():
        cause = f"The form {export.name} is not written to one {path.suffix.lower()} file"
        raise refused(shot, cause, f"What it is written to: {export.files}")
    with disk_errors(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        export.write(shot, path, options or Options())
