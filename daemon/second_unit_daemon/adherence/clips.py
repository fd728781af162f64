# SPDX-License-Identifier: GPL-3.0-or-later
"""Measures a finished clip, of Second Unit or of any other tool, against a shot or against camera and depth files."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
from attrs import field, frozen
from numpy.typing import NDArray
from second_unit_protocol.errors import ErrorCode, SecondUnitError
from second_unit_protocol.results import Adherence

from ..conditioning.cameras import scaled_intrinsics
from ..conditioning.depth_files import DepthReader
from ..conditioning.forms import CameraTrack
from ..conditioning.shot_data import ShotData
from ..encode.read import VideoFacts, probe, read_frames
from .facts import ShotFacts, facts_of
from .meter import AdherenceMeter, MeasuredPath

# Pictures whose aspects differ by more than this do not show the same.
SAME_ASPECT = 0.02
SAME_RATE = 0.01
# Scene frames by which a delivered frame may miss a clip frame's time and still be that frame.
SAME_TIME = 0.01


@frozen(eq=False)
class Verified:
    """``notes`` are sentences about what was measured otherwise than one may think."""

    adherence: Adherence
    facts: ShotFacts = field(repr=False)
    path: MeasuredPath = field(repr=False)
    notes: tuple[str, ...] = ()


def verify_shot(clip: Path, shot: ShotData, heard: Callable[[int, int], None]) -> Verified:
    """A clip or master of a shot, or another tool's clip of the same frames. ``heard`` is told (frames done, of).

    Raises SecondUnitError for a clip that cannot be of this shot, or a shot without depth.
    """
    facts = facts_of(shot)
    if facts is None:
        cause = "The shot has no depth to measure by"
        raise SecondUnitError(ErrorCode.BAD_REQUEST, cause, shot=shot.request.shot_name, remedy="Capture it with depth")
    video = probe(clip)
    places, notes = _places(video, shot)
    _check_aspect("the shot", video, facts.width, facts.height)
    return _measured(clip, facts, places, heard, notes)


def verify_files(clip: Path, track: CameraTrack, depth: DepthReader, heard: Callable[[int, int], None]) -> Verified:
    """A clip whose frame i was to be seen by frame i of the camera; ``depth`` has one for each, or the first alone."""
    video = probe(clip)
    _check_aspect("the camera", video, track.width, track.height)
    _check_aspect(depth.file.path.name, video, depth.width, depth.height)
    if not np.isfinite(depth.frame(0, track.intrinsics[0])).any():
        cause = f"{depth.file.path.name} has no distance in its first frame"
        raise SecondUnitError(ErrorCode.BAD_REQUEST, cause, remedy="Give depth in metres, positive where something is")
    count = min(video.frames, len(track), len(depth) if depth.per_frame else len(track))
    notes = []
    lengths = {video.frames, len(track), *([len(depth)] if depth.per_frame else [])}
    if len(lengths) > 1:
        depths = f", {len(depth)} depths" if depth.per_frame else ""
        notes.append(
            f"The clip has {video.frames} frames, the camera {len(track)}{depths}: the first {count} were measured"
        )
    if track.fps and abs(float(video.rate) / track.fps - 1) > SAME_RATE:
        notes.append(
            f"The clip runs at {float(video.rate):g} fps, the camera at {track.fps:g}: frame was compared with frame"
        )
    if not depth.per_frame:
        notes.append("There is depth of the first frame alone: what it does not show was not measured by")
    return _measured(clip, _facts_of_files(video, track, depth, count), [(i, i) for i in range(count)], heard, notes)


def _measured(
    clip: Path,
    facts: ShotFacts,
    places: list[tuple[int, int]],
    heard: Callable[[int, int], None],
    notes: list[str],
) -> Verified:
    """``places`` are (frame of the shot, frame of the file), in order."""
    meter = AdherenceMeter(facts, measured_on=f"{clip.name} as it is, known pixels among the rest")
    wanted = iter(places)
    number, place = next(wanted)
    done = 0
    for at, frame in enumerate(read_frames(clip)):
        if at < place:
            continue
        meter.add(number, _coloured(frame))
        done += 1
        heard(done, len(places))
        following = next(wanted, None)
        if following is None:
            break
        number, place = following
    found = meter.finish()
    if found is None:
        raise SecondUnitError(ErrorCode.BLOB_CORRUPT, f"{clip.name} holds no frame")
    return Verified(found, facts, meter.path(), tuple(notes))


def _coloured(frame: NDArray[np.uint8]) -> NDArray[np.uint8]:
    return np.repeat(frame[..., None], 3, axis=2) if frame.ndim == 2 else frame


def _places(video: VideoFacts, shot: ShotData) -> tuple[list[tuple[int, int]], list[str]]:
    """Which frames of a file are which of the shot's, and what is to be said about that."""
    grid, delivery = shot.request.grid, shot.request.delivery
    if video.frames == grid.count:
        return [(i, i) for i in range(grid.count)], []
    if video.frames != delivery.count:
        frames = f"{video.frames} frame{'s' * (video.frames != 1)}"
        raise SecondUnitError(
            ErrorCode.BAD_REQUEST,
            f"The clip has {frames}; the shot has {grid.count}, delivered as {delivery.count}",
            shot=shot.request.shot_name,
            remedy="Give a clip of this shot, or measure by --camera and --depth",
        )
    delivered = [float(grid.scene_frame(i)) - delivery.first for i in range(grid.count)]
    places = [(i, round(at)) for i, at in enumerate(delivered) if abs(at - round(at)) < SAME_TIME]
    places = [(i, at) for i, at in places if 0 <= at < video.frames]
    if not places or places[0][0] != 0:
        raise SecondUnitError(
            ErrorCode.BAD_REQUEST,
            "None of the delivered frames is one that the engine made",
            shot=shot.request.shot_name,
            remedy="Measure the take's master instead",
        )
    return places, [f"Measured on the {len(places)} delivered frames whose time the engine rendered"]


def _check_aspect(named: str, video: VideoFacts, width: int, height: int) -> None:
    if abs(video.width / video.height / (width / height) - 1) > SAME_ASPECT:
        raise SecondUnitError(
            ErrorCode.BAD_SIZE,
            f"The clip is {video.width} × {video.height}, which does not fit {width} × {height} ({named})",
            remedy="Cut the clip to the camera's picture, or give the camera of the picture that it shows",
        )


def _facts_of_files(video: VideoFacts, track: CameraTrack, depth: DepthReader, count: int) -> ShotFacts:
    """Everything at the clip's own size. Nothing is known to move."""
    size = video.width, video.height
    scale = video.width / track.width, video.height / track.height
    intrinsics = np.array([scaled_intrinsics(k, *scale) for k in track.intrinsics[:count]])

    def depth_at(i: int) -> NDArray[np.float32] | None:
        if i > 0 and not depth.per_frame:
            return None
        own = scaled_intrinsics(track.intrinsics[i], depth.width / track.width, depth.height / track.height)
        plane = depth.frame(i, own)
        if plane.shape == size[::-1]:
            return plane
        return np.asarray(cv2.resize(plane, size, interpolation=cv2.INTER_NEAREST), np.float32)

    return ShotFacts(
        width=video.width,
        height=video.height,
        plane_width=video.width,
        plane_height=video.height,
        c2w=track.c2w[:count],
        intrinsics=intrinsics,
        depth=depth_at,
        colour=lambda i: None,
        index=lambda i: None,
    )
