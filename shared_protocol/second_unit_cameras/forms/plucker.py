# SPDX-License-Identifier: GPL-3.0-or-later
"""Plücker rays through every pixel, float32 in an .npy, camera-to-world relative to the first frame, scale as it is.

``plucker_cameractrl`` (F, 6, H, W): o × d, then d. Source: He et al., *CameraCtrl* (2024), ``ray_condition`` in
``inference.py``; EasyAnimate and VideoX-Fun take the same rays.
``plucker_seva`` (F, 6, H/8, W/8): d, then o × d, through the centres of pixels eight times as large. Source: Zhou et
al., *Stable Virtual Camera* (2025), ``get_plucker_coordinates`` in ``seva/geometry.py``.
``plucker_wan_fun`` (24, (F+3)/4, H, W): CameraCtrl's rays, the first frame four times, then frames in groups of four;
channel 4c + k is ray channel c of the group's frame k. Source: VideoX-Fun's ``pipeline_wan2_2_fun_control.py``.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.lib.format import open_memmap
from numpy.typing import NDArray

from ..errors import CameraFileError
from ..form import NO_TIME, RELATIVE, Form, Given
from ..rays import camera_of, rays
from ..track import CameraTrack

SEVA_STRIDE = 8
GROUP = 4
UNIT = 1e-3  # how far a direction's length may be from 1


def cameractrl_frame(track: CameraTrack, frame: int) -> NDArray[np.float32]:
    """(6, H, W): o × d, d."""
    return np.concatenate(_rays(track, frame)).astype(np.float32)


def seva_frame(track: CameraTrack, frame: int) -> NDArray[np.float32]:
    """(6, H/8, W/8): d, o × d. Raises CameraFileError where the size does not divide by 8."""
    if track.width % SEVA_STRIDE or track.height % SEVA_STRIDE:
        cause = f"SEVA's rays are an eighth of the picture's size, and {track.width} × {track.height} does not divide"
        raise CameraFileError(cause, "Choose a size that divides by 8")
    small = track.resized(track.width // SEVA_STRIDE, track.height // SEVA_STRIDE)
    return np.concatenate(_rays(small, frame)[::-1]).astype(np.float32)


def wan_fun_group(track: CameraTrack, group: int) -> NDArray[np.float32]:
    """(24, H, W) of one latent frame. Raises CameraFileError where there are not 4k+1 frames."""
    if len(track) % GROUP != 1:
        cause = f"Wan-Fun takes 4k+1 frames, and the path has {len(track)}"
        raise CameraFileError(cause, "Cut or lengthen the path to 4k+1 frames, such as 81")
    frames = [max(GROUP * group - GROUP + 1 + k, 0) for k in range(GROUP)]
    stacked = np.stack([cameractrl_frame(track, frame) for frame in frames], 1)
    return stacked.reshape(-1, *stacked.shape[2:])


def _rays(track: CameraTrack, frame: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    return rays(track.relative[frame], track.intrinsics[frame], track.width, track.height)


def _write_cameractrl(track: CameraTrack, path: Path) -> None:
    target = open_memmap(path, "w+", np.float32, (len(track), 6, track.height, track.width))
    for frame in range(len(track)):
        target[frame] = cameractrl_frame(track, frame)
    target.flush()


def _write_seva(track: CameraTrack, path: Path) -> None:
    first = seva_frame(track, 0)
    target = open_memmap(path, "w+", np.float32, (len(track), *first.shape))
    for frame in range(len(track)):
        target[frame] = seva_frame(track, frame)
    target.flush()


def _write_wan_fun(track: CameraTrack, path: Path) -> None:
    wan_fun_group(track, 0)
    groups = (len(track) + GROUP - 1) // GROUP
    target = open_memmap(path, "w+", np.float32, (6 * GROUP, groups, track.height, track.width))
    for group in range(groups):
        target[:, group] = wan_fun_group(track, group)
    target.flush()


def _read_cameractrl(path: Path, given: Given) -> CameraTrack:
    packed = _load(path, 4, 1, 6)
    return _track([(frame[:3], frame[3:]) for frame in packed], 1, given)


def _read_seva(path: Path, given: Given) -> CameraTrack:
    packed = _load(path, 4, 1, 6)
    return _track([(frame[3:], frame[:3]) for frame in packed], SEVA_STRIDE, given)


def _read_wan_fun(path: Path, given: Given) -> CameraTrack:
    packed = _load(path, 4, 0, 6 * GROUP)
    frames = []
    for at in range(packed.shape[1]):
        group = packed[:, at].reshape(6, GROUP, *packed.shape[2:])
        frames += [(group[:3, k], group[3:, k]) for k in (range(GROUP) if at else [0])]
    return _track(frames, 1, given)


def _load(path: Path, axes: int, axis: int, length: int) -> NDArray:
    packed = np.load(path, allow_pickle=False, mmap_mode="r")
    if packed.ndim != axes or packed.shape[axis] != length:
        raise ValueError(f"its shape is {packed.shape}, with {length} channels nowhere where they belong")
    return packed


def _track(frames: list[tuple[NDArray, NDArray]], stride: int, given: Given) -> CameraTrack:
    cameras = [camera_of(moment, direction) for moment, direction in frames]
    _, height, width = frames[0][0].shape
    c2w, intrinsics = (np.array(part) for part in zip(*cameras, strict=True))
    track = CameraTrack.at_rate(c2w, intrinsics, width, height, given.fps)
    return track.resized(stride * width, stride * height)


def _recognises(path: Path, axis: int, length: int, direction: slice) -> bool:
    if path.suffix.lower() != ".npy":
        return False
    packed = np.load(path, allow_pickle=False, mmap_mode="r")
    if packed.ndim != 4 or packed.shape[axis] != length:
        return False
    middle = np.moveaxis(packed, axis, -1)[-1, packed.shape[2] // 2, packed.shape[3] // 2]
    return abs(float(np.linalg.norm(middle[direction])) - 1.0) < UNIT


def _is_wan_fun(path: Path) -> bool:
    if path.suffix.lower() != ".npy":
        return False
    packed = np.load(path, allow_pickle=False, mmap_mode="r")
    return packed.ndim == 4 and packed.shape[0] == 6 * GROUP


LOSES = (RELATIVE, NO_TIME)
CAMERACTRL = Form(
    "plucker_cameractrl",
    "Plücker rays (CameraCtrl)",
    ".npy",
    _read_cameractrl,
    _write_cameractrl,
    lambda path: _recognises(path, 1, 6, slice(3, 6)),
    read_by="CameraCtrl, EasyAnimate (control_camera_video), VideoX-Fun",
    loses=LOSES,
)
SEVA = Form(
    "plucker_seva",
    "Plücker rays (SEVA)",
    ".npy",
    _read_seva,
    _write_seva,
    lambda path: _recognises(path, 1, 6, slice(0, 3)),
    read_by="Stable Virtual Camera (SEVA)",
    loses=LOSES,
)
WAN_FUN = Form(
    "plucker_wan_fun",
    "Plücker rays (Wan-Fun, packed)",
    ".npy",
    _read_wan_fun,
    _write_wan_fun,
    _is_wan_fun,
    read_by="Wan-Fun Control-Camera (4k+1 frames)",
    loses=LOSES,
)
