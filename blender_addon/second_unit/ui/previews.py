# SPDX-License-Identifier: GPL-3.0-or-later
"""Small pictures in panels, kept out of the .blend: they live in a preview collection, not as image data-blocks."""

from __future__ import annotations

import zlib
from pathlib import Path

import bpy
import bpy.utils.previews
import numpy as np
from numpy.typing import NDArray

from ..link import current
from . import disk

_collections: list[bpy.utils.previews.ImagePreviewCollection] = []  # one, once it is needed
_shown_frames: dict[str, int] = {}  # job -> clip frame of its icon


def icon_of_file(path: Path) -> int:
    """Icon of a picture on disk; 0 where there is none, or it has not been looked for yet. A changed file gets a new
    icon."""
    known = disk.known(path)
    if not known or not known.found:
        return 0
    collection, key = _collection(), f"{path}:{known.stamp}"
    preview = collection.get(key) or collection.load(key, str(path), "IMAGE")  # read later, in a thread of Blender's
    return preview.icon_id


class Thumbnail:
    """``key`` changes with the picture; ``pixels`` are (H, W, 4) display colours, 0 … 255, from the bottom row up."""

    def __init__(self, key: str, pixels: NDArray[np.uint8]):
        self.key, self.pixels = key, pixels


def thumbnail_of_file(path: Path) -> Thumbnail | None:
    """None where there is none, or it has not been read yet."""
    if not icon_of_file(path):
        return None
    known = disk.known(path)
    key = f"{path}:{known.stamp if known else 0}"
    pixels = _pixels(_collection()[key])
    return None if pixels is None else Thumbnail(key, pixels)


def thumbnail_of_image(image: bpy.types.Image) -> Thumbnail | None:
    """None where there is none, or Blender still makes it. The image's own texture would be large, and where there is
    no graphics card Blender takes seconds for it."""
    preview = image.preview_ensure()
    if preview is None:
        return None
    if not all(preview.image_size):
        image.asset_generate_preview()  # in a job of Blender's
    pixels = _pixels(preview)
    if pixels is None or not pixels.any():
        return None
    key = f"{image.session_uid}:{zlib.crc32(pixels)}"
    side, (width, height) = len(pixels), image.size
    wide, tall = (int(side * part / max(width, height, 1)) for part in (width, height))
    left, low = (side - wide) // 2, (side - tall) // 2  # it stands in the middle of a square
    return Thumbnail(key, pixels[low : low + tall, left : left + wide])


def _pixels(preview: bpy.types.ImagePreview) -> NDArray[np.uint8] | None:
    """(H, W, 4); None while there are none."""
    width, height = preview.image_size
    if width * height == 0:
        return None
    pixels = np.empty(width * height, np.int32)
    preview.image_pixels.foreach_get(pixels)
    return pixels.view(np.uint8).reshape(height, width, 4)


def icon_of_job(job_id: str) -> int:
    """Icon of the newest frame that a running job has shown; 0 before the first."""
    return _collection()[job_id].icon_id if job_id in _shown_frames else 0


def tick() -> int:
    """Takes in frames that have come; forgets those of jobs that are over. Returns a number that changes with them."""
    previews = {**current.tracker.previews, **current.fits.previews}
    for job_id in [job_id for job_id in _shown_frames if job_id not in previews]:
        del _shown_frames[job_id], _collection()[job_id]
    for job_id, preview in previews.items():
        if _shown_frames.get(job_id) != preview.clip_frame:
            _show(job_id, preview.jpeg)
            _shown_frames[job_id] = preview.clip_frame
    return shown()


def shown() -> int:
    """A number that changes with the frames that are shown."""
    return hash(frozenset(_shown_frames.items()))


def clear() -> None:
    """Frees everything."""
    _shown_frames.clear()
    while _collections:
        bpy.utils.previews.remove(_collections.pop())


def _show(job_id: str, jpeg: bytes) -> None:
    """Decodes a frame into the job's icon. A file of it would leave a thumbnail in the user's cache for every frame."""
    collection = _collection()
    image = bpy.data.images.new("Second Unit Preview", 1, 1)
    try:
        image.pack(data=jpeg, data_len=len(jpeg))
        image.source = "FILE"
        width, height = image.size
        pixels = np.empty(width * height * image.channels, np.float32)
        image.pixels.foreach_get(pixels)
    finally:
        bpy.data.images.remove(image)
    icon = collection.get(job_id) or collection.new(job_id)
    icon.image_size = width, height
    icon.image_pixels_float.foreach_set(pixels)


def _collection() -> bpy.utils.previews.ImagePreviewCollection:
    if not _collections:
        _collections.append(bpy.utils.previews.new())
    return _collections[0]
