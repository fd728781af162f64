# SPDX-License-Identifier: GPL-3.0-or-later
"""Camera forms against numbers worked out by hand from the forms' sources, and what a person reads when one is wrong.

The path of most tests: a picture of 200 × 100, focal 100 px (90° across), the first camera at the origin of a world
with OpenCV axes; the second is 2 m to the right and 1 m ahead, and has turned 90° to the right (it looks along +x).
"""

from __future__ import annotations

import json
import warnings

import numpy as np
import pytest
from second_unit_cameras import CameraFileError
from second_unit_daemon.cli import app
from second_unit_daemon.conditioning.forms import (
    FORMS,
    CameraTrack,
    CameraWarning,
    Given,
    find_form,
    read_camera,
    write_camera,
)
from second_unit_protocol.errors import SecondUnitError
from typer.testing import CliRunner

LENS = [[100.0, 0, 100], [0, 100, 50], [0, 0, 1]]
# Columns are the camera's right, down and forward: its right is the world's -z, its forward the world's x.
TURNED = [[0.0, 0, 1, 2], [0, 1, 0, 0], [-1, 0, 0, 1], [0, 0, 0, 1]]
# Its inverse: x' = -(z - 1), y' = y, z' = x - 2.
TURNED_W2C = [[0.0, 0, -1, 1], [0, 1, 0, 0], [1, 0, 0, -2], [0, 0, 0, 1]]
TRACK = CameraTrack.at_rate([np.eye(4), TURNED], LENS, 200, 100, fps=8)
GIVEN = Given(size=(200, 100), fov_deg=90.0, fps=8)


def written(tmp_path, form, track=TRACK):
    path = tmp_path / f"camera{FORMS[form].suffix}"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", CameraWarning)
        write_camera(track, path, form)
    return path


def close(found, expected):
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-6)


def test_realestate10k_is_a_url_then_19_columns_of_world_to_camera(tmp_path):
    first, *rows = written(tmp_path, "realestate10k").read_text().splitlines()
    assert first.startswith("https://")
    # Microseconds; fx/w = 100/200, fy/h = 100/100, cx/w, cy/h; two zeros; w2c row by row.
    close(
        [[float(word) for word in row.split()] for row in rows],
        [
            [0, 0.5, 1.0, 0.5, 0.5, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0],
            [125000, 0.5, 1.0, 0.5, 0.5, 0, 0, 0, 0, -1, 1, 0, 1, 0, 0, 1, 0, 0, -2],
        ],
    )


def test_transforms_json_has_opengl_axes(tmp_path):
    whole = json.loads(written(tmp_path, "transforms_json").read_text())
    close([whole[name] for name in ("w", "h", "fl_x", "fl_y", "cx", "cy")], [200, 100, 100, 100, 100, 50])
    close(whole["camera_angle_x"], np.pi / 2)
    # OpenGL's camera looks along -z with y up: second and third columns change sign.
    close(
        [frame["transform_matrix"] for frame in whole["frames"]],
        [
            [[1, 0, 0, 0], [0, -1, 0, 0], [0, 0, -1, 0], [0, 0, 0, 1]],
            [[0, 0, -1, 2], [0, -1, 0, 0], [-1, 0, 0, 1], [0, 0, 0, 1]],
        ],
    )


def test_colmap_has_world_to_camera_quaternions(tmp_path):
    folder = written(tmp_path, "colmap")
    cameras = [line for line in (folder / "cameras.txt").read_text().splitlines() if line[0] != "#"]
    assert cameras == ["1 PINHOLE 200 100 100.0 100.0 100.0 50.0"]
    lines = [line for line in (folder / "images.txt").read_text().splitlines() if not line.startswith("#")]
    assert lines[1::2] == ["", ""], "each image's line of points is empty"
    half = np.sqrt(0.5)  # w2c turns by -90° about y: (cos 45°, 0, -sin 45°, 0)
    close([float(word) for word in lines[0].split()[1:8]], [1, 0, 0, 0, 0, 0, 0])
    close([float(word) for word in lines[2].split()[1:8]], [half, 0, -half, 0, 1, 0, -2])
    assert lines[2].split()[8:] == ["1", "frame_0002.png"]


def test_colmap_reads_what_colmap_writes(tmp_path):
    """Distortion is said to be lost, images stand in any order, points follow each."""
    (tmp_path / "cameras.txt").write_text("# comment\n7 SIMPLE_RADIAL 200 100 100 100 50 0.01\n")
    (tmp_path / "images.txt").write_text(
        "# comment\n"
        "5 0.70710678118 0 -0.70710678118 0 1 0 -2 7 shot/img 10.png\n1.0 2.0 -1 3.0 4.0 12\n"
        "2 1 0 0 0 0 0 0 7 shot/img 9.png\n\n"
    )
    with pytest.warns(CameraWarning, match="distortion"):
        track = read_camera(tmp_path, None, Given(fps=8))
    close(track.c2w, TRACK.c2w)
    close(track.intrinsics, TRACK.intrinsics)


