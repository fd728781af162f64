# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads and writes camera files of any form."""

from __future__ import annotations

import json
import tokenize
import zipfile
import zlib
from pathlib import Path

import numpy as np
from attrs import evolve

from .errors import CameraFileError, warn
from .form import Form, Given
from .forms import ALL
from .track import CameraTrack

FORMS: dict[str, Form] = {form.name: form for form in ALL}
ALSO = {"plucker": "plucker_cameractrl"}  # rays without a word on whose: in the order that most models take

SKEW_PX = 1e-3  # rays in single precision give a straight lens back with less
UNREADABLE = (  # what parsing a file of somebody else's raises, however it is broken
    OSError,
    ArithmeticError,
    AttributeError,
    EOFError,
    LookupError,
    MemoryError,
    RecursionError,
    SyntaxError,
    TypeError,
    ValueError,
    json.JSONDecodeError,
    tokenize.TokenError,
    zipfile.BadZipFile,
    zlib.error,
)


def find_form(name: str) -> Form:
    """Raises CameraFileError naming the forms that there are."""
    plain = name.replace("-", "_").lower()
    form = FORMS.get(ALSO.get(plain, plain))
    if form is None:
        raise CameraFileError(f"There is no camera form called {name}", f"Choose one of: {', '.join(FORMS)}")
    return form


def recognise(path: Path) -> Form:
    """The form of a file or folder. Raises CameraFileError where none fits, or more than one."""
    if not path.exists():
        raise CameraFileError(f"{path} is not there", "Check the path")
    fitting = [form for form in ALL if _fits(form, path)]
    if len(fitting) == 1:
        return fitting[0]
    if not fitting:
        cause = f"The form of {path.name} cannot be told from the file"
        raise CameraFileError(cause, f"Say which it is (--from), one of {', '.join(FORMS)}")
    names = [form.name for form in fitting]
    raise CameraFileError(f"{path.name} may be {' or '.join(names)}", f"Say which (--from {names[0]})")


def read_camera(path: Path, form: str | None = None, given: Given | None = None) -> CameraTrack:
    """A camera path from a file or folder; ``form`` None takes the one that the file shows.

    Raises CameraFileError. What the file does not say and nobody gave is warned about (CameraWarning).
    """
    given = given or Given()
    chosen = find_form(form) if form else recognise(path)
    if not path.exists():
        raise CameraFileError(f"{path} is not there", "Check the path")
    if not given.scale > 0:
        raise CameraFileError(f"A scale of {given.scale:g} cannot be", "Give metres for each unit of the file")
    if not given.fps > 0:
        raise CameraFileError(f"A rate of {given.fps:g} cannot be", "Give frames a second (--fps)")
    try:
        track = chosen.read(path, given)
    except CameraFileError:
        raise
    except UNREADABLE as error:
        cause = f"{path.name} cannot be read as {chosen.title} ({error or type(error).__name__})"
        raise CameraFileError(cause, "Check the file, or say which form it has (--from)") from error
    if given.scale != 1.0:
        c2w = track.c2w.copy()
        c2w[:, :3, 3] *= given.scale
        track = evolve(track, c2w=c2w)
    return track


def write_camera(track: CameraTrack, path: Path, form: str) -> None:
    """Writes a camera path. Raises CameraFileError; warns (CameraWarning) of each thing that the form cannot hold."""
    chosen = find_form(form)
    try:
        (path.parent if chosen.suffix else path).mkdir(parents=True, exist_ok=True)
        chosen.write(track, path)
    except OSError as error:
        cause = f"{path} cannot be written ({error.strerror or error})"
        raise CameraFileError(cause, "Choose a folder that you may write to, with room") from error
    for loss in chosen.loses:
        warn(f"{chosen.title}: {loss}")
    if np.abs(track.intrinsics[:, 0, 1]).max() > SKEW_PX:
        warn("a skewed lens was written without its skew")


def _fits(form: Form, path: Path) -> bool:
    try:
        return form.recognises(path)
    except UNREADABLE:
        return False
