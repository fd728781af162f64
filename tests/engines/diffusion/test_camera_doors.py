# SPDX-License-Identifier: GPL-3.0-or-later
"""One RealEstate10K path at the doors of three families, against numbers worked out from the published forms."""

from __future__ import annotations

import numpy as np
import pytest
from attrs import evolve
from second_unit_cameras import read_camera
from second_unit_cameras.form import Given
from second_unit_daemon import devices
from second_unit_daemon.conditioning.shot_data import pack_array
from second_unit_daemon.engines.diffusion.family import Window
from second_unit_daemon.jobs.admission import plan_request_of
from second_unit_protocol.shot import CameraPath

# RealEstate10K: microseconds, fx fy cx cy over width and height, two zeros, world-to-camera rows. Frame 1 stands one
# metre along +x, turned by +90° about y; frame 2 one metre along -z from there, turned once more. World-to-camera of
# a turn of +90° about y is [[0, 0, -1], [0, 1, 0], [1, 0, 0]]; t = -Rᵀc = (0, 0, -1) for the centre c = (1, 0, 0).
PATH = """https://example.invalid/path
0 1.0 1.0 0.5 0.5 0 0 1 0 0 0 0 1 0 0 0 0 1 0
62500 1.0 1.0 0.5 0.5 0 0 0 0 -1 0 0 1 0 0 1 0 0 -1
125000 1.0 1.0 0.5 0.5 0 0 -1 0 0 1 0 1 0 0 0 0 -1 -1
187500 1.0 1.0 0.5 0.5 0 0 -1 0 0 1 0 1 0 0 0 0 -1 -1
250000 1.0 1.0 0.5 0.5 0 0 -1 0 0 1 0 1 0 0 0 0 -1 -1
"""


@pytest.fixture(scope="module")
def track(tmp_path_factory):
    path = tmp_path_factory.mktemp("path") / "path.txt"
    path.write_text(PATH, "utf-8")
    return read_camera(path, "realestate10k", Given(size=(64, 64)))


def door_of(studio, engine: str, track):
    shot = studio.shot(engine, frames=5)
    camera = CameraPath(pack_array(track.c2w), pack_array(track.intrinsics))
    data = studio.data(shot, camera=camera)
    made = studio.engine(engine)
    made.plan(plan_request_of(data.request), devices.cpu())
    return made.family.door(data, made.decision, Window(0, 5), None).arguments


def test_cosmos3_gets_a_step_between_every_two_frames(studio, track):
    moves = door_of(studio, "tiny-cosmos3", track)["action"].moves
    # T0⁻¹T1: one metre to the right, turned +90° about y (columns (0, 0, -1), (0, 1, 0)). T1⁻¹T2: the world's move from
    # (1, 0, 0) to (1, 0, -1), seen from frame 1, is (1, 0, 0); the turn is the same. Then nothing moves.
    turned, still = [1, 0, 0, 0, 0, -1, 0, 1, 0], [0, 0, 0, 1, 0, 0, 0, 1, 0]
    np.testing.assert_allclose(moves, [turned, turned, still, still], atol=1e-6)
    assert moves.dtype == np.float32


def test_easyanimate_gets_cameractrls_rays(studio, track):
    rays = door_of(studio, "tiny-easyanimate", track)["control_camera_video"]
    assert rays.shape == (1, 6, 5, 64, 64) and rays.dtype == np.float32
    # Pixel (32, 32) has its centre at 32.5: x = y = 0.5 / 64. Frame 0 stands at the origin: no moment.
    unit = np.array([0.5 / 64, 0.5 / 64, 1.0]) / np.sqrt(1 + 2 * (0.5 / 64) ** 2)
    np.testing.assert_allclose(rays[0, :, 0, 32, 32], [0, 0, 0, *unit], atol=1e-6)
    # Frame 1 looks along +x: d = (z, y, -x); o = (1, 0, 0), so o × d = (0, -d_z, d_y) = (0, x, y).
    x, y, z = unit
    np.testing.assert_allclose(rays[0, :, 1, 32, 32], [0, x, y, z, y, -x], atol=1e-6)


def test_sana_wm_gets_poses_and_fx_fy_cx_cy(studio, track):
    given = door_of(studio, "tiny-sana", track)
    np.testing.assert_allclose(given["c2w"][1], [[0, 0, 1, 1], [0, 1, 0, 0], [-1, 0, 0, 0], [0, 0, 0, 1]], atol=1e-6)
    np.testing.assert_allclose(given["intrinsics"][1], [64, 64, 32, 32])


def test_metres_can_be_scaled(studio, track):
    shot = studio.shot("tiny-cosmos3", frames=5)
    half = evolve(shot.request, options={"scene_scale": 0.5})
    shot = evolve(shot, request=half)
    data = studio.data(shot, camera=CameraPath(pack_array(track.c2w), pack_array(track.intrinsics)))
    engine = studio.engine("tiny-cosmos3")
    engine.plan(plan_request_of(data.request), devices.cpu())
    moves = engine.family.door(data, engine.decision, Window(0, 5), None).arguments["action"].moves
    np.testing.assert_allclose(moves[0], [0.5, 0, 0, 0, 0, -1, 0, 1, 0], atol=1e-6)
