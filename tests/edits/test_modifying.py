# SPDX-License-Identifier: GPL-3.0-or-later
"""Clips changed inside a region: outside it the master is the clip, bit for bit, whoever made it."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from second_unit_daemon.encode.read import read_frames
from second_unit_protocol.states import JobState

from tests.edits.numbered import number_of, numbered
from tests.support.daemon import submit, wait_for
from tests.support.generating import video
from tests.support.shots import WallScene, wall_shot, wall_texture

SIZE = 96, 64


def modified(daemon, folder, *words: str) -> list[np.ndarray]:
    daemon.command("modify", *words, "--out", str(folder))
    return list(read_frames(next(folder.glob("*.master.mkv"))))


def mask_file(path, centre, radius: int = 9) -> np.ndarray:
    mask = np.zeros((SIZE[1], SIZE[0]), np.uint8)
    cv2.circle(mask, centre, radius, 255, -1)
    cv2.imwrite(str(path), mask)
    return mask > 0


def test_a_model_changes_a_region_of_any_clip_and_nothing_else(daemon, tmp_path):
    clip = tmp_path / "clip.mkv"
    frames = numbered(range(9), *SIZE)
    clip.write_bytes(video(frames, 16))
    inside = mask_file(tmp_path / "mask.png", (70, 10))
    made = modified(daemon, tmp_path / "o", str(clip), "--mask", str(tmp_path / "mask.png"), "--engine", "tiny-vace",
                    "--prompt", "a bird", "--first", "2", "--count", "5")  # fmt: skip
    assert [number_of(p) for p in made[:5]] == [2, 3, 4, 5, 6]
    for picture, clean in zip(made, frames[2:7], strict=False):
        np.testing.assert_array_equal(picture[~inside], clean[~inside])
        assert np.abs(picture[inside].astype(int) - clean[inside]).mean() > 2
    out = modified(daemon, tmp_path / "i", str(clip), "--mask", str(tmp_path / "mask.png"), "--invert", "--engine",
                   "tiny-vace", "--count", "5")  # fmt: skip
    np.testing.assert_array_equal(out[0][inside], frames[0][inside])


@pytest.fixture(scope="module")
def take(daemon, tmp_path_factory):
    folder = tmp_path_factory.mktemp("take")
    with daemon.client() as client:
        job_id = submit(client, wall_shot(13, *SIZE, references=2), folder / "blobs")
        assert wait_for(client, job_id, seconds=300).state is JobState.SUCCEEDED
    daemon.command("fetch", job_id, "--out", str(folder))
    return job_id, list(read_frames(next(folder.glob("*.master.mkv"))))


def test_a_mask_drawn_on_one_frame_follows_the_surface_and_a_painted_picture_fills_it(daemon, take, tmp_path):
    job_id, master = take
    mask_file(tmp_path / "mask.png", (30, 32))
    painted = tmp_path / "painted.png"
    cv2.imwrite(str(painted), np.full((SIZE[1], SIZE[0], 3), (30, 30, 220), np.uint8))
    made = modified(daemon, tmp_path / "o", job_id, "--mask", f"{tmp_path / 'mask.png'}@0", "--picture", f"{painted}@0")
    scene = WallScene(*SIZE, wall_texture())

    def place(frame: int) -> tuple[float, float]:
        """Where the wall's point under (30, 32) at frame 0 is seen."""
        first, eye = scene.camera(0)[:3, 3], scene.camera(frame / 12)[:3, 3]
        x = first[0] + (30.5 - SIZE[0] / 2) / SIZE[0] * -first[1]
        z = first[2] - (32.5 - SIZE[1] / 2) / SIZE[0] * -first[1]
        return (x - eye[0]) / -eye[1] * SIZE[0] + SIZE[0] / 2, -(z - eye[2]) / -eye[1] * SIZE[0] + SIZE[1] / 2

    for frame in (0, 6, 12):
        x, y = place(frame)
        if not (12 < x < SIZE[0] - 12):
            continue
        np.testing.assert_allclose(made[frame][int(y), int(x)], (220, 30, 30), atol=2)
        changed = np.abs(made[frame].astype(int) - master[frame]).max(-1) > 0
        rows, columns = np.nonzero(changed)
        assert abs(columns.mean() - x) < 1.5 and abs(rows.mean() - y) < 1.5, frame
        assert np.hypot(columns - x, rows - y).max() < 13


def test_a_model_changes_a_take_at_its_own_rate_and_also_where_its_references_are_pinned(daemon, take, tmp_path):
    job_id, master = take
    inside = mask_file(tmp_path / "mask.png", (48, 32))
    made = modified(daemon, tmp_path / "o", job_id, "--mask", str(tmp_path / "mask.png"), "--engine", "tiny-vace",
                    "--prompt", "a bird")  # fmt: skip
    assert len(made) == len(master), "a model of 16 frames a second makes each of 24"
    for picture, clean in zip(made, master, strict=True):
        np.testing.assert_array_equal(picture[~inside], clean[~inside])
        assert np.abs(picture[inside].astype(int) - clean[inside]).mean() > 2


def test_the_built_in_engine_says_that_it_has_nothing_new_to_show(daemon, take, tmp_path):
    mask_file(tmp_path / "mask.png", (48, 32))
    done = daemon.command("modify", take[0], "--mask", str(tmp_path / "mask.png"), "--prompt", "a bird", check=False)
    assert done.returncode == 1 and "invents nothing" in done.stderr


def test_a_mask_without_white_is_refused(daemon, take, tmp_path):
    cv2.imwrite(str(tmp_path / "black.png"), np.zeros((64, 96), np.uint8))
    done = daemon.command("modify", take[0], "--mask", str(tmp_path / "black.png"), check=False)
    assert done.returncode == 1 and "has no light part" in done.stderr
