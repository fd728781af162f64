# SPDX-License-Identifier: GPL-3.0-or-later
"""Do the parts of a ShotRequest fit each other? Asked by the daemon of every request before it becomes a job."""

from __future__ import annotations

from .errors import ErrorCode, SecondUnitError
from .shot import Array, Motion, PlaneKind, PlaneSequence, Reference, ShotRequest, TrackKind


def check_shot(shot: ShotRequest) -> None:
    """Raises SecondUnitError(BAD_REQUEST), naming the part that does not fit."""
    frames = shot.grid.count
    if shot.delivery.count < 1:
        raise _refused(shot, f"frames {shot.delivery.first} to {shot.delivery.last} are no range")
    _check_array(shot, "camera.c2w", shot.camera.c2w, (frames, 4, 4))
    _check_array(shot, "camera.intrinsics", shot.camera.intrinsics, (frames, 3, 3))
    if shot.optics is not None:
        _check_array(shot, "optics.f_stop", shot.optics.f_stop, (frames,))
        _check_array(shot, "optics.focus_m", shot.optics.focus_m, (frames,))
    for kind, planes in (
        (PlaneKind.DEPTH, shot.depth),
        (PlaneKind.COLOUR, shot.colour),
        (PlaneKind.INDEX, shot.index),
        (PlaneKind.REGION, shot.region),
    ):
        if planes is not None:
            _check_planes(shot, kind, planes)
    for kind, labels in ((PlaneKind.OBJECT, shot.objects), (PlaneKind.MATERIAL, shot.materials)):
        if labels is not None:
            _check_planes(shot, kind, labels.planes)
            if labels.collections and len(labels.collections) != len(labels.names):
                raise _refused(shot, f"{len(labels.names)} {kind} labels have {len(labels.collections)} collections")
    for part in shot.moving:
        _check_planes(shot, PlaneKind.REGION, part.region)
        _check_array(shot, f"the path of {part.name}", part.path, (frames, 2))
    tracks = len(shot.motion.tracks) if shot.motion else 0
    if shot.motion is not None:
        _check_array(shot, "motion.matrices", shot.motion.matrices, (frames, tracks, 4, 4))
        _check_deformation(shot, shot.motion)
    for reference in shot.references:
        _check_reference(shot, reference, tracks)


def _check_planes(shot: ShotRequest, kind: PlaneKind, planes: PlaneSequence) -> None:
    if planes.kind is not kind:
        raise _refused(shot, f"the {kind} planes say that they are {planes.kind}")
    if len(planes.frames) != shot.grid.count:
        raise _refused(shot, f"there are {len(planes.frames)} {kind} planes for {shot.grid.count} frames")
    if planes.width < shot.width or planes.height < shot.height:
        raise _refused(
            shot,
            f"the {kind} planes ({planes.width}×{planes.height}) are smaller than the shot "
            f"({shot.width}×{shot.height})",
        )


def _check_deformation(shot: ShotRequest, motion: Motion) -> None:
    deformation = motion.deformation
    if deformation is None:
        return
    if len(deformation.positions) != shot.grid.count:
        cause = f"there are {len(deformation.positions)} shapes of what deforms for {shot.grid.count} frames"
        raise _refused(shot, cause)
    for track in motion.tracks:
        known = track.mesh is not None and 0 <= track.mesh < len(deformation.triangle_counts)
        if track.kind is TrackKind.DEFORMING and not known:
            raise _refused(shot, f"{track.name} deforms, and its mesh {track.mesh} is not there")


def _check_reference(shot: ShotRequest, reference: Reference, tracks: int) -> None:
    _check_array(shot, f"the c2w of reference {reference.name}", reference.c2w, (4, 4))
    _check_array(shot, f"the intrinsics of reference {reference.name}", reference.intrinsics, (3, 3))
    if reference.matrices is not None:
        _check_array(shot, f"the matrices of reference {reference.name}", reference.matrices, (tracks, 4, 4))


def _check_array(shot: ShotRequest, name: str, array: Array, shape: tuple[int, ...]) -> None:
    if array.dtype != "<f8" or array.shape != shape:
        raise _refused(shot, f"{name} is {array.dtype} {array.shape}, where <f8 {shape} belongs")


def _refused(shot: ShotRequest, cause: str) -> SecondUnitError:
    return SecondUnitError(ErrorCode.BAD_REQUEST, f"The request does not fit together: {cause}", shot=shot.shot_name)
