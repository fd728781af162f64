# SPDX-License-Identifier: GPL-3.0-or-later
"""Going on from takes and clips with a real daemon: frame by frame the known ones, then the continuing camera."""

from __future__ import annotations

import json
from fractions import Fraction

import numpy as np
import pytest
from second_unit_daemon.edits.ground import going_on
from second_unit_daemon.encode.read import probe, read_frames
from second_unit_protocol.states import JobState

from tests.support.daemon import submit, wait_for
from tests.support.generating import video
from tests.support.projecting import psnr_db
from tests.support.room import look_at
from tests.support.shots import WallScene, wall_shot, wall_texture

FRAMES, WIDTH, HEIGHT = 25, 96, 64


@pytest.fixture(scope="module")
def take(daemon, tmp_path_factory):
    """A take of the wall's first second; the job's id, and its master's frames."""
    folder = tmp_path_factory.mktemp("take")
    with daemon.client() as client:
        job_id = submit(client, wall_shot(FRAMES, WIDTH, HEIGHT, references=2), folder / "blobs")
        assert wait_for(client, job_id, seconds=300).state is JobState.SUCCEEDED
    daemon.command("fetch", job_id, "--out", str(folder))
    return job_id, list(read_frames(next(folder.glob("*.master.mkv"))))


def extended(daemon, folder, *words: str) -> list[np.ndarray]:
    """The extension's master."""
    daemon.command("extend", *words, "--out", str(folder))
    return list(read_frames(next(folder.glob("*.master.mkv"))))


def facts_beside(folder) -> dict:
    return json.loads(next(folder.glob("*.json")).read_text())


def truth(frame: int) -> np.ndarray:
    """The wall as the take's camera, going on at its speed, sees it at a clip frame."""
    return WallScene(WIDTH, HEIGHT, wall_texture()).view(frame / (FRAMES - 1)).colour


def test_a_take_goes_on_from_its_masters_last_frames_along_the_continuing_camera(daemon, take, tmp_path):
    job_id, master = take
    made = extended(daemon, tmp_path, job_id, "--seconds", "0.5")
    facts = facts_beside(tmp_path)
    assert facts["delivery"]["first"] == 9 and facts["delivery"]["last"] == 37 and len(made) == 29
    assert facts["delivery"]["handle_before"] == 9, "eight frames go over into the new ones, the rest is hidden"
    for place in range(17):
        np.testing.assert_array_equal(made[place], master[8 + place])
    for place in range(17, 29):
        assert psnr_db(made[place], truth(8 + place)) > 24, place
    assert facts["lineage"]["edit"] == "extend" and facts["lineage"]["parents"] == [job_id]


def test_a_take_goes_back_before_its_first_frame(daemon, take, tmp_path):
    job_id, master = take
    made = extended(daemon, tmp_path, job_id, "--seconds", "0.25", "--back")
    facts = facts_beside(tmp_path)
    assert facts["delivery"]["first"] == -5 and facts["delivery"]["last"] == 17
    assert facts["delivery"]["handle_after"] == 9
    for place in range(17):
        np.testing.assert_array_equal(made[6 + place], master[place])
    for place in range(6):
        assert psnr_db(made[place], truth(place - 6)) > 24, place


def panned(count: int, step: int = 3) -> list[np.ndarray]:
    """A picture that slides to the left by ``step`` pixels a frame."""
    wide = wall_texture(512)[100 : 100 + HEIGHT]
    return [np.ascontiguousarray(wide[:, step * n : step * n + WIDTH]) for n in range(count)]


def test_any_clip_goes_on_as_its_picture_moved(daemon, tmp_path):
    clip = tmp_path / "clip.mkv"
    pictures = panned(30)
    clip.write_bytes(video(pictures[:20], 25))
    made = extended(daemon, tmp_path / "out", str(clip), "--seconds", "0.2")
    assert len(made) == 17 + 5
    for place in range(17):
        np.testing.assert_array_equal(made[place], pictures[3 + place])
    for place in range(17, 22):
        moved = slice(0, WIDTH - 3 * (place - 16) - 2)
        assert psnr_db(made[place][:, moved], pictures[3 + place][:, moved]) > 24, "its picture slides on"
    assert probe(next((tmp_path / "out").glob("*.master.mkv"))).rate.fraction == Fraction(25)


def test_of_a_trimmed_clip_that_is_played_backwards_the_seen_frames_count(daemon, tmp_path):
    clip = tmp_path / "clip.mkv"
    pictures = panned(20)
    clip.write_bytes(video(pictures, 25))
    words = ("--first", "4", "--count", "10", "--backwards", "--seconds", "0.2", "--place", "101", "--rate", "24")
    made = extended(daemon, tmp_path / "out", str(clip), *words)
    seen = pictures[4:14][::-1]
    for place in range(10):
        np.testing.assert_array_equal(made[place], seen[place])
    assert facts_beside(tmp_path / "out")["delivery"] == {
        "first": 101, "last": 115, "rate": {"num": 24, "den": 1}, "handle_before": 5, "handle_after": 0,
    }  # fmt: skip


def test_an_orbit_goes_on_as_an_orbit():
    def at(angle: float) -> np.ndarray:
        return look_at((5 * np.sin(angle), -5 * np.cos(angle), 1.0), (0, 0, 1.0))

    poses = np.array([at(0.02 * n) for n in range(12)])
    for position in (11.5, 20, -7):
        np.testing.assert_allclose(going_on(poses[None], position)[0], at(0.02 * position), atol=1e-3)


def test_what_cannot_be_is_said(daemon, take, tmp_path):
    done = daemon.command("extend", take[0], "--seconds", "0.001", check=False)
    assert done.returncode == 1 and "are no frame" in done.stderr
    gone = daemon.command("extend", "nowhere.mp4", check=False)
    assert gone.returncode == 1 and "nowhere.mp4 is not there. Check the path" in gone.stderr
