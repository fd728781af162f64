# SPDX-License-Identifier: GPL-3.0-or-later
"""Commands that measure clips, as a user runs them: verify on files and on shots, more takes, which one is best."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import attrs
import cv2
import numpy as np
import pytest
from second_unit_daemon.cli import app
from second_unit_daemon.conditioning.forms import CameraTrack, write_camera
from second_unit_daemon.conditioning.shot_files import save_shot
from second_unit_protocol.errors import SecondUnitError
from second_unit_protocol.results import Adherence
from typer.testing import CliRunner

from tests.support.clips import write_clip
from tests.support.daemon import DaemonProcess, submit, wait_for
from tests.support.room import room_shot
from tests.support.shots import wall_shot

FRAMES, WIDTH, HEIGHT = 5, 320, 180
FIGURES = {f.name for f in attrs.fields(Adherence)}


def second_unit(*words: object, home: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "second_unit_daemon.cli", *map(str, words)]
    environment = os.environ | {"SECOND_UNIT_HOME": str(home)}
    return subprocess.run(command, capture_output=True, text=True, timeout=120, env=environment, check=False)


@pytest.fixture(scope="module")
def files(tmp_path_factory) -> Path:
    """A room's camera, depth and shot as files, with a true clip, one that stands still and one of another size."""
    folder = tmp_path_factory.mktemp("files")
    made = room_shot(FRAMES, WIDTH, HEIGHT, references=(0,), moving=False)
    depth = [made.room.measure(c2w, k, WIDTH, HEIGHT)[0] for c2w, k in zip(made.c2w, made.intrinsics, strict=True)]
    write_camera(CameraTrack.at_rate(made.c2w, made.intrinsics, WIDTH, HEIGHT, 24), folder / "camera.npz", "c2w_npz")
    np.save(folder / "depth.npy", np.array(depth))
    np.save(folder / "first.npy", cv2.resize(depth[0], (WIDTH // 2, HEIGHT // 2), interpolation=cv2.INTER_NEAREST))
    write_clip(folder / "true.mp4", made.truth, 24)
    write_clip(folder / "still.mp4", [made.truth[0]] * FRAMES, 24)
    write_clip(folder / "square.mp4", [np.zeros((180, 180, 3), np.uint8)] * FRAMES, 24)
    write_clip(folder / "short.mp4", made.truth[:3], 25)
    shot = made.open(folder / "blobs")
    save_shot(shot.request, shot.blob_path, folder / "shot")
    return folder


def verify(files: Path, clip: str, *words: object) -> tuple[int, dict]:
    """What the command says in this process, which has imported already what ``second_unit`` must import each time."""
    command = ["verify", *map(str, (files / clip, *words)), "--json"]
    done = CliRunner().invoke(app, command, env={"SECOND_UNIT_HOME": str(files)})
    if isinstance(done.exception, SecondUnitError):
        return done.exit_code, {"error": str(done.exception)}
    return done.exit_code, json.loads(done.stdout)


def by_files(files: Path, depth: str = "depth.npy") -> tuple[object, ...]:
    return "--camera", files / "camera.npz", "--depth", files / depth, "--size", f"{WIDTH}x{HEIGHT}"


def test_any_clip_is_measured_by_a_camera_and_depth(files):
    code, found = verify(files, "true.mp4", *by_files(files))
    assert code == 0 and found["kept"] == "keeps" and found["notes"] == []
    assert found.keys() >= FIGURES
    assert found["rot_err_rad"] < 0.01 and found["measured_on"].startswith("true.mp4")
    assert len(found["shift_curve_px"]) == len(found["lens_curve"]) == FRAMES
    assert len(found["flow_curve_px"]) == FRAMES - 1


def test_a_clip_that_stands_still_is_said_so_and_the_exit_code_tells(files, tmp_path):
    plot = tmp_path / "plots" / "still.png"
    done = second_unit("verify", files / "still.mp4", *by_files(files), "--plot", plot, home=files)
    assert done.returncode == 3
    assert done.stdout.startswith("Wrong camera: it stands still")
    picture = cv2.imread(str(plot))
    assert picture is not None and picture.shape[0] > 500 and picture.std() > 10


def test_depth_of_the_first_frame_alone_is_enough_and_may_be_of_another_size(files):
    code, found = verify(files, "true.mp4", *by_files(files, "first.npy"))
    assert code == 0 and found["kept"] == "keeps"
    assert "first frame alone" in found["notes"][0]
    assert verify(files, "still.mp4", *by_files(files, "first.npy"))[1]["fault"] == "static"


def test_a_shot_from_disk_needs_no_daemon(files):
    assert verify(files, "true.mp4", "--shot", files / "shot")[1]["kept"] == "keeps"
    code, found = verify(files, "still.mp4", "--shot", files / "shot")
    assert (code, found["kept"]) == (3, "wrong-camera")


def test_what_does_not_fit_is_said(files):
    code, found = verify(files, "short.mp4", *by_files(files))
    assert code == 0 and found["frames"] == 3
    assert any("3 frames, the camera 5" in note for note in found["notes"])
    assert any("25 fps" in note for note in found["notes"])
    np.save(files / "nothing.npy", np.zeros((HEIGHT, WIDTH), np.float32))
    for words, sentence in (
        (("square.mp4", *by_files(files)), "does not fit 320 × 180"),
        (("short.mp4", "--shot", files / "shot"), "The clip has 3 frames; the shot has 5"),
        (("true.mp4", "--camera", files / "camera.npz"), "a camera to measure the clip by, and no depth"),
        (("true.mp4",), "no camera to measure the clip by"),
        (("true.mp4", *by_files(files, "none.npy")), "none.npy is not there"),
        (("true.mp4", *by_files(files), "--depth-kind", "inverse"), "inverse is no kind of depth"),
        (("true.mp4", *by_files(files, "nothing.npy")), "nothing.npy has no distance in its first frame"),
    ):
        code, found = verify(files, *words)
        assert code == 1 and sentence in found["error"], found
    done = second_unit("verify", files / "gone.mp4", *by_files(files), "--json", home=files)
    assert done.returncode == 1 and "gone.mp4 is not at" in done.stderr


@pytest.fixture(scope="module")
def daemon(tmp_path_factory):
    with DaemonProcess(tmp_path_factory.mktemp("home")) as process:
        yield process


@pytest.fixture(scope="module")
def slow_take(daemon, tmp_path_factory) -> str:
    """A take whose model goes its camera's way at 60 % of the speed: as many per cent as its seed."""
    with daemon.client() as client:
        shot = wall_shot(6, 320, 180, engine="plates", seed=60)
        return wait_for(client, submit(client, shot, tmp_path_factory.mktemp("blobs"))).job_id[:10]


def test_more_takes_are_made_and_ranked(daemon, slow_take):
    made = json.loads(daemon.command("vary", slow_take, "--count", "2", "--seed", "99", "--json").stdout)
    assert sorted(take["result"]["seed"] for take in made) == [99, 100]
    text = daemon.command("vary", slow_take, "--count", "1").stdout
    assert "seed 61" in text and "Wrong camera" in text
    ranked = json.loads(daemon.command("rank", slow_take, "--json").stdout)
    assert [take["result"]["seed"] for take in ranked[2:]] == [61, 60] or ranked[-1]["result"]["seed"] in (60, 61)
    assert ranked[0]["result"]["adherence"]["kept"] == "keeps"
    assert daemon.command("rank", slow_take).stdout.count("best") == 1


def test_a_job_tries_the_next_seeds_and_says_so(daemon, slow_take):
    words = ("--count", "1", "--seed", "80", "--retries", "8", "--json")
    made = json.loads(daemon.command("vary", slow_take, *words).stdout)
    result = made[0]["result"]
    assert result["seed"] > 80 and result["adherence"]["kept"] in ("keeps", "drifts")
    shown = daemon.command("show", made[0]["job_id"][:10]).stdout
    assert result["adherence"]["verdict"] in shown and "measured on" in shown
    assert f"Seed {result['seed']} is retry" in shown


def test_a_take_is_verified_by_its_job(daemon, slow_take, tmp_path):
    daemon.command("fetch", slow_take, "--out", str(tmp_path))
    done = daemon.command("verify", str(next(tmp_path.glob("Wall-*.master.mkv"))), "--shot", slow_take, check=False)
    assert done.returncode == 3 and "Wrong camera" in done.stdout, done.stdout + done.stderr
