# SPDX-License-Identifier: GPL-3.0-or-later
"""Camera paths in the forms that the field's programs and models keep them in: read, written, recognised.

Standard library, attrs and numpy alone, so that the daemon and the extension read a file the same way.

Example::

    track = read_camera(Path("path.txt"), given=Given(size=(1280, 720)))
    write_camera(track, Path("transforms.json"), "transforms_json")
"""

from .errors import CameraFileError, CameraWarning
from .files import FORMS, find_form, read_camera, recognise, write_camera
from .form import Form, Given
from .track import CameraTrack

__all__ = [
    "FORMS",
    "CameraFileError",
    "CameraTrack",
    "CameraWarning",
    "Form",
    "Given",
    "find_form",
    "read_camera",
    "recognise",
    "write_camera",
]
