# SPDX-License-Identifier: GPL-3.0-or-later
"""Projected pixels are what the camera would see there, and what no reference saw is known for a hole."""

from __future__ import annotations

import numpy as np
import pytest
from attrs import evolve
from second_unit_daemon.conditioning.shot_data import pack_array
from second_unit_protocol.shot import TrackKind

from tests.support.projecting import altered, iou, project, psnr_db, truly_seen
from tests.support.room import Rectangle, Room, look_at, noise_texture, room_shot

BETWEEN = (3, 5, 8, 10)


def test_projected_pixels_are_the_true_ones(plated):
    for frame in BETWEEN:
        known = plated.frames[frame].holes == 0
        assert psnr_db(plated.frames[frame].image, plated.drawn.truth[frame], known) >= 33


def test_a_reference_between_two_frames_is_projected_to_both(tmp_path):
    drawn = room_shot(
        4, 320, 180, references=(1.5,), moving=False, path=lambda t: look_at((0.3 * t, -4, 1.5), (0, 4, 1))
    )
    frames = project(drawn.open(tmp_path))
    for frame in range(4):
        known = frames[frame].holes == 0
        assert known.mean() > 0.95
        assert psnr_db(frames[frame].image, drawn.truth[frame], known) >= 31
        assert not np.array_equal(frames[frame].image, drawn.truth[frame])


def test_the_hole_mask_is_the_exact_disocclusion(one_reference):
    p = one_reference
    for frame in (3, 6, 9, 12):
        holes, seen = p.frames[frame].holes > 0, truly_seen(p.drawn, p.shot, frame)
        assert 0.03 < (~seen).mean() < 0.25  # there is something to find
        assert iou(holes, ~seen) >= 0.96
        assert (~holes & ~seen).mean() <= 0.004


def test_finer_reference_geometry_draws_silhouettes_closer(one_reference, tmp_path):
    coarse = room_shot(13, 320, 180, references=(0,), fineness=1)
    shot = coarse.open(tmp_path)
    seen = truly_seen(coarse, shot, 6)
    off = [(frames[6].holes > 0) != ~seen for frames in (project(shot), one_reference.frames)]
    assert off[1].mean() < 0.5 * off[0].mean()


def test_holes_stay_in_the_mask_after_filling(one_reference):
    frame = one_reference.frames[9]
    assert set(np.unique(frame.holes)) == {0, 255}
    assert not (frame.image[frame.holes > 0] == 0).all()


def test_things_that_move_are_carried_by_their_own_transform(tmp_path):
    drawn = room_shot(5, 320, 180, path=lambda t: look_at((-1.2, -4, 1.5), (0, 4, 1.1)), references=(0,), fineness=3)
    shot = drawn.open(tmp_path)
    frame, board = project(shot)[4], shot.index(4) == 1
    seen = board & truly_seen(drawn, shot, 4)
    assert seen.sum() > 200 and (frame.holes[seen] == 0).mean() > 0.97
    assert psnr_db(frame.image, drawn.truth[4], seen & (frame.holes == 0)) >= 26
    where_it_was = pack_array(shot.matrices[:1].repeat(5, 0))
    stuck = altered(shot, lambda r: evolve(r, motion=evolve(r.motion, matrices=where_it_was)))
    assert psnr_db(project(stuck)[4].image, drawn.truth[4], seen) < 20


def test_things_that_deform_are_known_at_their_own_time_only(one_reference):
    p = one_reference

    def deforms(request):
        return evolve(
            request, motion=evolve(request.motion, tracks=(evolve(request.motion.tracks[0], kind=TrackKind.UNKNOWN),))
        )

    frames = project(altered(p.shot, deforms))
    assert not frames[0].holes.any()
    assert (frames[6].holes[p.shot.index(6) == 1] == 255).all()


def test_the_sky_turns_with_the_camera(tmp_path):
    def turning(t):
        return look_at((2.0 * t, 0, 0), (2.0 * t + 1.2 * t, 4, 1.0 + 0.4 * t), 0.2 * t)

    drawn = room_shot(
        5, 240, 136, path=turning, zoom=lambda t: 0.8 + 0.2 * t, references=(0, 4), moving=False, room=Room.of()
    )
    frames = project(drawn.open(tmp_path))
    for frame in (1, 2, 3):
        known = frames[frame].holes == 0
        assert known.mean() > 0.9
        assert psnr_db(frames[frame].image, drawn.truth[frame], known) >= 45


def test_a_floor_seen_at_a_grazing_angle_has_no_cracks(tmp_path):
    random = np.random.default_rng(5)
    floor = Rectangle(*(np.array(v, float) for v in ((-40, -10, 0), (80, 0, 0), (0, 300, 0))), noise_texture(random))
    drawn = room_shot(
        5,
        320,
        180,
        path=lambda t: look_at((0, -4 + t, 0.35), (0, 40, 0.2)),
        references=(0,),
        moving=False,
        room=Room.of(floor),
    )
    shot = drawn.open(tmp_path)
    frames = project(shot)
    for frame in (2, 4):
        seen = truly_seen(drawn, shot, frame)
        assert (frames[frame].holes[seen] > 0).mean() < 0.001


def test_a_larger_picture_gives_detail_to_a_camera_that_moves_in(tmp_path):
    def error(scale):
        drawn = room_shot(5, 240, 136, references=(0,), zoom=lambda t: 0.9 + 0.9 * t, picture_scale=scale, moving=False,
                          path=lambda t: look_at((0, -4, 1.5), (0, 4, 1.2)))  # fmt: skip
        frame = project(drawn.open(tmp_path / str(scale)))[4]
        return psnr_db(frame.image, drawn.truth[4], frame.holes == 0)

    assert error(2) > error(1) + 2


def test_a_camera_that_moves_back_sees_no_aliasing(tmp_path):
    drawn = room_shot(5, 240, 136, references=(0,), zoom=lambda t: 1.8 - 0.9 * t, moving=False,
                      path=lambda t: look_at((0, -4, 1.5), (0, 4, 1.2)))  # fmt: skip
    frame = project(drawn.open(tmp_path))[4]
    assert psnr_db(frame.image, drawn.truth[4], frame.holes == 0) >= 31


@pytest.mark.parametrize(("width", "height", "margin"), [(213, 121, 0), (97, 65, 0), (200, 112, 9)])
def test_every_size_is_delivered_as_asked(tmp_path, width, height, margin):
    drawn = room_shot(4, width, height, references=(0,), margin=margin, fineness=3)
    frames = project(drawn.open(tmp_path))
    for frame, truth in zip(frames, drawn.truth, strict=True):
        assert frame.image.shape == (height, width, 3) and frame.holes.shape == (height, width)
        assert frame.image.flags.c_contiguous and frame.image.dtype == np.uint8
        assert psnr_db(frame.image, truth, frame.holes == 0) >= 24
