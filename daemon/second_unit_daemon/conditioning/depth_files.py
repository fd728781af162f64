# SPDX-License-Identifier: GPL-3.0-or-later
"""Depth from files: .npy, .npz, .exr, .png or a folder of them; read one frame at a time."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable
from enum import StrEnum
from pathlib import Path

import cv2
import numpy as np
from attrs import frozen
from numpy.typing import NDArray
from second_unit_protocol.errors import ErrorCode, SecondUnitError

Depth = NDArray[np.float32]

NAMES = ("depth", "depths", "depth_m", "disparity", "arr_0")  # of an array in an .npz
CHANNELS = ("Z", "V", "Y", "R", "depth.Z", "Depth.Z", "ViewLayer.Depth.Z", "ViewLayer.Depth.V", "Depth.V")
SUFFIXES = (".npy", ".npz", ".exr", ".png", ".tif", ".tiff")
NOTHING_M = 1e9  # Blender's Z pass has 1e10 where nothing is


class DepthKind(StrEnum):
    PLANAR = "planar"  # along the view axis
    RADIAL = "radial"  # along the ray: distance to the camera
    DISPARITY = "disparity"  # inverse planar depth


@frozen
class DepthFile:
    """Depth of one picture, or of each frame of a clip.

    ``path``: an .npy or .npz (H, W) or (F, H, W), or a file for each frame in a folder, in the order of their numbers.
    A picture of 16 bits needs ``scale``. What is not positive or not finite, and what is 1e9 or more, is nothing: +inf.

    ``kind`` says what the samples are and ``scale`` the metres that a sample of 1 means: depth = scale · sample, or
    scale / sample for disparity. RADIAL needs the intrinsics of each frame when it is read.
    """

    path: Path
    kind: DepthKind = DepthKind.PLANAR
    scale: float = 1.0

    def open(self) -> DepthReader:
        """Raises SecondUnitError(BAD_REQUEST) where there is no depth to read."""
        try:
            return DepthReader(self, *_source(self.path))
        except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
            raise _unreadable(self.path, error) from error


class DepthReader:
    """Frames of a :class:`DepthFile`, read when they are asked for; none is kept."""

    def __init__(self, file: DepthFile, count: int, read: Callable[[int], NDArray]):
        self.file = file
        self.count = count
        self._read = read
        self.height, self.width = self._samples(0).shape

    def __len__(self) -> int:
        return self.count

    @property
    def per_frame(self) -> bool:
        """Whether there is one for each frame, rather than one alone."""
        return self.count > 1

    def frame(self, number: int, intrinsics: NDArray[np.float64] | None = None) -> Depth:
        """(H, W) planar metres, +inf where there is nothing; ``intrinsics`` (3, 3) for this size, for RADIAL."""
        samples = self._samples(number).astype(np.float64)
        known = np.isfinite(samples) & (samples > 0)
        with np.errstate(divide="ignore", invalid="ignore"):
            inverse = self.file.kind is DepthKind.DISPARITY
            depth = self.file.scale / samples if inverse else self.file.scale * samples
        if self.file.kind is DepthKind.RADIAL:
            if intrinsics is None:
                cause = f"Depth along the ray in {self.file.path.name} needs a lens to become depth along the axis"
                raise SecondUnitError(ErrorCode.BAD_REQUEST, cause, remedy="Give a camera with a lens")
            depth /= _ray_lengths(intrinsics, self.width, self.height)
        known &= depth < NOTHING_M
        return np.where(known, depth, np.inf).astype(np.float32)

    def _samples(self, number: int) -> NDArray:
        try:
            samples = self._read(number)
        except (OSError, ValueError, KeyError, RuntimeError, cv2.error) as error:
            raise _unreadable(self.file.path, error) from error
        if samples.ndim == 3 and samples.shape[-1] in (1, 3, 4):
            samples = samples[..., 0]
        if samples.ndim != 2:
            raise _unreadable(self.file.path, ValueError(f"frame {number} has the shape {samples.shape}"))
        return samples


def _source(path: Path) -> tuple[int, Callable[[int], NDArray]]:
    """How many frames there are, and how to read one."""
    if path.is_dir():
        files = sorted((p for p in path.iterdir() if p.suffix.lower() in SUFFIXES), key=_number)
        if not files:
            raise ValueError(f"it holds no {', '.join(SUFFIXES)}")
        return len(files), lambda number: _one(files[number])
    if path.suffix.lower() in (".npy", ".npz"):
        array = _array(path)
        if array.ndim == 4 and 1 in (array.shape[1], array.shape[3]):
            array = array[:, 0] if array.shape[1] == 1 else array[..., 0]
        if array.ndim == 2:
            return 1, lambda _: np.asarray(array)
        if array.ndim != 3 or not array.size:
            raise ValueError(f"its shape is {array.shape}, not (H, W) or (F, H, W)")
        return len(array), lambda number: np.asarray(array[number])
    if not path.is_file():
        raise FileNotFoundError(f"{path} is not there")
    return 1, lambda _: _one(path)


def _array(path: Path) -> NDArray:
    if path.suffix.lower() == ".npy":
        return np.load(path, mmap_mode="r", allow_pickle=False)
    with np.load(path, allow_pickle=False) as arrays:
        name = next((n for n in NAMES if n in arrays), None) or (arrays.files[0] if len(arrays.files) == 1 else None)
        if name is None:
            raise ValueError(f"none of its arrays is called {' or '.join(NAMES)}")
        return arrays[name]


def _one(path: Path) -> NDArray:
    suffix = path.suffix.lower()
    if suffix == ".exr":
        return _exr(path)
    if suffix in (".npy", ".npz"):
        return _array(path)
    samples = cv2.imread(str(path), cv2.IMREAD_UNCHANGED)
    if samples is None:
        raise ValueError(f"{path.name} is no picture")
    return samples


def _exr(path: Path) -> NDArray:
    """The depth channel of an EXR, one part or many; the only channel where there is one alone."""
    import OpenEXR

    with OpenEXR.File(str(path), separate_channels=True) as file:
        channels = {name: channel.pixels for part in file.parts for name, channel in part.channels.items()}
    if len(channels) == 1:
        return next(iter(channels.values()))
    by_end = [name for name in channels if name.split(".")[-1] == "Z" and "normal" not in name.lower()]
    name = next((n for n in (*CHANNELS, *by_end) if n in channels), None)
    if name is None:
        raise ValueError(f"none of its channels ({', '.join(channels)}) is depth")
    return channels[name]


def _ray_lengths(intrinsics: NDArray[np.float64], width: int, height: int) -> NDArray[np.float64]:
    """(H, W) length of the ray through each pixel's centre to the plane at depth 1."""
    x = (np.arange(width) + 0.5 - intrinsics[0, 2]) / intrinsics[0, 0]
    y = (np.arange(height) + 0.5 - intrinsics[1, 2]) / intrinsics[1, 1]
    return np.sqrt(1.0 + x[None, :] ** 2 + y[:, None] ** 2)


def _number(path: Path) -> tuple[int, str]:
    found = re.findall(r"\d+", path.stem)
    return (int(found[-1]) if found else 0, path.name)


def _unreadable(path: Path, error: Exception) -> SecondUnitError:
    if not path.exists():
        return SecondUnitError(ErrorCode.BAD_REQUEST, f"The depth {path} is not there", remedy="Check the path")
    cause = f"The depth {path.name} cannot be read ({error or type(error).__name__})"
    remedy = "Give .npy, .npz, .exr or .png, one depth (H, W) or one for each frame (F, H, W), or a folder of frames"
    return SecondUnitError(ErrorCode.BAD_REQUEST, cause, remedy=remedy)
