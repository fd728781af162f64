# SPDX-License-Identifier: GPL-3.0-or-later
"""From one clip into the next: known frames stay bit for bit, the gap is made, joins lie on the frame."""

from __future__ import annotations

import json

import numpy as np
import pytest
from second_unit_daemon.encode.read import read_frames

from tests.edits.numbered import number_of, numbered
from tests.support.generating import video

SIZE = 96, 64


@pytest.fixture(scope="module")
def clips(tmp_path_factory):
    """Two clips with numbered frames: 0 … 19 and 100 … 119."""
    folder = tmp_path_factory.mktemp("clips")
    paths = folder / "a.mkv", folder / "b.mkv"
    for path, first in zip(paths, (0, 100), strict=True):
        path.write_bytes(video(numbered(range(first, first + 20), *SIZE), 24))
    return tuple(map(str, paths))


def bridged(daemon, folder, *words: str) -> tuple[list[np.ndarray], dict]:
    daemon.command("bridge", *words, "--out", str(folder))
    facts = json.loads(next(folder.glob("*.json")).read_text())
    return list(read_frames(next(folder.glob("*.master.mkv")))), facts


def test_a_gap_is_morphed_and_the_clips_beside_it_stay(daemon, clips, tmp_path):
    made, facts = bridged(daemon, tmp_path, *clips, "--frames", "5", "--place", "31", "--trim", "0:18", "--trim", "2")
    assert [number_of(p) for p in made[:8]] == list(range(10, 18))
    assert [number_of(p) for p in made[13:]] == list(range(102, 110))
    for place, expected in zip((0, 20), numbered((10, 109), *SIZE), strict=True):
        np.testing.assert_array_equal(made[place], expected)
    assert facts["delivery"]["first"] == 23 and facts["delivery"]["handle_before"] == 8
    means = [p.mean() for p in made[7:14]]
    steps = np.abs(np.diff(means))
    assert steps.max() < abs(means[-1] - means[0]), "it goes over, it does not jump"


def test_a_model_fills_the_gap_from_the_frames_beside_it_and_leaves_those_alone(daemon, clips, tmp_path):
    words = ("--frames", "5", "--engine", "tiny-vace", "--rate", "16", "--prompt", "fog")
    made, facts = bridged(daemon, tmp_path, *clips, *words)
    assert [number_of(p) for p in made[:8]] == list(range(12, 20))
    assert [number_of(p) for p in made[13:21]] == list(range(100, 108))
    assert {"edited_clip", "region"} <= set(facts["takes"])


def test_a_model_of_first_and_last_frames_gets_the_two_beside_the_gap(daemon, clips, tmp_path):
    words = ("--frames", "3", "--engine", "tiny-image", "--rate", "16")
    made, facts = bridged(daemon, tmp_path, *clips, *words)
    assert len(made) == 5 and facts["delivery"]["handle_before"] == 1
    assert facts["made_with"]["mode"] == "first and last frame"
    assert [r["scene_frame"] for r in facts["inputs"]["references"]] == [0.0, 4.0]


def test_an_engine_that_cannot_meet_two_clips_says_so(daemon, clips):
    done = daemon.command("bridge", *clips, "--engine", "tiny-text", check=False)
    assert done.returncode == 1 and "cannot meet two clips" in done.stderr


def test_clips_are_stitched_to_the_frame_and_dissolve_over_what_they_share(daemon, clips, tmp_path):
    hard = tmp_path / "hard.mkv"
    daemon.command("stitch", *clips, "--out", str(hard), "--trim", "5:10")
    assert [number_of(p) for p in read_frames(hard)] == [*range(5, 15), *range(100, 120)]
    soft = tmp_path / "soft.mkv"
    daemon.command("stitch", *clips, "--out", str(soft), "--overlap", "4")
    frames = list(read_frames(soft))
    assert len(frames) == 36
    assert [number_of(p) for p in (*frames[:16], *frames[20:])] == [*range(16), *range(104, 120)]
    a, b = numbered((17, 101), *SIZE)
    np.testing.assert_allclose(frames[17], a * 0.6 + b * 0.4, atol=1)


def test_clips_that_cannot_be_stitched_are_refused(daemon, clips, tmp_path):
    other = tmp_path / "other.mkv"
    other.write_bytes(video(numbered(range(5), *SIZE), 30))
    done = daemon.command("stitch", clips[0], str(other), "--out", str(tmp_path / "x.mkv"), check=False)
    assert done.returncode == 1 and "at 30 frames a second" in done.stderr and not (tmp_path / "x.mkv").exists()
    daemon.command("stitch", clips[0], str(other), "--out", str(tmp_path / "x.mkv"), "--rate", "25")
    assert len(list(read_frames(tmp_path / "x.mkv"))) == 25
    done = daemon.command("stitch", *clips, "--out", str(tmp_path / "y.mkv"), "--overlap", "30", check=False)
    assert done.returncode == 1 and "has 20 frames" in done.stderr
