# SPDX-License-Identifier: GPL-3.0-or-later
"""Where a bending surface's points go is known exactly, and references are carried along with it."""

from __future__ import annotations

import numpy as np
import pytest
from attrs import evolve
from second_unit_daemon.conditioning.flow import flow, seen_at
from second_unit_daemon.conditioning.motion import movement_at
from second_unit_protocol.errors import ErrorCode, SecondUnitError
from second_unit_protocol.planes import pack_plane
from second_unit_protocol.shot import BlobRef, TrackKind

from tests.support.bending import BendingShot, bending_shot
from tests.support.projecting import altered, project, psnr_db


@pytest.fixture(scope="module")
def bending() -> BendingShot:
    return bending_shot()


def pixels(size) -> np.ndarray:
    """(H, W, 2) of the pixels' centres."""
    y, x = np.mgrid[: size[0], : size[1]]
    return np.stack([x + 0.5, y + 0.5], -1)


@pytest.mark.parametrize(("frame", "other"), [(0, 4), (4, 0), (2, 3), (3, 1), (2, 2)])
def test_flow_is_where_the_points_go(bending, tmp_path, frame, other):
    shot = bending.open(tmp_path)
    found = flow(shot, frame, other)
    assert found.vectors.dtype == np.float32 and found.valid.all()
    truth = bending.place(frame, other) - pixels(found.valid.shape)
    assert np.linalg.norm(found.vectors - truth, axis=-1).max() < 1e-3
    assert frame == other or np.linalg.norm(truth, axis=-1)[bending.drawn[frame].index == 1].mean() > 2


def test_points_that_the_other_frame_hides_are_told(bending, tmp_path):
    """Against the drawing: the other frame's pixel shows the same triangle, or the wall if it was the wall."""
    shot = bending.open(tmp_path)
    seen = seen_at(shot, flow(shot, 0, 4), 4)
    u, v = np.moveaxis(np.floor(bending.place(0, 4)).astype(int), -1, 0)
    inside = (u >= 0) & (v >= 0) & (u < seen.shape[1]) & (v < seen.shape[0])
    there = bending.drawn[4].index[v.clip(0, seen.shape[0] - 1), u.clip(0, seen.shape[1] - 1)]
    wall = bending.drawn[0].index == 0
    assert (wall & inside & (there == 1)).mean() > 0.005
    assert (seen == (inside & ((there == 0) | ~wall))).mean() > 0.985


def test_references_are_carried_along_with_what_bends(bending, tmp_path):
    shot = bending.open(tmp_path)
    frames = project(shot)
    sheet = bending.drawn[4].index == 1
    assert sheet.mean() > 0.15 and (frames[4].holes[sheet] > 0).mean() < 0.02
    inner = sheet & (frames[4].holes == 0)
    assert psnr_db(frames[4].image, bending.drawn[4].colour, inner) > 32

    def stiff(request):
        rigid = evolve(request.motion.tracks[0], kind=TrackKind.RIGID, mesh=None)
        return evolve(request, motion=evolve(request.motion, tracks=(rigid,)))

    wrong = project(altered(shot, stiff))[4]
    still_seen = inner & (wrong.holes == 0)
    assert (wrong.holes[sheet] > 0).mean() > 0.3 or psnr_db(wrong.image, bending.drawn[4].colour, still_seen) < 25


def test_pixels_that_lie_on_none_of_the_triangles_are_unknown(bending, tmp_path):
    """Hair of the same object, say: its depth is not the mesh's."""
    shot = bending.open(tmp_path)
    real = shot.depth
    shot.depth = lambda frame: np.where(np.arange(160) < 80, real(frame), 0.97 * real(frame))
    found = flow(shot, 2, 3)
    sheet, right = bending.drawn[2].index == 1, np.arange(160) >= 80
    assert not found.valid[sheet & right].any() and (found.vectors[sheet & right] == 0).all()
    assert found.valid[~(sheet & right)].all()


def test_instances_that_were_mistaken_for_each_other_are_told_apart(bending, tmp_path):
    """Two of one mesh: the index says 2 everywhere, the surfaces lie where 1 is."""
    shot = bending.open(tmp_path)

    def twice(request):
        away = np.frombuffer(request.motion.matrices.data, "<f8").reshape(-1, 1, 4, 4).copy()
        away[..., 0, 3] += 3.0
        array = request.motion.matrices
        both = np.concatenate([np.frombuffer(array.data, "<f8").reshape(-1, 1, 4, 4), away], 1)
        matrices = evolve(array, shape=both.shape, data=both.tobytes())
        tracks = (request.motion.tracks[0], evolve(request.motion.tracks[0], name="other"))
        return evolve(request, motion=evolve(request.motion, tracks=tracks, matrices=matrices))

    shot = altered(shot, twice)
    shot.index = lambda frame: 2 * bending.drawn[frame].index
    np.testing.assert_array_equal(movement_at(shot, 2).index, bending.drawn[2].index)


def test_a_thing_that_is_away_leaves_its_flow_unknown(bending, tmp_path):
    folder = tmp_path
    shot = bending.open(folder)
    gone = np.full_like(bending.positions[3], np.nan)
    content = pack_plane(gone.tobytes(), "<f4", gone.shape)
    (folder / ("a" * 64)).write_bytes(content)

    def without(request):
        positions = list(request.motion.deformation.positions)
        positions[3] = BlobRef("a" * 64, len(content))
        deformation = evolve(request.motion.deformation, positions=tuple(positions))
        return evolve(request, motion=evolve(request.motion, deformation=deformation))

    found = flow(altered(shot, without), 2, 3)
    np.testing.assert_array_equal(found.valid, bending.drawn[2].index == 0)


def test_shapes_that_do_not_fit_their_triangles_are_refused(bending, tmp_path):
    shot = bending.open(tmp_path)

    def short(request):
        few = evolve(request.motion.deformation, positions=(request.motion.deformation.triangles,) * 5)
        return evolve(request, motion=evolve(request.motion, deformation=few))

    with pytest.raises(SecondUnitError, match="captured shape of what deforms at clip frame 2") as caught:
        flow(altered(shot, short), 2, 3)
    assert caught.value.code is ErrorCode.BLOB_CORRUPT and caught.value.info.shot == "Bending"
