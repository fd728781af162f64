# SPDX-License-Identifier: GPL-3.0-or-later
"""Where every visible surface point lies at any other time: what stands still, moves, turns with the sky or deforms.

Each kind of movement is a map between two views in one form (see cameras.relative_view): a pixel p with depth z lies at
``homography @ p + epipole / z``. A deforming thing has one such map for each triangle that is seen: that of its plane.
"""

from __future__ import annotations

import numpy as np
from attrs import field, frozen
from numpy.typing import NDArray
from second_unit_protocol.shot import TrackKind

from . import raster
from .cameras import relative_view
from .shot_data import Instant, ShotData

SAME_TIME = 1e-6  # clip frames
FLAT = 1e-18
Matrix = NDArray[np.float64]


@frozen(eq=False)
class Maps:
    """L maps from one view to another: NaN where the place at the other time is not known.

    ``homography`` (L, 3, 3), ``epipole`` (L, 3); ``centre`` (L, 3) is the other camera's in the first one's axes, as
    the surface sees it.
    """

    homography: Matrix
    epipole: Matrix
    centre: Matrix


@frozen(eq=False)
class Movement:
    """What moves how in one view. ``place`` (H, W) says which of the maps is a pixel's: 0 static, n thing n of
    ``index`` (H, W), and from N + 1 on the triangles that are seen, of which ``faces`` (K,) has the numbers.

    Pixels of deforming things that lie on none of their triangles keep their thing's place, whose map is NaN.
    """

    shot: ShotData = field(repr=False)
    here: Instant
    place: NDArray[np.int32] = field(repr=False)
    index: NDArray[np.uint16] = field(repr=False)
    faces: NDArray[np.int64] = field(repr=False)

    def to(self, there: Instant) -> Maps:
        """Maps to the view of another time."""
        tracks = self.shot.tracks
        count = 1 + len(tracks)
        maps = Maps(*(np.full((count + len(self.faces), *shape), np.nan) for shape in ((3, 3), (3,), (3,))))
        same_time = abs(self.here.clip_position - there.clip_position) < SAME_TIME
        _write(maps, 0, self.here, there, np.eye(4))
        for n, track in enumerate(tracks[: len(there.matrices)]):
            move = np.eye(4) if same_time else None
            if track.kind is TrackKind.RIGID:
                move = _move(self.here.matrices[n], there.matrices[n])
            if move is not None:
                _write(maps, 1 + n, self.here, there, move)
        if len(self.faces) and there.positions is not None:
            _write_faces(maps, count, self, there)
        return maps


def movement(
    shot: ShotData, here: Instant, depth: NDArray[np.float32], index: NDArray[np.uint16] | None, fineness: int = 1
) -> Movement:
    """Reads what a view sees of the moving things.

    ``depth`` and ``index`` (H, W) have ``fineness`` samples to a pixel's side. Where instances of one thing were
    mistaken for each other, the surfaces' depth corrects the index.
    """
    ids = np.zeros(depth.shape, np.uint16) if index is None else index
    deforming = [n for n, track in enumerate(shot.tracks) if track.kind is TrackKind.DEFORMING]
    if not deforming or shot.meshes is None or here.positions is None or not ids.any():
        return Movement(shot, here, ids.astype(np.int32), ids, np.zeros(0, np.int64))
    follows = np.zeros(np.iinfo(np.uint16).max + 1, bool)
    follows[[n + 1 for n in deforming]] = True
    face, score = raster.empty(depth.shape)
    finer = np.diag([fineness, fineness, 1.0]) @ here.intrinsics
    starts = _face_starts(shot)
    for n in deforming:
        corners = _local_corners(here, n) @ finer.T
        triangles = shot.meshes.of(shot.tracks[n].mesh or 0)
        raster.draw(corners, triangles, starts[n], n + 1, depth, ids, follows, face, score)
    found = face >= 0
    faces, which = np.unique(face[found], return_inverse=True)
    place = ids.astype(np.int32)
    place[found] = 1 + len(shot.tracks) + which.ravel()
    corrected = ids.copy()
    corrected[found] = (1 + np.searchsorted(starts, faces, "right") - 1)[which.ravel()]
    return Movement(shot, here, place, corrected, faces.astype(np.int64))


