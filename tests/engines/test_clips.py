# SPDX-License-Identifier: GPL-3.0-or-later
"""Clips that projection goes on from, and clips that it changes inside a region: the rest stays bit for bit."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from attrs import evolve
from second_unit_daemon import devices
from second_unit_daemon.conditioning.shot_data import ShotData
from second_unit_daemon.engines.projection import ProjectionEngine
from second_unit_daemon.jobs.admission import plan_request_of
from second_unit_protocol.errors import SecondUnitError
from second_unit_protocol.grid import Rate
from second_unit_protocol.planes import pack_plane
from second_unit_protocol.results import Input
from second_unit_protocol.shot import PlaneKind, PlaneSequence, SourceClip, SourceUse

from tests.support.generating import add, png, video
from tests.support.projecting import project, psnr_db
from tests.support.shots import wall_shot

FRAMES, WIDTH, HEIGHT = 12, 96, 64


class Wall:
    """A shot over the wall; its true pictures are the clip to go on from."""

    def __init__(self, folder, **fields):
        self.folder = folder
        self.shot = wall_shot(FRAMES, WIDTH, HEIGHT, **({"references": 0, "moving_box": True} | fields))
        self.truth = self.shot.truth

    def source(self, pictures, first_frame: int = 1, **fields) -> SourceClip:
        return SourceClip(add(self.shot, video(pictures, 24)), float(first_frame), Rate(24), **fields)

    def open(self, **changes) -> ShotData:
        paths = self.shot.write(self.folder / "blobs")
        return ShotData(evolve(self.shot.request, **changes), lambda ref: paths[ref])


@pytest.fixture
def wall(tmp_path) -> Wall:
    return Wall(tmp_path)


def test_a_clip_goes_on_along_the_camera_with_the_scenes_own_geometry(wall):
    made = project(wall.open(source=wall.source(wall.truth[:5], use=SourceUse.EXTEND), colour=None))
    for frame in range(5):
        np.testing.assert_array_equal(made[frame].image, wall.truth[frame])
    for frame in range(5, FRAMES):
        assert psnr_db(made[frame].image, wall.truth[frame], made[frame].holes == 0) > 33, frame
    assert made[-1].holes.mean() > made[5].holes.mean() > 0, "what the clip did not see is invented, and said"


def test_it_goes_back_before_its_first_frame_too(wall):
    made = project(wall.open(source=wall.source(wall.truth[7:], 8, use=SourceUse.EXTEND)))
    for frame in range(7, FRAMES):
        np.testing.assert_array_equal(made[frame].image, wall.truth[frame])
    for frame in range(7):
        assert psnr_db(made[frame].image, wall.truth[frame]) > 33, "the scene's colours fill what it did not see"


def test_of_a_trimmed_clip_only_what_is_left_counts(wall):
    marked = [np.full_like(p, 255) if i in (0, 1, 6) else p for i, p in enumerate(wall.truth[:7])]
    source = wall.source(marked, use=SourceUse.EXTEND, first=2, count=4)
    made = project(wall.open(source=source))
    for frame in range(2, 6):
        np.testing.assert_array_equal(made[frame].image, wall.truth[frame])
    for frame in (0, 1, 6):
        assert psnr_db(made[frame].image, wall.truth[frame]) > 33


def test_a_clip_that_shows_none_of_the_shots_frames_is_refused(wall):
    with pytest.raises(SecondUnitError, match="shows none of the shot's frames"):
        project(wall.open(source=wall.source(wall.truth[:3], 40, use=SourceUse.EXTEND)))


def regions(wall: Wall) -> PlaneSequence:
    """A disc that grows, and nothing in the last frame."""
    planes = []
    for frame in range(FRAMES):
        plane = np.zeros((HEIGHT, WIDTH), np.uint8)
        if frame < FRAMES - 1:
            cv2.circle(plane, (48, 30), 10 + frame, 255, -1)
        planes.append(plane)
    refs = tuple(add(wall.shot, pack_plane(plane.tobytes(), "|u1", plane.shape)) for plane in planes)
    return PlaneSequence(PlaneKind.REGION, WIDTH, HEIGHT, refs)


def test_inside_a_region_a_clip_becomes_what_the_references_show_and_stays_itself_outside(tmp_path):
    wall = Wall(tmp_path, references=1)
    clip = [np.roll(picture, 40, 1) for picture in wall.truth]
    region = regions(wall)
    shot = wall.open(source=wall.source(clip), region=region)
    made = project(shot)
    for frame in range(FRAMES):
        inside = shot.region(frame) > 0
        np.testing.assert_array_equal(made[frame].image[~inside], clip[frame][~inside])
        core = cv2.erode(inside.astype(np.uint8), np.ones((11, 11), np.uint8)) > 0
        if core.any():
            assert psnr_db(made[frame].image, wall.truth[frame], core) > 30
    painted = np.full((HEIGHT, WIDTH, 3), (200, 30, 30), np.uint8)
    reference = evolve(shot.request.references[0], image=add(wall.shot, png(painted)))
    changed = project(wall.open(source=wall.source(clip), region=region, references=(reference,)))
    np.testing.assert_array_equal(changed[3].image[30, 48], (200, 30, 30))


def test_the_plan_says_what_of_it_has_an_effect(wall):
    source = wall.source(wall.truth[:3])

    def plan(**changes):
        return ProjectionEngine().plan(plan_request_of(evolve(wall.shot.request, **changes)), devices.cpu())

    assert plan(source=evolve(source, use=SourceUse.EXTEND)).problem is None, "the clip itself is the picture"
    assert Input.EXTENDED_CLIP in plan(source=evolve(source, use=SourceUse.EXTEND)).takes
    assert {i.input for i in plan(source=source).ignores} == {Input.EDITED_CLIP}
    assert {i.input for i in plan(region=regions(wall)).ignores} == {Input.REGION}
    assert plan(source=source, region=regions(wall)).ignores == ()
