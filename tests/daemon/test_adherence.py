# SPDX-License-Identifier: GPL-3.0-or-later
"""A clip's measured camera is the camera it was really taken with, whatever camera was asked for."""

from __future__ import annotations

import numpy as np
import pytest
from attrs import evolve
from second_unit_daemon.adherence import AdherenceMeter
from second_unit_daemon.adherence.errors import path_errors, relative_to_first, rotation_angles
from second_unit_daemon.adherence.verdict import Drift, verdict
from second_unit_protocol.results import Adherence, Fault, Kept

from tests.support.room import Room, dolly, look_at, room_shot

FRAMES = 7
SIZE = {"width": 320, "height": 180}


@pytest.fixture(scope="module")
def dollied(tmp_path_factory):
    """A dolly through a room with a moving board, references at both ends."""
    made = room_shot(FRAMES, **SIZE, references=(0, FRAMES - 1))
    return made, made.open(tmp_path_factory.mktemp("dolly"))


@pytest.fixture(scope="module")
def unpinned(tmp_path_factory):
    """The same dolly without a reference: frame 0 of the clip is all there is to go by."""
    made = room_shot(FRAMES, **SIZE, references=())
    return made, made.open(tmp_path_factory.mktemp("unpinned"))


def measure(shot, frames) -> Adherence:
    meter = AdherenceMeter(shot)
    for i, frame in enumerate(frames):
        meter.add(i, frame)
    result = meter.finish()
    assert result is not None
    return result


def true_errors(made, path):
    count = len(made.truth)
    return path_errors(made.c2w, np.array([path(i / (count - 1)) for i in range(count)]))


@pytest.mark.parametrize("which", ["dollied", "unpinned"])
def test_true_frames_have_almost_no_error(which, request):
    made, shot = request.getfixturevalue(which)
    result = measure(shot, made.truth)
    assert result.failed_frames == ()
    assert result.frames == len(result.rot_curve_rad) == len(result.trans_curve_m) == FRAMES
    assert result.rot_err_rad < 0.03 * FRAMES / 49
    assert result.trans_err_m < 0.01 * FRAMES
    assert result.trans_err < 0.02
    assert result.inlier_ratio > 0.8 and result.coverage > 0.6
    assert result.verdict.startswith("Keeps to its camera")


def drifting(time: float) -> np.ndarray:
    """The dolly with a slow roll and a slide that nobody asked for: 0.02 rad and 6 cm at its end."""
    c2w = dolly(time)
    roll = 0.02 * time
    turn = np.eye(4)
    turn[:2, :2] = [[np.cos(roll), -np.sin(roll)], [np.sin(roll), np.cos(roll)]]
    c2w = c2w @ turn
    c2w[:3, 3] += (0.05 * time, 0.02 * time, -0.03 * time)
    return c2w


@pytest.mark.parametrize("which", ["dollied", "unpinned"])
def test_a_slow_drift_is_measured_frame_by_frame(which, request):
    made, shot = request.getfixturevalue(which)
    result = measure(shot, made.along(drifting))
    truth = true_errors(made, drifting)
    assert result.failed_frames == ()
    assert np.abs(np.array(result.rot_curve_rad) - truth.rot_rad).max() < 0.002
    assert np.abs(np.array(result.trans_curve_m) - truth.trans_m).max() < 0.02
    assert result.rot_err_rad == pytest.approx(truth.rot_rad.sum(), rel=0.1)
    assert result.trans_err_m == pytest.approx(truth.trans_m.sum(), rel=0.15)


def another_path(time: float) -> np.ndarray:
    return look_at((-1.2 - 1.0 * time, -4.0 + 0.4 * time, 1.5 + 0.5 * time), (-0.4 * time, 4, 1.1))


@pytest.mark.parametrize("which", ["dollied", "unpinned"])
def test_another_path_is_a_wrong_camera_and_its_error_is_true(which, request):
    made, shot = request.getfixturevalue(which)
    result = measure(shot, made.along(another_path))
    assert result.verdict.startswith("Wrong camera")
    measured = [i for i in range(FRAMES) if i not in result.failed_frames]
    assert len(measured) >= FRAMES - 2
    truth = true_errors(made, another_path)
    assert np.allclose(result.trans_curve_m, truth.trans_m[measured], rtol=0.05, atol=0.03)
    assert np.allclose(result.rot_curve_rad, truth.rot_rad[measured], rtol=0.05, atol=0.005)