def movement_at(shot: ShotData, frame: int) -> Movement:
    """That of a clip frame. Raises SecondUnitError without depth."""
    return movement(shot, shot.instant(frame), shot.needed_depth(frame), shot.index(frame))


def _face_starts(shot: ShotData) -> NDArray[np.int64]:
    """(N + 1,) the number that each thing's first triangle has; faces count on through all things."""
    meshes = shot.meshes
    counts = [len(meshes.of(t.mesh)) if meshes and t.mesh is not None else 0 for t in shot.tracks]
    return np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)


def _local_corners(at: Instant, n: int) -> Matrix:
    """(V, 3) every vertex of the meshes in camera axes, as thing n's matrix places it."""
    assert at.positions is not None
    pose = np.linalg.inv(at.c2w) @ at.matrices[n]
    return at.positions @ pose[:3, :3].T + pose[:3, 3]


def _face_corners(shot: ShotData, faces: NDArray[np.int64], at: Instant) -> Matrix:
    """(K, 3 corners, 3) in camera axes."""
    assert shot.meshes is not None and at.positions is not None
    starts = _face_starts(shot)
    owner = np.searchsorted(starts, faces, "right") - 1
    corners = np.empty((len(faces), 3, 3))
    for n in np.unique(owner):
        mine = owner == n
        triangles = shot.meshes.of(shot.tracks[n].mesh or 0)[faces[mine] - starts[n]]
        pose = np.linalg.inv(at.c2w) @ at.matrices[n]
        corners[mine] = at.positions[triangles] @ pose[:3, :3].T + pose[:3, 3]
    return corners


def _write_faces(maps: Maps, first: int, seen: Movement, there: Instant) -> None:
    """A triangle's three corners in both views fix the map of its plane; its normal, scaled with it, fixes the rest."""
    before, after = (_face_corners(seen.shot, seen.faces, at) for at in (seen.here, there))
    known = np.isfinite(after).all((1, 2)) & (np.abs(np.linalg.det(before)) > FLAT)
    rows = first + np.flatnonzero(known)
    before, after = before[known].transpose(0, 2, 1), after[known].transpose(0, 2, 1)  # corners are columns
    flat = there.intrinsics @ after @ np.linalg.inv(before) @ np.linalg.inv(seen.here.intrinsics)
    maps.homography[rows], maps.epipole[rows] = flat, 0.0
    frame_before, frame_after = _frames(before), _frames(after)
    usable = np.abs(np.linalg.det(frame_after)) > FLAT
    back = frame_before[usable] @ np.linalg.inv(frame_after[usable])
    maps.centre[rows] = 0.0
    maps.centre[rows[usable]] = before[usable, :, 0] - (back @ after[usable, :, :1])[..., 0]


def _frames(corners: Matrix) -> Matrix:
    """(K, 3, 3): two edges and a normal as long as they are, for corners (K, 3, 3 columns)."""
    along, up = corners[..., 1] - corners[..., 0], corners[..., 2] - corners[..., 0]
    normal = np.cross(along, up)
    size = np.sqrt(np.linalg.norm(normal, axis=-1, keepdims=True))
    return np.stack([along, up, normal / np.maximum(size, 1e-30)], -1)


def _write(maps: Maps, row: int, here: Instant, there: Instant, move: Matrix) -> None:
    homography, epipole = relative_view(here.c2w, here.intrinsics, there.c2w, there.intrinsics, move)
    maps.homography[row], maps.epipole[row] = homography, epipole
    maps.centre[row] = (np.linalg.inv(move @ here.c2w) @ np.append(there.c2w[:3, 3], 1.0))[:3]


def _move(here: Matrix, there: Matrix) -> Matrix | None:
    """Carries a thing from where it is to where it is at the other time; None where it is flattened or absent."""
    if not (np.isfinite(here).all() and np.isfinite(there).all()) or abs(np.linalg.det(here[:3, :3])) < FLAT:
        return None
    return there @ np.linalg.inv(here)