def test_motionctrl_moves_the_world_against_the_camera(tmp_path):
    close(
        json.loads(written(tmp_path, "motionctrl").read_text()),
        [[1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0], [0, 0, -1, 1, 0, 1, 0, 0, 1, 0, 0, -2]],
    )


def test_motionctrl_reads_a_published_path(tmp_path):
    """``test_camera_R_1.0x.json`` of its repository: to the right by 0.1125 a frame."""
    path = tmp_path / "camera.json"
    path.write_text(json.dumps([[1, 0, 0, -0.1125 * i, 0, 1, 0, 0, 0, 0, 1, 0] for i in range(16)]))
    track = read_camera(path, None, GIVEN)
    close(track.c2w[:, :3, 3], [[0.1125 * i, 0, 0] for i in range(16)])


def test_recammaster_keeps_every_fourth_camera_to_world(tmp_path):
    path = np.tile(np.eye(4), (9, 1, 1))
    path[:, 0, 3] = np.arange(9) + 5.0
    path[4] = TURNED
    rows = np.load(written(tmp_path, "recammaster", CameraTrack.at_rate(path, LENS, 200, 100, 8)))
    assert rows.dtype == np.float32
    # Relative to frame 0, which stands at x = 5.
    close(
        rows,
        [
            [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0],
            [0, 0, 1, -3, 0, 1, 0, 0, -1, 0, 0, 1],
            [1, 0, 0, 8, 0, 1, 0, 0, 0, 0, 1, 0],
        ],
    )


def test_recammaster_cameras_as_its_own_code_reads_them(tmp_path):
    """Its steps: transpose, take columns 1 2 0 3, negate the second, centimetres to metres; then relative."""
    whole = json.loads(written(tmp_path, "recammaster_cameras").read_text())
    found = []
    for frame in ("frame0", "frame1"):
        text = whole[frame]["cam01"]
        rows = [[float(word) for word in row.strip("[] ").split()] for row in text.strip().split("] [")]
        c2w = np.array(rows).T[:, [1, 2, 0, 3]]
        c2w[:3, 1] *= -1
        c2w[:3, 3] /= 100
        found.append(c2w)
    close(np.linalg.inv(found[0]) @ found[1], TURNED)


def test_recammaster_cameras_are_unreals(tmp_path):
    """A camera that looks along Unreal's x from 1 m up: rows are forward, right, up and place in centimetres."""
    path = tmp_path / "camera_extrinsics.json"
    path.write_text(json.dumps({"frame0": {"cam03": "[1 0 0 0] [0 1 0 0] [0 0 1 0] [0 0 100 1] "}}))
    track = read_camera(path, None, Given(size=(200, 100), fov_deg=90, camera="cam03"))
    # In the right-handed world (y mirrored, z up): right is -y, down is -z, forward is x.
    close(track.c2w[0], [[0, 0, 1, 0], [-1, 0, 0, 0], [0, -1, 0, 1], [0, 0, 0, 1]])


def test_cosmos_steps_from_frame_to_frame(tmp_path):
    path = [np.eye(4), TURNED, np.array(TURNED) @ TURNED]
    steps = np.load(written(tmp_path, "cosmos", CameraTrack.at_rate(path, LENS, 200, 100, 8)))
    assert steps.dtype == np.float32
    # Both steps are the same move in the camera's own axes: translation, first column, second column.
    close(steps, [[2, 0, 1, 0, 0, -1, 0, 1, 0]] * 2)


def test_lingbot_scales_the_lens_to_832_by_480(tmp_path):
    folder = written(tmp_path, "lingbot")
    close(np.load(folder / "poses.npy"), [np.eye(4), TURNED])
    close(np.load(folder / "intrinsics.npy"), [[416, 480, 416, 240]] * 2)
    close(read_camera(folder, None, Given(size=(200, 100))).intrinsics, TRACK.intrinsics)


def test_sana_wm_has_the_arrays_of_its_pipeline(tmp_path):
    with np.load(written(tmp_path, "sana_wm")) as arrays:
        close(arrays["c2w"], [np.eye(4), TURNED])
        close(arrays["intrinsics"], [[100, 100, 100, 50]] * 2)