@pytest.mark.parametrize("which", ["dollied", "unpinned"])
def test_a_frozen_camera_is_named(which, request):
    made, shot = request.getfixturevalue(which)
    result = measure(shot, [made.truth[0]] * FRAMES)
    assert result.verdict.startswith("Wrong camera: it stands still")
    assert (result.kept, result.fault) == (Kept.WRONG_CAMERA, Fault.STATIC)
    truth = true_errors(made, lambda time: made.c2w[0])
    assert result.trans_err_m == pytest.approx(truth.trans_m.sum(), rel=0.03)


@pytest.mark.parametrize("which", ["dollied", "unpinned"])
def test_half_speed_is_named_and_its_anchors_do_not_hide_it(which, request):
    made, shot = request.getfixturevalue(which)
    result = measure(shot, made.along(lambda time: dolly(time / 2)))
    assert (result.kept, result.fault) == (Kept.WRONG_CAMERA, Fault.SLOWER)
    assert result.verdict.startswith("Wrong camera: it follows its path at 50% of the speed")
    truth = true_errors(made, lambda time: dolly(time / 2))
    assert result.trans_err_m == pytest.approx(truth.trans_m.sum(), rel=0.05)


def test_the_view_may_leave_frame_0_and_every_reference(tmp_path):
    def turning(time: float) -> np.ndarray:
        angle = 1.5 * time
        return look_at((0, -2.5, 1.4), (3 * np.sin(angle), -2.5 + 3 * np.cos(angle), 1.2))

    made = room_shot(13, **SIZE, path=turning, references=(), moving=False)
    shot = made.open(tmp_path)
    result = measure(shot, made.truth)
    assert result.failed_frames == ()
    assert result.rot_err_rad < 0.03
    short = measure(shot, made.along(lambda time: turning(0.7 * time)))
    assert short.verdict.startswith("Wrong camera: it follows its path at 70% of the speed")
    truth = true_errors(made, lambda time: turning(0.7 * time))
    measured = [i for i in range(13) if i not in short.failed_frames]
    assert np.allclose(short.rot_curve_rad, truth.rot_rad[measured], atol=0.01)


def test_a_camera_that_stands_still_as_asked_is_well_kept(tmp_path):
    made = room_shot(4, **SIZE, path=lambda time: dolly(0.0), references=(0,))
    result = measure(made.open(tmp_path), made.truth)
    assert result.verdict.startswith("Keeps to its camera")
    assert result.trans_err < 1, "translations of nothing must not be blown up to full length"


def test_a_lens_that_zooms_is_not_a_movement(tmp_path):
    made = room_shot(FRAMES, **SIZE, path=lambda time: dolly(0.1 * time), zoom=lambda time: 0.8 + 0.5 * time)
    result = measure(made.open(tmp_path), made.truth)
    assert result.verdict.startswith("Keeps to its camera")
    assert result.rot_err_rad < 0.01


def test_grading_noise_and_softness_do_not_look_like_movement(dollied):
    made, shot = dollied
    random = np.random.default_rng(5)
    spoilt = [
        np.clip(frame * 0.7 + 30 + 8 * np.sin(i) + random.normal(0, 8, frame.shape), 0, 255).astype(np.uint8)
        for i, frame in enumerate(made.truth)
    ]
    result = measure(shot, spoilt)
    assert result.verdict.startswith("Keeps to its camera")
    assert result.rot_err_rad < 0.08 * FRAMES / 49


def test_a_captured_margin_is_cut_off_before_measuring(tmp_path):
    made = room_shot(4, **SIZE, margin=12, references=(0,))
    result = measure(made.open(tmp_path), made.truth)
    assert result.failed_frames == ()
    assert result.rot_err_rad < 0.004


def test_a_clip_of_something_else_is_not_measured_as_anything(dollied):
    made, shot = dollied
    random = np.random.default_rng(9)
    other = Room(seed=77)
    frames = [made.truth[0]]
    frames += [random.integers(0, 256, made.truth[0].shape, dtype=np.uint8) for _ in range(3)]
    frames += [other.draw(look_at((1, 3, 1), (3, 3.5, 1)), made.intrinsics[0], **SIZE).colour] * 3
    result = measure(shot, frames)
    assert set(result.failed_frames) == {1, 2, 3, 4, 5, 6}
    assert result.verdict.startswith("Could not be measured")


