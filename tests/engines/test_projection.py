# SPDX-License-Identifier: GPL-3.0-or-later
"""The projection engine as a job runs it: what it yields, what fills its holes, how it stops and how it complains."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
import pytest
from attrs import evolve
from second_unit_daemon.conditioning.shot_data import ShotData, array_of, pack_array
from second_unit_daemon.engines.base import Cancelled, EngineFrame, JobControl
from second_unit_daemon.engines.projection import ProjectionEngine
from second_unit_protocol.errors import ErrorCode, SecondUnitError
from second_unit_protocol.grid import FrameGrid, Rate, SceneRange
from second_unit_protocol.planes import pack_plane
from second_unit_protocol.shot import BlobRef, PlaneKind, PlaneSequence

from tests.support.projecting import psnr_db
from tests.support.room import RoomShot, room_shot

FRAMES, WIDTH, HEIGHT = 7, 240, 136
FAITHFUL_DB = 26.0  # fine noise, drawn with few rays a pixel; see aligned() for where things are


def run(shot: ShotData, check: Callable[[], None] = lambda: None) -> list[EngineFrame]:
    control = JobControl(progress=lambda *_: None, check=check)
    return list(ProjectionEngine().frames(shot, control))


def aligned(image: np.ndarray, truth: np.ndarray, where: np.ndarray) -> bool:
    """Whether nothing has moved by more than a tenth of a pixel, over the pixels ``where``."""
    ours, theirs = (cv2.cvtColor(p, cv2.COLOR_RGB2GRAY).astype(np.float32) for p in (image, truth))
    ours[~where] = theirs[~where] = theirs[where].mean()
    (x, y), _ = cv2.phaseCorrelate(theirs, ours, cv2.createHanningWindow(ours.shape[::-1], cv2.CV_32F))
    return bool(np.hypot(x, y) < 0.1)


def room(**settings) -> RoomShot:
    return room_shot(**{"frames": FRAMES, "width": WIDTH, "height": HEIGHT, **settings})


@pytest.fixture(scope="module")
def two_ended() -> RoomShot:
    return room(references=(0, FRAMES - 1))


@pytest.fixture(scope="module")
def frames(two_ended, tmp_path_factory) -> list[EngineFrame]:
    return run(two_ended.open(tmp_path_factory.mktemp("blobs")))


def test_every_frame_is_true_where_a_reference_shows_it(two_ended, frames):
    assert len(frames) == FRAMES
    for frame, truth in zip(frames, two_ended.truth, strict=True):
        assert frame.image.shape == (HEIGHT, WIDTH, 3) and frame.image.dtype == np.uint8
        assert psnr_db(frame.image, truth, frame.holes == 0) > FAITHFUL_DB
        assert aligned(frame.image, truth, frame.holes == 0)


def test_a_reference_stands_untouched_at_its_own_frame(two_ended, frames):
    for place in (0, FRAMES - 1):
        np.testing.assert_array_equal(frames[place].image, two_ended.truth[place])
        assert not frames[place].holes.any()


def test_more_references_leave_fewer_holes(two_ended, frames, tmp_path):
    alone = evolve(two_ended.request, references=two_ended.request.references[:1])
    fewer = run(ShotData(alone, written(two_ended, tmp_path)))
    assert sum((f.holes > 0).sum() for f in frames) < 0.6 * sum((f.holes > 0).sum() for f in fewer)


def written(shot: RoomShot, folder) -> Callable:
    shot.open(folder)
    return lambda ref: folder / ref.digest


def test_holes_take_the_plate_in_the_references_colours(tmp_path):
    """The plate is the true picture, darkened: matched back, it fills holes better than colours grown from the rim."""
    shot = room(references=(0,))
    dark = [np.round(truth * 0.6 + 10).astype(np.uint8) for truth in shot.truth]
    planes = []
    for picture in dark:
        data = pack_plane(picture.tobytes(), "|u1", picture.shape)
        ref = BlobRef(f"{len(planes):064x}", len(data))
        shot.blobs[ref] = data
        planes.append(ref)
    with_plate = RoomShot(
        shot.room,
        evolve(shot.request, colour=PlaneSequence(PlaneKind.COLOUR, WIDTH, HEIGHT, tuple(planes))),
        shot.blobs, shot.truth, shot.c2w, shot.intrinsics,
    )  # fmt: skip
    grown, matched = run(shot.open(tmp_path / "a"))[-1], run(with_plate.open(tmp_path / "b"))[-1]
    np.testing.assert_array_equal(grown.holes, matched.holes)
    holes = grown.holes > 0
    assert psnr_db(matched.image, shot.truth[-1], holes) > psnr_db(grown.image, shot.truth[-1], holes) + 2
    assert psnr_db(matched.image, shot.truth[-1], holes) > 20


def test_a_reference_between_two_clip_frames_is_projected_to_them(tmp_path):
    """Every other frame of the room is delivered; the reference is pinned to a time between two of them."""
    full = room(frames=7, references=(3,))
    rows = [0, 2, 4, 6]
    request = full.request

    def every_other(planes: PlaneSequence) -> PlaneSequence:
        return evolve(planes, frames=tuple(planes.frames[i] for i in rows))

    half = evolve(
        request,
        delivery=SceneRange(1, 7, Rate(24)),
        grid=FrameGrid(1, 4, Rate(24), Rate(12)),
        camera=evolve(
            request.camera,
            c2w=pack_array(array_of(request.camera.c2w)[rows]),
            intrinsics=pack_array(array_of(request.camera.intrinsics)[rows]),
        ),
        depth=every_other(request.depth),
        index=every_other(request.index),
        motion=evolve(request.motion, matrices=pack_array(array_of(request.motion.matrices)[rows])),
    )
    frames = run(ShotData(half, written(full, tmp_path)))
    for frame, row in zip(frames, rows, strict=True):
        assert frame.holes.any(), "no frame is the reference's own"
        assert psnr_db(frame.image, full.truth[row], frame.holes == 0) > FAITHFUL_DB
        assert aligned(frame.image, full.truth[row], frame.holes == 0)


def test_the_same_shot_gives_the_same_bytes(two_ended, frames, tmp_path):
    again = run(two_ended.open(tmp_path))
    for first, second in zip(frames, again, strict=True):
        np.testing.assert_array_equal(first.image, second.image)
        np.testing.assert_array_equal(first.holes, second.holes)


def test_figures_count_the_holes(two_ended, tmp_path):
    engine = ProjectionEngine()
    made = list(engine.frames(two_ended.open(tmp_path), JobControl.silent()))
    assert engine.figures()["hole_fraction"] == pytest.approx(np.mean([f.holes > 0 for f in made]))


def test_a_cancel_stops_between_two_frames(two_ended, tmp_path):
    asked = []

    def check() -> None:
        asked.append(1)
        if len(asked) == 3:
            raise Cancelled

    with pytest.raises(Cancelled):
        run(two_ended.open(tmp_path), check)
    assert len(asked) == 3


def test_a_picture_that_is_none_is_named(two_ended, tmp_path):
    two_ended.open(tmp_path)
    (tmp_path / two_ended.request.references[1].image.digest).write_bytes(b"not a picture")
    with pytest.raises(SecondUnitError) as refused:
        run(ShotData(two_ended.request, lambda ref: tmp_path / ref.digest))
    assert refused.value.code is ErrorCode.REFERENCE_UNREADABLE
    assert f"frame {FRAMES - 1}" in refused.value.info.cause and refused.value.info.shot == "Room"


def test_a_damaged_plane_is_told(two_ended, tmp_path):
    two_ended.open(tmp_path)
    (tmp_path / two_ended.request.depth.frames[3].digest).write_bytes(b"SUP1 and then nothing that belongs there")
    with pytest.raises(SecondUnitError) as refused:
        run(ShotData(two_ended.request, lambda ref: tmp_path / ref.digest))
    assert refused.value.code is ErrorCode.BLOB_CORRUPT
    assert "depth of clip frame 3" in refused.value.info.cause and refused.value.info.shot == "Room"


def test_a_plane_that_went_away_is_told(two_ended, tmp_path):
    two_ended.open(tmp_path)
    (tmp_path / two_ended.request.references[0].depth.digest).unlink()
    with pytest.raises(SecondUnitError) as refused:
        run(ShotData(two_ended.request, lambda ref: tmp_path / ref.digest))
    assert refused.value.code is ErrorCode.NO_SUCH_BLOB
    assert "depth of reference frame 0" in refused.value.info.cause and refused.value.info.shot == "Room"


def test_a_plane_of_another_size_is_told(two_ended, tmp_path):
    depth = two_ended.request.depth
    smaller = evolve(two_ended.request, depth=evolve(depth, width=depth.width - 2))
    with pytest.raises(SecondUnitError) as refused:
        run(ShotData(evolve(smaller, references=smaller.references[:0]), written(two_ended, tmp_path)))
    assert refused.value.code is ErrorCode.NO_REFERENCE
    with pytest.raises(SecondUnitError) as refused:
        ShotData(smaller, written(two_ended, tmp_path)).depth(2)
    assert refused.value.code is ErrorCode.BLOB_CORRUPT and "clip frame 2" in refused.value.info.cause


def test_references_of_no_strength_are_none(two_ended, tmp_path):
    idle = tuple(evolve(r, strength=0.0) for r in two_ended.request.references)
    with pytest.raises(SecondUnitError) as refused:
        run(ShotData(evolve(two_ended.request, references=idle), written(two_ended, tmp_path)))
    assert refused.value.code is ErrorCode.NO_REFERENCE and "strength" in refused.value.info.cause