def test_npz_forms(tmp_path):
    with np.load(written(tmp_path, "w2c_npz")) as arrays:
        close(arrays["w2c"][1], TURNED_W2C)
        close(arrays["intrinsics"][1], LENS)
    with np.load(written(tmp_path, "c2w_npz")) as arrays:
        close(arrays["c2w"][1], TURNED)


@pytest.mark.parametrize(("pose", "lens"), [("cam_c2w", "intrinsic"), ("c2w", "K")])
def test_npz_of_other_programs(tmp_path, pose, lens):
    """MegaSaM's names; 3 × 4 poses; one lens for all frames; no size in the file."""
    np.savez(tmp_path / "a.npz", **{pose: np.array([np.eye(4), TURNED])[:, :3], lens: np.array(LENS)})
    with pytest.raises(SecondUnitError, match="Give its size"):
        read_camera(tmp_path / "a.npz")
    track = read_camera(tmp_path / "a.npz", None, Given(size=(200, 100)))
    close(track.c2w, TRACK.c2w)
    close(track.intrinsics, TRACK.intrinsics)


def test_kitti_and_tum_are_camera_to_world(tmp_path):
    rows = np.loadtxt(written(tmp_path, "kitti"))
    close(rows[1], [0, 0, 1, 2, 0, 1, 0, 0, -1, 0, 0, 1])
    half = np.sqrt(0.5)
    close(np.loadtxt(written(tmp_path, "tum")), [[0, 0, 0, 0, 0, 0, 0, 1], [0.125, 2, 0, 1, 0, half, 0, half]])


def test_plucker_of_cameractrl(tmp_path):
    rays = np.load(written(tmp_path, "plucker_cameractrl"))
    assert rays.shape == (2, 6, 100, 200)
    assert rays.dtype == np.float32
    # Pixel (0, 0): its centre is at (0.5, 0.5), so the ray is (-0.995, -0.495, 1); o = 0 in the first frame.
    length = np.sqrt(0.995**2 + 0.495**2 + 1)
    close(rays[0, :, 0, 0], [0, 0, 0, -0.995 / length, -0.495 / length, 1 / length])
    # In frame 1 that ray is right·-0.995 + down·-0.495 + forward = (1, -0.495, 0.995), and o = (2, 0, 1):
    # o × d = (0·0.995 - 1·-0.495, 1·1 - 2·0.995, 2·-0.495 - 0·1).
    close(rays[1, :, 0, 0], np.array([0.495, -0.99, -0.99, 1, -0.495, 0.995]) / length)


def test_plucker_of_seva_is_an_eighth_and_has_directions_first(tmp_path):
    track = CameraTrack.at_rate([np.eye(4), TURNED], [[100.0, 0, 96], [0, 100, 48], [0, 0, 1]], 192, 96, 8)
    rays = np.load(written(tmp_path, "plucker_seva", track))
    assert rays.shape == (2, 6, 12, 24)
    # A pixel is 8 × 8 of the picture's: its centre is at (4, 4) of those, so the ray is (-0.92, -0.44, 1).
    length = np.sqrt(0.92**2 + 0.44**2 + 1)
    close(rays[0, :, 0, 0], np.array([-0.92, -0.44, 1, 0, 0, 0]) / length)
    close(rays[1, :, 0, 0], np.array([1, -0.44, 0.92, 0.44, 1 - 2 * 0.92, -0.88]) / length)


def test_wan_fun_packs_four_frames_into_24_channels(tmp_path):
    poses = np.tile(np.eye(4), (5, 1, 1))
    poses[:, 2, 3] = np.arange(5)  # one metre ahead a frame
    packed = np.load(written(tmp_path, "plucker_wan_fun", CameraTrack.at_rate(poses, LENS, 200, 100, 8)))
    assert packed.shape == (24, 2, 100, 200)
    length = np.sqrt(0.995**2 + 0.495**2 + 1)
    # o = (0, 0, n), d ∥ (-0.995, -0.495, 1): the moment's x is -n·d_y = 0.495 n / length, channels 0 … 3 of 24.
    close(packed[:4, 0, 0, 0], [0, 0, 0, 0])
    close(packed[:4, 1, 0, 0], np.array([1, 2, 3, 4]) * 0.495 / length)
    close(packed[20:, 1, 0, 0], np.array([1, 1, 1, 1]) / length)  # d_z
    with pytest.raises(SecondUnitError, match=r"4k\+1"):
        write_camera(TRACK, tmp_path / "b.npy", "plucker_wan_fun")


