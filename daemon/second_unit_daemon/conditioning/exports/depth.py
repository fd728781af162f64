# SPDX-License-Identifier: GPL-3.0-or-later
"""Depth as the models and compositors read it.

Videos hold inverse depth scaled to 0 … 1, near is white, nothing is 0 before scaling: by each frame's own least and
greatest (VACE's annotator), by the clip's (Cosmos-Transfer 2.5), or by the clip's 2nd and 98th percentiles (steady
where something passes close by). Metric depth is planar metres.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
from numpy.lib.format import open_memmap
from numpy.typing import NDArray
from second_unit_protocol.disk import disk_errors

from ..shot_data import ShotData
from .base import Export, Options, refused
from .pictures import FILES, cropped, open_frames, write_png

SAMPLES_A_FRAME = 4096  # for percentiles over a clip
PERCENTILES = (2.0, 98.0)
NOTHING_M = 1e10  # as in Blender's Z pass
MILLIMETRES = 1000.0

Inverse = NDArray[np.float32]
Range = tuple[float, float]


def inverse_depths(shot: ShotData) -> Iterator[Inverse]:
    """(H, W) 1/m of each frame at the delivered size, 0 where there is nothing."""
    for depth in depths(shot):
        with np.errstate(divide="ignore"):
            yield np.where(np.isfinite(depth), 1.0 / depth, 0.0).astype(np.float32)


def depths(shot: ShotData) -> Iterator[NDArray[np.float32]]:
    """(H, W) planar metres of each frame at the delivered size. Raises SecondUnitError where none was captured."""
    for frame in range(len(shot)):
        depth = shot.depth(frame)
        if depth is None:
            raise refused(shot, "The shot has no depth", "Shoot with an engine that takes depth")
        yield cropped(shot, depth)


def range_of_frame(inverse: Inverse) -> Range:
    """Least and greatest of one frame."""
    return float(inverse.min()), float(inverse.max())


def range_of_clip(shot: ShotData) -> Range:
    """Least and greatest of all frames."""
    ranges = np.array([range_of_frame(inverse) for inverse in inverse_depths(shot)])
    return float(ranges[:, 0].min()), float(ranges[:, 1].max())


def range_of_percentiles(shot: ShotData) -> Range:
    """2nd and 98th percentile over the clip, from evenly spread pixels of each frame."""
    found = []
    for inverse in inverse_depths(shot):
        found.append(inverse.ravel()[:: max(inverse.size // SAMPLES_A_FRAME, 1)])
    low, high = np.percentile(np.concatenate(found), PERCENTILES)
    return float(low), float(high)


def scaled(inverse: Inverse, limits: Range, bits: int) -> NDArray[np.uint8] | NDArray[np.uint16]:
    """Samples of ``bits`` bits: 0 at the lower limit and beyond, all ones at the upper. A flat frame is black."""
    low, high = limits
    share = np.clip((inverse - low) / (high - low), 0, 1) if high > low else np.zeros_like(inverse)
    whole = np.rint(share * (2**bits - 1))
    return whole.astype(np.uint8) if bits == 8 else whole.astype(np.uint16)


def _write_video(shot: ShotData, path: Path, bits: int, limits: Callable[[Inverse], Range]) -> None:
    if bits not in (0, 8, 10, 16):
        raise refused(shot, f"Depth video has 8, 10 or 16 bits, not {bits}", "Choose one: --bits 8")
    bits = bits or 8
    with open_frames(path, shot, grey=True, bits=bits) as frames:
        for inverse in inverse_depths(shot):
            frames.write(scaled(inverse, limits(inverse), bits))


def _per_frame(shot: ShotData, path: Path, options: Options) -> None:
    _write_video(shot, path, options.bits, range_of_frame)


def _per_clip(shot: ShotData, path: Path, options: Options) -> None:
    limits = range_of_clip(shot)
    _write_video(shot, path, options.bits, lambda _: limits)


def _percentile(shot: ShotData, path: Path, options: Options) -> None:
    limits = range_of_percentiles(shot)
    _write_video(shot, path, options.bits, lambda _: limits)


def _metric(shot: ShotData, path: Path, options: Options) -> None:
    """An .npy (F, H, W), else a folder: EXR with a Z channel, or PNG of 16 bits in millimetres for ``--bits 16``."""
    if options.bits not in (0, 16):
        raise refused(shot, "Metric depth is written as floats, or as 16-bit millimetres", "Leave --bits, or --bits 16")
    if path.suffix.lower() == ".npy":
        shape = (len(shot), shot.request.height, shot.request.width)
        target = open_memmap(path, "w+", np.float32, shape)
        for frame, depth in enumerate(depths(shot)):
            target[frame] = depth
        target.flush()
        return
    with disk_errors(path):
        path.mkdir(parents=True, exist_ok=True)
    for frame, depth in enumerate(depths(shot)):
        if options.bits == 16:
            write_png(path / f"{frame:06d}.png", millimetres(depth))
        else:
            _write_exr(path / f"{frame:06d}.exr", depth)


def millimetres(depth: NDArray[np.float32]) -> NDArray[np.uint16]:
    """Whole millimetres, 0 where there is nothing or where it is farther than 65.535 m."""
    with np.errstate(invalid="ignore"):
        whole = np.rint(depth * MILLIMETRES)
    return np.where(whole <= 65535, whole, 0).astype(np.uint16)


def _write_exr(path: Path, depth: NDArray[np.float32]) -> None:
    import OpenEXR

    samples = np.where(np.isfinite(depth), depth, NOTHING_M).astype(np.float32)
    header = {"compression": OpenEXR.ZIP_COMPRESSION, "type": OpenEXR.scanlineimage}
    with disk_errors(path), OpenEXR.File(header, {"Z": np.ascontiguousarray(samples)}) as file:
        file.write(str(path))


EXPORTS = (
    Export("depth_per_frame", "inverse depth, each frame by its own range, near white", FILES, "VACE", _per_frame),
    Export("depth_per_clip", "inverse depth by the clip's range, near white", FILES, "Cosmos-Transfer 2.5", _per_clip),
    Export(
        "depth_percentile",
        "inverse depth by the clip's 2nd to 98th percentile, near white",
        FILES,
        "depth ControlNets",
        _percentile,
    ),
    Export(
        "depth_metric",
        "planar metres",
        ".npy, or a folder of EXR (of 16-bit PNG in millimetres: --bits 16)",
        "compositors, second-unit project, GEN3C, Voyager",
        _metric,
    ),
)
