# SPDX-License-Identifier: GPL-3.0-or-later
"""Any camera path, written and read in any form, is the same path, as far as the form holds it."""

from __future__ import annotations

import tempfile
import warnings
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from second_unit_cameras.rays import camera_of, rays
from second_unit_cameras.text import quaternions, rotations
from second_unit_daemon.conditioning.forms import FORMS, CameraTrack, CameraWarning, Given, read_camera, write_camera

RELATIVE = {"motionctrl", "recammaster", "cosmos", "plucker_cameractrl", "plucker_seva", "plucker_wan_fun"}
NO_LENS = {"motionctrl", "recammaster", "recammaster_cameras", "cosmos", "kitti", "tum"}
NO_TIMES = RELATIVE | {"recammaster_cameras", "colmap", "lingbot", "kitti"}
SINGLE = {"recammaster", "cosmos", "lingbot", "sana_wm", "plucker_cameractrl", "plucker_seva", "plucker_wan_fun"}
SIZE = (64, 48)


@st.composite
def tracks(draw):
    count, seed = draw(st.sampled_from([5, 9])), draw(st.integers(0, 2**32 - 1))
    wild = np.random.default_rng(seed)
    poses = np.tile(np.eye(4), (count, 1, 1))
    poses[:, :3, :3] = rotations(wild.normal(size=(count, 4)))
    poses[:, :3, 3] = wild.normal(size=(count, 3)) * draw(st.sampled_from([0.01, 1.0, 100.0]))
    lens = np.tile(np.eye(3), (count, 1, 1))
    lens[:, [0, 1], [0, 1]] = wild.uniform(20, 300, (count, 2)) if draw(st.booleans()) else [80.0, 75.0]
    lens[:, :2, 2] = wild.uniform(10, 50, (count, 2)) if draw(st.booleans()) else [32.0, 24.0]
    return CameraTrack.at_rate(poses, lens, *SIZE, draw(st.sampled_from([8, 16, 24, 30])))


@pytest.mark.parametrize("form", FORMS)
@given(track=tracks())
@settings(max_examples=12, deadline=None)
def test_written_and_read_is_the_same(form, track):
    facts = Given(size=SIZE, fov_deg=60.0, fps=track.fps or 24.0)
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore", CameraWarning)
        path = Path(folder) / f"camera{FORMS[form].suffix}"
        write_camera(track, path, form)
        found = read_camera(path, form if form == "sana_wm" else None, facts)
    poses = track.relative if form in RELATIVE else track.c2w
    if form == "recammaster":
        poses = poses[::4]
    tolerance = 3e-5 if form.startswith("plucker") else 3e-6 if form in SINGLE else 1e-9
    reach = np.abs(track.c2w[:, :3, 3]).max() + 1.0
    assert np.abs(found.c2w - poses).max() <= tolerance * reach * (len(track) if form == "cosmos" else 1)
    if form not in NO_LENS:
        assert np.abs(
            found.intrinsics / track.intrinsics.clip(1) - track.intrinsics / track.intrinsics.clip(1)
        ).max() <= (max(tolerance, 1e-9) * 10)
    if form not in NO_TIMES:
        np.testing.assert_allclose(found.times_s, track.times_s, atol=1e-6)


@given(st.integers(0, 2**32 - 1))
@settings(max_examples=60, deadline=None)
def test_quaternions_are_stable_for_every_turn(seed):
    """Half turns and nearly no turns too, where formulas from the trace lose their digits."""
    wild = np.random.default_rng(seed)
    axes = wild.normal(size=(20, 3))
    axes /= np.linalg.norm(axes, axis=1, keepdims=True)
    angles = wild.choice([0.0, 1e-9, 1e-4, 1.0, np.pi - 1e-7, np.pi], 20)
    turns = rotations(np.concatenate([np.cos(angles / 2)[:, None], np.sin(angles / 2)[:, None] * axes], 1))
    np.testing.assert_allclose(rotations(quaternions(turns)), turns, atol=1e-12)


@given(tracks())
@settings(max_examples=20, deadline=None)
def test_a_camera_comes_back_from_its_rays(track):
    for pose, lens in zip(track.c2w, track.intrinsics, strict=True):
        found_pose, found_lens = camera_of(*rays(pose, lens, *SIZE))
        np.testing.assert_allclose(found_pose, pose, atol=1e-7 * (1 + np.abs(pose).max()))
        np.testing.assert_allclose(found_lens, lens, atol=1e-6 * 300)