def test_a_nerf_scene_with_an_angle_alone(tmp_path):
    path = tmp_path / "transforms.json"
    frames = [{"file_path": f"./train/r_{i}", "transform_matrix": (np.eye(4) * [1, 1, 1, 1]).tolist()} for i in (10, 9)]
    frames[0]["transform_matrix"][0][3] = 7.0
    path.write_text(json.dumps({"camera_angle_x": 2 * np.arctan(0.5), "frames": frames}))
    track = read_camera(path, None, Given(size=(200, 100)))
    close(track.intrinsics[0], [[200, 0, 100], [0, 200, 50], [0, 0, 1]])
    close(track.c2w[:, 0, 3], [0, 7])  # r_9 comes before r_10


def test_scale_makes_metres(tmp_path):
    path = written(tmp_path, "kitti")
    close(read_camera(path, None, Given(size=(200, 100), fov_deg=90, scale=0.01)).c2w[1, :3, 3], [0.02, 0, 0.01])


def test_what_a_form_cannot_hold_is_said(tmp_path):
    with pytest.warns(CameraWarning) as said:
        write_camera(TRACK, tmp_path / "a.json", "motionctrl")
    text = " ".join(str(warning.message) for warning in said)
    assert "relative to the first frame" in text
    assert "lens" in text


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("a.txt", "what is this\n", "cannot be told"),
        ("a.json", "{", "cannot be told"),
        ("a.npz", "no zip", "cannot be told"),
        ("a.npy", "no array", "cannot be told"),
    ],
)
def test_what_is_no_camera_is_refused(tmp_path, name, content, words):
    (tmp_path / name).write_text(content)
    with pytest.raises(SecondUnitError, match=words):
        read_camera(tmp_path / name)


@pytest.mark.parametrize("form", FORMS)
def test_every_form_refuses_rubbish_in_words(tmp_path, form):
    path = tmp_path / f"rubbish{FORMS[form].suffix}"
    if FORMS[form].suffix:
        path.write_bytes(b"\x00\x01 rubbish [1, 2]")
    else:
        path.mkdir()
        for name in ("cameras.txt", "images.txt", "poses.npy", "intrinsics.npy"):
            (path / name).write_bytes(b"\x00 rubbish")
    with pytest.raises(SecondUnitError, match=r"cannot be read as") as caught:
        read_camera(path, form, GIVEN)
    assert path.name in str(caught.value)


@pytest.mark.parametrize(
    ("form", "content", "words"),
    [
        ("recammaster_cameras", b'[1, "a", null]', "cannot be read as"),
        ("transforms_json", b"[" * 5000, "cannot be read as"),
        ("cosmos", b"\x93NUMPY\x01\x00\x0a\x00{'descr': (\n", "cannot be read as"),
        ("kitti", b"\n", "has no poses"),
    ],
)
def test_a_file_that_is_broken_inside_is_refused_in_words(tmp_path, form, content, words):
    path = tmp_path / f"broken{FORMS[form].suffix}"
    path.write_bytes(content)
    with pytest.raises(SecondUnitError, match=words):
        read_camera(path, form, GIVEN)


def test_rays_give_a_lens_back_without_a_word_on_skew(tmp_path, recwarn):
    path = written(tmp_path, "plucker_seva", TRACK.resized(208, 104))
    write_camera(read_camera(path, "plucker_seva"), tmp_path / "a.npz", "c2w_npz")
    assert not [said for said in recwarn if "skew" in str(said.message)]


def test_a_lens_that_both_forms_lose_is_not_asked_for(tmp_path):
    out = tmp_path / "out.txt"
    done = CliRunner().invoke(app, ["camera", "convert", str(written(tmp_path, "kitti")), str(out), "--to", "tum"])
    assert done.exit_code == 0, done.output
    assert len(out.read_text("utf-8").splitlines()) == len(TRACK)


def test_a_mirrored_or_empty_path_is_no_camera():
    for poses in (np.zeros((0, 4, 4)), np.diag([1.0, 1, -1, 1])[None], np.diag([2.0, 2, 2, 1])[None]):
        with pytest.raises(CameraFileError, match=r"path|rotation"):
            CameraTrack.at_rate(poses, LENS, 200, 100, 24)


def test_pickles_are_never_opened(tmp_path):
    np.save(tmp_path / "evil.npy", np.array([{"a": 1}], dtype=object))
    for form in ("cosmos", "recammaster", "plucker_seva"):
        with pytest.raises(SecondUnitError, match="cannot be read"):
            read_camera(tmp_path / "evil.npy", form, GIVEN)


def test_plucker_without_a_word_on_whose_is_cameractrls():
    assert find_form("plucker") is find_form("Plucker-CameraCtrl") is FORMS["plucker_cameractrl"]
