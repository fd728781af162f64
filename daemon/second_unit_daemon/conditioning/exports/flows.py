# SPDX-License-Identifier: GPL-3.0-or-later
"""Optical flow in files: Middlebury's .flo and KITTI's PNG, one for each frame.

Forward flow of frame i leads to frame i + 1 and is ``i.flo``; backward flow leads to frame i - 1. Pixels to the right
and down, from a pixel's centre.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from second_unit_protocol.disk import disk_errors

from ..flow import flow
from ..shot_data import ShotData
from .base import Export, Options, refused
from .pictures import cropped, write_png

FLO_TAG = 202021.25  # reads "PIEH" in little-endian bytes
FLO_UNKNOWN = np.float32(1e10)  # Middlebury: beyond 1e9 is unknown
KITTI_STEP = 64.0  # of a pixel
KITTI_ZERO = 2.0**15

Vectors = NDArray[np.float32]
Known = NDArray[np.bool_]


def flows(shot: ShotData, backward: bool) -> Iterator[tuple[int, Vectors, Known]]:
    """(frame, vectors (H, W, 2), known (H, W)) at the delivered size, for all frames but the last, or the first."""
    if len(shot) < 2:
        raise refused(shot, "Flow leads from one frame to another, and the shot has one", "Make the shot longer")
    for frame in range(len(shot)):
        other = frame - 1 if backward else frame + 1
        if 0 <= other < len(shot):
            found = flow(shot, frame, other)
            yield frame, cropped(shot, found.vectors), cropped(shot, found.valid)


def flo_bytes(vectors: Vectors, known: Known) -> bytes:
    """A .flo file (Baker et al., *A Database and Evaluation Methodology for Optical Flow*, 2011; its flow code)."""
    height, width = known.shape
    samples = np.where(known[..., None], vectors, FLO_UNKNOWN).astype("<f4")
    return struct.pack("<fii", FLO_TAG, width, height) + samples.tobytes()


def kitti_picture(vectors: Vectors, known: Known) -> NDArray[np.uint16]:
    """(H, W, 3) as OpenCV writes it (blue first): red u·64 + 2¹⁵, green v·64 + 2¹⁵, blue 1 where known.

    What is beyond ±512 pixels does not fit and counts as unknown. Source: KITTI flow benchmark, development kit.
    """
    whole = np.rint(vectors * KITTI_STEP + KITTI_ZERO)
    fits = known & (whole >= 1).all(-1) & (whole <= 65535).all(-1)
    u, v = (np.where(fits, whole[..., axis], 0) for axis in (0, 1))
    return np.stack([fits, v, u], -1).astype(np.uint16)


def _write_flo(shot: ShotData, path: Path, options: Options) -> None:
    _make(path)
    for frame, vectors, known in flows(shot, options.backward):
        target = path / f"{frame:06d}.flo"
        with disk_errors(target):
            target.write_bytes(flo_bytes(vectors, known))


def _write_kitti(shot: ShotData, path: Path, options: Options) -> None:
    _make(path)
    for frame, vectors, known in flows(shot, options.backward):
        write_png(path / f"{frame:06d}.png", kitti_picture(vectors, known))


def _make(path: Path) -> None:
    with disk_errors(path):
        path.mkdir(parents=True, exist_ok=True)


EXPORTS = (
    Export("flow_flo", "optical flow, Middlebury .flo", "folder", "flow tools and flow-driven models", _write_flo),
    Export(
        "flow_kitti", "optical flow, KITTI PNG (1/64 px)", "folder", "flow tools; holds what is known", _write_kitti
    ),
)
