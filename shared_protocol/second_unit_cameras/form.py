# SPDX-License-Identifier: GPL-3.0-or-later
"""What a form of camera path is, and the facts that a person adds where a file does not have them."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path

import numpy as np
from attrs import field, frozen

from .errors import CameraFileError
from .track import CameraTrack, Matrices, spread

DEFAULT_FPS = 24.0


@frozen
class Given:
    """Facts beside the file. ``size`` is the picture's in pixels, ``fov_deg`` its horizontal field of view, ``fps`` the
    rate of a file without times, ``scale`` metres for each unit of the file, ``camera`` which of a file's cameras."""

    size: tuple[int, int] | None = None
    fov_deg: float | None = None
    fps: float = DEFAULT_FPS
    scale: float = 1.0
    camera: str = ""

    def need_size(self, path: Path) -> tuple[int, int]:
        """Raises CameraFileError where nobody said the size."""
        if self.size is None:
            raise CameraFileError(
                f"{path.name} does not say how large the picture is", "Give its size, such as 1280x720 (--size)"
            )
        return self.size

    def need_lens(self, path: Path, frames: int) -> Matrices:
        """(F, 3, 3) of a centred lens with square pixels. Raises CameraFileError where nobody said the angle."""
        width, height = self.need_size(path)
        if self.fov_deg is None:
            cause = f"{path.name} does not say what the lens is"
            raise CameraFileError(cause, "Give its horizontal field of view in degrees (--fov)")
        if not 0 < self.fov_deg < 180:
            raise CameraFileError(f"{self.fov_deg:g}° is no field of view", "Give one between 0 and 180 degrees")
        focal = 0.5 * width / math.tan(math.radians(self.fov_deg) / 2)
        return spread(np.array([focal, focal, width / 2, height / 2]), frames)


Read = Callable[[Path, Given], CameraTrack]
Write = Callable[[CameraTrack, Path], None]


@frozen
class Form:
    """A form of camera path.

    ``recognises`` looks into a file and says whether it is of this form beyond doubt. ``loses`` are sentences about
    what does not survive a write. ``suffix`` is empty where the form is a folder.
    """

    name: str
    title: str
    suffix: str
    read: Read = field(repr=False)
    write: Write = field(repr=False)
    recognises: Callable[[Path], bool] = field(repr=False)
    read_by: str
    loses: tuple[str, ...] = ()


RELATIVE = "poses are relative to the first frame: where the path lies in the scene is lost"
NO_LENS = "the lens and the picture's size are lost"
NO_TIME = "the times are lost"