def test_what_agrees_in_a_corner_alone_is_no_camera(dollied):
    """As a shadow that wanders over a bare wall does."""
    made, shot = dollied
    random = np.random.default_rng(4)
    frames = [made.truth[0]]
    for slow in made.along(lambda time: dolly(time / 2))[1:]:
        noise = random.integers(0, 256, slow.shape, dtype=np.uint8)
        noise[:90, :140] = slow[:90, :140]
        frames.append(noise)
    result = measure(shot, frames)
    assert len(result.failed_frames) == FRAMES - 1
    assert result.kept is Kept.UNMEASURED


def test_a_lens_that_is_not_off_is_not_blamed():
    drift = Drift(
        shift=0.01, pose_shift=0.001, lens_shift=0.01, asked=0.1, made=0.1, width=320, speed=1.0, off_path=0.0,
        direction=1.0, lens=1.0, asked_zoom=1.0, made_zoom=3.0, flow=1.0,
    )  # fmt: skip
    assert verdict(drift, 0, 13).words == "Drifts from its camera: 3.2 px off on average"
    assert verdict(evolve(drift, lens=1.02), 0, 13).words.endswith("its lens is 2% longer than asked")


def test_without_depth_there_is_no_measurement(dollied, tmp_path):
    import attrs
    from second_unit_daemon.conditioning.shot_data import ShotData

    made, _ = dollied
    made.open(tmp_path)
    meter = AdherenceMeter(ShotData(attrs.evolve(made.request, depth=None), lambda ref: tmp_path / ref.digest))
    for i, frame in enumerate(made.truth):
        meter.add(i, frame)
    assert meter.finish() is None


def test_a_shot_of_one_frame_is_measured(tmp_path):
    made = room_shot(1, **SIZE)
    result = measure(made.open(tmp_path), made.truth)
    assert result.frames == 1
    assert (result.rot_err_rad, result.trans_err) == pytest.approx((0.0, 0.0), abs=1e-12)


def test_the_same_frames_give_the_same_figures(dollied):
    made, shot = dollied
    assert measure(shot, made.truth) == measure(shot, made.truth)


# --- the published formulas ---------------------------------------------------------------------------------------


def poses(*translations, turn=0.0) -> np.ndarray:
    made = np.tile(np.eye(4), (len(translations), 1, 1))
    made[:, :3, 3] = translations
    for i in range(len(made)):
        c, s = np.cos(i * turn), np.sin(i * turn)
        made[i, :2, :2] = [[c, -s], [s, c]]
    return made


def test_rotation_error_is_the_sum_of_angles_in_radians():
    errors = path_errors(poses((0, 0, 0), (1, 0, 0), (2, 0, 0)), poses((0, 0, 0), (1, 0, 0), (2, 0, 0), turn=0.1))
    assert errors.rot_rad == pytest.approx([0, 0.1, 0.2])


def test_translations_are_each_divided_by_their_own_longest():
    asked, made = poses((0, 0, 0), (1, 0, 0), (2, 0, 0)), poses((0, 0, 0), (0, 3, 0), (0, 6, 0))
    errors = path_errors(asked, made)
    assert errors.trans == pytest.approx(np.sqrt(0.5) + np.sqrt(2))
    assert errors.trans_m == pytest.approx([0, np.sqrt(10), np.sqrt(40)])
    assert errors.cam_mc == pytest.approx(errors.trans)
    assert path_errors(asked, 5 * asked - 4 * np.eye(4)).trans == pytest.approx(0), "scale alone is no error here"


def test_where_the_world_begins_does_not_matter():
    random = np.random.default_rng(0)
    asked, made = poses(*random.normal(size=(5, 3)), turn=0.2), poses(*random.normal(size=(5, 3)), turn=0.1)
    world = look_at((1, 2, 3), (-2, 0.5, 0))
    plain, moved = path_errors(asked, made), path_errors(world @ asked, made)
    assert moved.cam_mc == pytest.approx(plain.cam_mc)
    assert moved.rot_rad == pytest.approx(plain.rot_rad)
    assert relative_to_first(asked)[0] == pytest.approx(np.eye(4))


def test_small_and_great_angles_are_exact():
    angles = np.array([1e-9, 1e-4, 1.0, np.pi - 1e-6])
    turned = np.tile(np.eye(4), (len(angles), 1, 1))
    turned[:, 0, 0] = turned[:, 1, 1] = np.cos(angles)
    turned[:, 1, 0], turned[:, 0, 1] = np.sin(angles), -np.sin(angles)
    assert rotation_angles(np.tile(np.eye(4), (4, 1, 1)), turned) == pytest.approx(angles, rel=1e-6)
