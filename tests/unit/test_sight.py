# SPDX-License-Identifier: GPL-3.0-or-later
"""What references' planes leave in doubt is asked, nothing else; and the engine's holes are exact where it is told."""

from __future__ import annotations

import hashlib

import numpy as np
import pytest
from attrs import evolve
from second_unit_daemon.conditioning.shot_data import ShotData
from second_unit_protocol.errors import ErrorCode, SecondUnitError
from second_unit_protocol.planes import pack_plane
from second_unit_protocol.shot import BlobRef

from tests.support.projecting import iou, project, truly_seen
from tests.support.room import RoomShot, room_shot

FRAMES = (2, 4)


@pytest.fixture(scope="module")
def drawn() -> RoomShot:
    return room_shot(5, 320, 180, references=(3, 0), fineness=3)


@pytest.fixture(scope="module")
def shot(drawn, tmp_path_factory) -> ShotData:
    return drawn.open(tmp_path_factory.mktemp("shot"))


def inquiry(core, shot: ShotData):
    """With all that the shot's planes say; references in order of time."""
    sight = core("sight")
    at = [sight.Instant(r.c2w, r.intrinsics, r.matrices) for r in shot.references]
    asked = sight.Inquiry(at, shot.rigid, 3)
    for r, reference in enumerate(shot.references):
        asked.reference(r, reference.fine_depth)
    for i in FRAMES:
        asked.frame(i, sight.Instant(shot.c2w[i], shot.intrinsics[i], shot.matrices[i]), shot.depth(i), shot.index(i))
    return asked


def rays(drawn: RoomShot, reference):
    """How far a ray gets from a reference's camera."""
    eye = reference.c2w[:3, 3]

    def cast(direction, most: float) -> float:
        nearest = np.inf
        for rectangle in drawn.room.rectangles:
            corner = rectangle.corner + rectangle.moves * reference.clip_position / 24
            normal = np.cross(rectangle.across, rectangle.up)
            away = (corner - eye) @ normal / (np.array(direction) @ normal)
            place = eye + away * np.array(direction) - corner
            inside = all(0 <= place @ side / (side @ side) <= 1 for side in (rectangle.across, rectangle.up))
            if inside and 0.05 < away < nearest:
                nearest = away
        return nearest if nearest < most else np.inf

    return cast


def told(shot: ShotData, rows: np.ndarray) -> ShotData:
    """The shot with these answers in its request."""
    data = pack_plane(rows.astype("<u4").tobytes(), "<u4", rows.shape)
    ref = BlobRef(hashlib.sha256(data).hexdigest(), len(data))
    path = shot.blob_path(ref)
    path.write_bytes(data)
    return ShotData(evolve(shot.request, seen=ref), shot.blob_path)


def holes(shot: ShotData) -> np.ndarray:
    frames = project(shot)
    return np.array([frames[i].holes > 0 for i in FRAMES])


def test_holes_are_exact_where_rays_tell(core, drawn, shot):
    asked = inquiry(core, shot)
    for r, reference in enumerate(shot.references):
        for _ in asked.asking(r, rays(drawn, reference)):
            pass
    rows = asked.told()
    order = np.argsort([r.scene_frame for r in shot.request.references])  # the request's own
    rows[:, 2] = order[rows[:, 2]]
    assert 0 < len(rows) < 0.06 * len(FRAMES) * 320 * 180, "only what is in doubt is asked"
    assert (np.diff(rows[:, 0].astype(int)) >= 0).all() and set(rows[:, 0]) == set(FRAMES)
    true = ~np.array([truly_seen(drawn, shot, i) for i in FRAMES])
    before, after = iou(holes(shot), true), iou(holes(told(shot, rows)), true)
    assert after > 0.99 > before


def test_rays_that_do_not_meet_what_was_drawn_are_not_believed(core, drawn, shot):
    asked = inquiry(core, shot)
    count = sum(1 for _ in asked.asking(0, lambda direction, most: np.inf))
    assert 0 < count <= core("sight").PROBES and not len(asked.told())


def test_what_rays_cannot_judge_is_not_told(core, drawn, shot):
    asked = inquiry(core, shot)
    honest, probes = rays(drawn, shot.references[0]), iter(range(core("sight").PROBES))
    for _ in asked.asking(0, lambda *ray: np.nan if next(probes, None) is None else honest(*ray)):
        pass
    assert next(probes, None) is None, "it came to the questions"
    assert not len(asked.told())


@pytest.mark.parametrize("row", [(5, 0, 0, 1), (2, 320 * 180, 0, 1), (2, 0, 2, 1), (2, 0, 0, 2)])
def test_answers_about_what_the_shot_does_not_have_are_refused(shot, row):
    with pytest.raises(SecondUnitError, match="does not have") as refused:
        assert told(shot, np.array([row])).references
    assert refused.value.info.code is ErrorCode.BLOB_CORRUPT
