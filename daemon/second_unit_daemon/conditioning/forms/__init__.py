# SPDX-License-Identifier: GPL-3.0-or-later
"""Camera paths from and to files, with the daemon's errors. The forms themselves are in ``second_unit_cameras``."""

from __future__ import annotations

from pathlib import Path

import second_unit_cameras as cameras
from second_unit_cameras import FORMS, CameraFileError, CameraTrack, CameraWarning, Form, Given
from second_unit_cameras.form import NO_LENS
from second_unit_protocol.errors import ErrorCode, SecondUnitError

__all__ = [
    "FORMS",
    "NO_LENS",
    "CameraTrack",
    "CameraWarning",
    "Form",
    "Given",
    "find_form",
    "read_camera",
    "write_camera",
]


def read_camera(path: Path, form: str | None = None, given: Given | None = None) -> CameraTrack:
    """A camera path from a file or folder; ``form`` None takes the one that the file shows.

    ``given`` has what the file does not say. Raises SecondUnitError(BAD_REQUEST); warns with CameraWarning.
    """
    try:
        return cameras.read_camera(path, form, given)
    except CameraFileError as error:
        raise _said(error) from error


def write_camera(track: CameraTrack, path: Path, form: str) -> None:
    """Writes a camera path. Raises SecondUnitError; warns with CameraWarning of what the form cannot hold."""
    try:
        cameras.write_camera(track, path, form)
    except CameraFileError as error:
        raise _said(error) from error


def find_form(name: str) -> Form:
    """Raises SecondUnitError(BAD_REQUEST) naming the forms that there are."""
    try:
        return cameras.find_form(name)
    except CameraFileError as error:
        raise _said(error) from error


def _said(error: CameraFileError) -> SecondUnitError:
    return SecondUnitError(ErrorCode.BAD_REQUEST, error.cause, remedy=error.remedy)
