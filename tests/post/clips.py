# SPDX-License-Identifier: GPL-3.0-or-later
"""Clips for the tests of the finishing: streams without end of memory, photographs that packages ship."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from second_unit_daemon.encode.clip import ClipWriter
from second_unit_daemon.post.stream import Stream
from second_unit_protocol.grid import Rate

from tests.support.shots import wall_texture


def photograph(package: str, name: str) -> NDArray[np.uint8]:
    """(H, W, 3) of a photograph inside an installed package."""
    found = importlib.util.find_spec(package)
    assert found is not None and found.submodule_search_locations
    picture = cv2.imread(str(Path(found.submodule_search_locations[0]) / name), cv2.IMREAD_COLOR)
    assert picture is not None
    return np.ascontiguousarray(picture[..., ::-1])


def grace_hopper() -> NDArray[np.uint8]:
    """The portrait that matplotlib ships (public domain)."""
    return photograph("matplotlib", "mpl-data/sample_data/grace_hopper.jpg")


def pan(count: int, width: int = 96, height: int = 64, step: float = 1.5, seed: int = 7) -> Iterator[NDArray[np.uint8]]:
    """A camera that slides over a texture, one frame at a time."""
    texture = wall_texture(256, seed)
    for i in range(count):
        shift = np.array([[1, 0, -((step * i) % 120) - 8], [0, 1, -20]], np.float32)
        yield cv2.warpAffine(texture, shift, (width, height), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT)


def stream_of(count: int, width: int = 96, height: int = 64, rate: int = 24, alpha: bool = False) -> Stream:
    return Stream(width, height, Rate(rate), count, alpha)


def write(path: Path, frames, rate: int = 24, provenance: dict | None = None) -> Path:
    frames = iter(frames)
    first = next(frames)
    with ClipWriter(path, first.shape[1], first.shape[0], Rate(rate), provenance or {"made_by": "a test"}) as clip:
        clip.write(first)
        for frame in frames:
            clip.write(frame)
    return path
