# SPDX-License-Identifier: GPL-3.0-or-later
"""References' pictures as files that the daemon reads: display-referred sRGB in PNG, JPEG or WebP."""

from __future__ import annotations

import functools
from collections.abc import Callable
from pathlib import Path

import bpy
import numpy as np
from numpy.typing import NDArray

from ..core.pictures import kind_of, write_png
from ..core.spec import ReferenceSource, ReferenceSpec, ShotSpec
from ..protocol.disk import disk_errors
from ..protocol.errors import ErrorCode, SecondUnitError

Content = Callable[[], bytes]  # reads or encodes; touches no bpy, so that any thread may call it


def picture_of(spec: ShotSpec, reference: ReferenceSpec, folder: Path) -> Content:
    """What gives the file to send for a reference. ``folder`` is for a passing file.

    What only Blender can do is done here; files are read and PNGs made by whoever calls the result.
    Raises SecondUnitError REFERENCE_MISSING or REFERENCE_UNREADABLE.
    """
    if reference.source is ReferenceSource.IMAGE:
        image = bpy.data.images.get(reference.image)
        if image is None:
            raise _missing(spec, reference, reference.image)
        return _image_bytes(spec, reference, image, folder)
    path = Path(reference.path)
    if not reference.path or not path.is_file():
        raise _missing(spec, reference, reference.path)
    with disk_errors(path), path.open("rb") as file:
        begins = file.read(16)
    if kind_of(begins):
        return functools.partial(_read, path)
    return _converted(spec, reference, path, folder)


def _read(path: Path) -> bytes:
    with disk_errors(path):
        return path.read_bytes()


def _converted(spec: ShotSpec, reference: ReferenceSpec, path: Path, folder: Path) -> Content:
    """A file of another kind (TIFF, EXR …), through Blender's own reader."""
    try:
        image = bpy.data.images.load(str(path), check_existing=False)
    except RuntimeError as error:
        raise _unreadable(spec, reference) from error
    try:
        return _image_bytes(spec, reference, image, folder)
    finally:
        bpy.data.images.remove(image)


def _image_bytes(spec: ShotSpec, reference: ReferenceSpec, image: bpy.types.Image, folder: Path) -> Content:
    if image.type == "RENDER_RESULT" or image.is_float:
        return _rendered(spec, reference, image, folder)  # scene-linear: the scene's view transform belongs on it
    width, height = image.size
    if not (width and height):
        raise _unreadable(spec, reference)
    values = np.empty(width * height * image.channels, np.float32)
    image.pixels.foreach_get(values)  # a byte image's values are those of its file, untouched by colour management
    return functools.partial(_png_of, values.reshape(height, width, image.channels)[::-1])


def _png_of(pixels: NDArray[np.float32]) -> bytes:
    rgb = pixels[..., :3] if pixels.shape[-1] >= 3 else np.repeat(pixels[..., :1], 3, -1)
    return write_png((rgb * 255.0 + 0.5).astype(np.uint8))


def _rendered(spec: ShotSpec, reference: ReferenceSpec, image: bpy.types.Image, folder: Path) -> Content:
    """Through the scene's view transform, as Blender saves a render."""
    passing = folder / "reference.png"
    scene = bpy.data.scenes[spec.scene]
    settings = scene.render.image_settings
    names = ("media_type", "file_format", "color_mode", "color_depth")
    kept = [(name, getattr(settings, name)) for name in names if hasattr(settings, name)]
    try:
        if hasattr(settings, "media_type"):
            settings.media_type = "IMAGE"
        settings.file_format, settings.color_mode, settings.color_depth = "PNG", "RGB", "8"
        image.save_render(str(passing), scene=scene)
        content = passing.read_bytes()
        return lambda: content
    except (RuntimeError, OSError) as error:
        raise _unreadable(spec, reference) from error
    finally:
        for name, value in kept:
            setattr(settings, name, value)
        passing.unlink(missing_ok=True)


def _missing(spec: ShotSpec, reference: ReferenceSpec, what: str) -> SecondUnitError:
    cause = f"The picture of {reference.role} {reference.name} is missing: {what or 'none is chosen'}"
    return SecondUnitError(ErrorCode.REFERENCE_MISSING, cause, shot=spec.name)


def _unreadable(spec: ShotSpec, reference: ReferenceSpec) -> SecondUnitError:
    cause = f"The picture of {reference.role} {reference.name} cannot be read"
    return SecondUnitError(ErrorCode.REFERENCE_UNREADABLE, cause, shot=spec.name)
